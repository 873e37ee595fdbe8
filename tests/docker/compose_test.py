#!/usr/bin/env python3
"""docker/compose.yaml: what the Compose specification allows, and files and ports that are there."""

import json
import re
import subprocess
import unittest

from support import ROOT, other_clients

FOLDER = ROOT / "docker"
SCHEMA = other_clients.FOLDER / "kubernetes" / "compose-spec.json"


def read(path, *schema):
    with open(path) as file:
        done = subprocess.run([other_clients.python("kubernetes"), ROOT / "tests/docker/read_yaml.py", *schema],
                              stdin=file, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{path}: {done.stderr}")
    return json.loads(done.stdout)


class ComposeTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.services = read(FOLDER / "compose.yaml", SCHEMA)["services"]

    def mounts(self, service):
        """Paths on the host by path in the container."""
        found = {}
        for mount in self.services[service]["volumes"]:
            mount = re.sub(r"^\$\{\w+:-(.*?)\}", r"\1", mount)
            host, path, mode = mount.split(":")
            self.assertEqual(mode, "ro")
            found[path] = (FOLDER / host).resolve()
        return found

    def test_the_image_is_that_of_the_dockerfile_in_the_version_of_the_project(self):
        convoy = self.services["convoy"]
        (version,) = re.findall(r"^project\(convoy VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)
        self.assertEqual(convoy["image"], f"convoy:{version}")
        dockerfile = (FOLDER / convoy["build"]["context"] / convoy["build"]["dockerfile"]).read_text()
        self.assertIn(f" AS {convoy['build']['target']}\n", dockerfile)
        self.assertEqual(set(re.findall(r"^ARG VERSION=(\S+)", dockerfile, re.M)), {version})

    def test_the_layers_are_those_of_the_example(self):
        self.assertEqual(self.mounts("convoy")["/layers"], ROOT / "build" / "speech" / "repository")
        self.assertIn("example=build/speech\n", (ROOT / "scripts" / "demo.sh").read_text())

    def test_prometheus_reads_the_rules_and_scrapes_the_service(self):
        (command,) = self.services["prometheus"]["command"]
        folder = self.mounts("prometheus")["/etc/prometheus"]
        self.assertEqual(command, "--config.file=/etc/prometheus/prometheus.yaml")
        config = read(folder / "prometheus.yaml")
        for rules in config["rule_files"]:
            self.assertTrue((folder / rules).is_file())
        (target,) = config["scrape_configs"][0]["static_configs"][0]["targets"]
        name, port = target.split(":")
        self.assertIn(f"127.0.0.1:{port}:{port}", self.services[name]["ports"])

    def test_grafana_finds_the_dashboard_and_prometheus(self):
        mounts = self.mounts("grafana")
        provisioning = mounts["/etc/grafana/provisioning"]
        (source,) = read(provisioning / "datasources" / "prometheus.yaml")["datasources"]
        self.assertEqual(source["url"], "http://prometheus:9090")
        self.assertIn("127.0.0.1:9090:9090", self.services["prometheus"]["ports"])
        (provider,) = read(provisioning / "dashboards" / "convoy.yaml")["providers"]
        home = self.services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertEqual(home, provider["options"]["path"] + "/convoy.json")
        json.loads(mounts[home].read_text())


if __name__ == "__main__":
    other_clients.skip_unless_installed("kubernetes")
    unittest.main()
