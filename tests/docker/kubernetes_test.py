#!/usr/bin/env python3
"""What docker/kubernetes builds: valid, and in itself consistent."""

import json
import subprocess
import unittest

from support import ROOT, other_clients

FOLDER = ROOT / "docker" / "kubernetes"
TOOLS = other_clients.FOLDER / "kubernetes"
BUILDS = ("base", "overlays/queue-seconds", "overlays/prometheus-operator", "overlays/kserve")


def build(name):
    return other_clients.run([TOOLS / "bin" / "kustomize", "build", FOLDER / name])


def check(text):
    """Of each object of `text` what check_manifests.py says."""
    done = subprocess.run([other_clients.python("kubernetes"), ROOT / "tests/docker/check_manifests.py",
                           TOOLS / "crds"], input=text, capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


class KubernetesTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.texts = {name: build(name) for name in BUILDS}
        checks = check("\n---\n".join(cls.texts.values()))
        cls.objects, cls.checks = {}, []
        for name, text in cls.texts.items():
            count = text.count("\nkind: ")
            cls.objects[name] = {each["object"]["kind"]: each["object"] for each in checks[:count]}
            cls.checks += [(name, each) for each in checks[:count]]
            checks = checks[count:]
        cls.base = cls.objects["base"]

    def test_every_object_is_valid_and_one_with_a_misspelt_field_is_not(self):
        kinds = set()
        for name, each in self.checks:
            kinds.add(each["object"]["kind"])
            with self.subTest(name, kind=each["object"]["kind"]):
                self.assertIsNone(each["error"])
                self.assertIn("misspelt", each["error_misspelt"] or "")
        self.assertEqual(kinds, {"PersistentVolumeClaim", "Deployment", "Service", "PodDisruptionBudget",
                                 "HorizontalPodAutoscaler", "ServiceMonitor", "NetworkPolicy", "ServingRuntime",
                                 "InferenceService"})

    def test_selectors_find_the_pods(self):
        labels = self.base["Deployment"]["spec"]["template"]["metadata"]["labels"]
        self.assertTrue(labels)
        for selector in (self.base["Deployment"]["spec"]["selector"]["matchLabels"],
                         self.base["Service"]["spec"]["selector"],
                         self.base["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
                         self.base["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
                         *(each["labelSelector"]["matchLabels"] for each in
                           self.base["Deployment"]["spec"]["template"]["spec"]["topologySpreadConstraints"])):
            self.assertEqual(selector, labels)

    def test_names_of_ports_lead_to_ports(self):
        (container,) = self.base["Deployment"]["spec"]["template"]["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        self.assertEqual(ports, {"grpc": 8001, "http": 8002})
        for port in self.base["Service"]["spec"]["ports"]:
            self.assertEqual(port["port"], ports[port["targetPort"]])
        for rule in self.base["NetworkPolicy"]["spec"]["ingress"]:
            for port in rule["ports"]:
                self.assertIn(port["port"], ports)
        monitor = self.objects["overlays/prometheus-operator"]["ServiceMonitor"]["spec"]
        service = self.objects["overlays/prometheus-operator"]["Service"]
        self.assertEqual(monitor["selector"]["matchLabels"], service["metadata"]["labels"])
        self.assertIn(monitor["endpoints"][0]["port"], [port["name"] for port in service["spec"]["ports"]])

    def test_the_grace_is_longer_than_drain_and_shutdown(self):
        pod = self.base["Deployment"]["spec"]["template"]["spec"]
        variables = {each["name"]: each["value"] for each in pod["containers"][0]["env"]}
        shutdown = float(variables.get("CONVOY_SHUTDOWN_SECONDS", 10))
        self.assertGreater(pod["terminationGracePeriodSeconds"],
                           float(variables["CONVOY_DRAIN_SECONDS"]) + shutdown)

    def test_the_overlay_scales_by_what_waits_instead_of_by_processors(self):
        (metric,) = self.objects["overlays/queue-seconds"]["HorizontalPodAutoscaler"]["spec"]["metrics"]
        self.assertEqual(metric["pods"]["metric"]["name"], "convoy_queue_seconds")
        self.assertIn("`convoy_queue_seconds`", (ROOT / "docs" / "metrics.md").read_text())

    def test_kserve_uses_the_runtime_that_is_there(self):
        objects = self.objects["overlays/kserve"]
        runtime, model = objects["ServingRuntime"], objects["InferenceService"]["spec"]["predictor"]["model"]
        self.assertEqual(model["runtime"], runtime["metadata"]["name"])
        self.assertIn(model["protocolVersion"], runtime["spec"]["protocolVersions"])
        self.assertEqual(model["modelFormat"]["name"], runtime["spec"]["supportedModelFormats"][0]["name"])
        (container,) = runtime["spec"]["containers"]
        self.assertEqual(container["ports"], [{"name": "h2c", "containerPort": 9000, "protocol": "TCP"}])

    def test_images_carry_the_version_of_the_project(self):
        (version,) = [line.split()[2] for line in (ROOT / "CMakeLists.txt").read_text().splitlines()
                      if line.startswith("project(")]
        for objects in (self.base, self.objects["overlays/kserve"]):
            self.assertIn(f'"image": "convoy:{version}"', json.dumps(objects))

    def test_kube_score_finds_nothing_critical(self):
        for name in BUILDS:
            done = subprocess.run([TOOLS / "bin" / "kube-score", "score", "--output-format", "ci", "-"],
                                  input=self.texts[name], capture_output=True, text=True, timeout=120)
            findings = [line for line in done.stdout.splitlines() if line.startswith("[CRITICAL]")]
            self.assertEqual(findings, [], name)


if __name__ == "__main__":
    other_clients.skip_unless_installed("kubernetes")
    unittest.main()
