#!/usr/bin/env python3
"""The alert rules fire and resolve, and every query of rules and dashboard finds data in a loaded server."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import grpc
import numpy as np

from support import ROOT, prometheus
from support.certificates import Authority
from support.client import Client, infer_request
from support.layers import write_random_layer
from support.server import Server
from support.skipping import skip

RULES = ROOT / "docker" / "prometheus"
DASHBOARD = ROOT / "docker" / "grafana" / "convoy.json"
# What Grafana fills in.
VARIABLES = {"$layer": ".*", "$instance": ".*", "$__rate_interval": "5m"}
CALLS, REFUSED = 20, 5


def alerts():
    """Expressions by alert."""
    text = (RULES / "alerts.yaml").read_text()
    rules = re.findall(r"- alert: (\w+)\n\s+expr: (?:\|\n((?:\s{10,}.*\n)+)|(.*)\n)", text)
    return {name: (block or line).strip() for name, block, line in rules}


def without_threshold(expression):
    return re.sub(r"\s(?:>|<|==)\s[\d.]+$", "", expression)


class RulesTest(unittest.TestCase):

    def promtool(self, *arguments):
        result = subprocess.run(["promtool", *arguments], cwd=RULES, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def test_the_rules_are_rules(self):
        self.assertIn(f"SUCCESS: {len(alerts())} rules found", self.promtool("check", "rules", "alerts.yaml"))
        self.promtool("check", "config", "prometheus.yaml")

    def test_each_alert_fires_and_is_over_again(self):
        self.promtool("test", "rules", "alerts_test.yaml")
        text = (RULES / "alerts_test.yaml").read_text()
        for name in alerts():
            cases = re.findall(rf"alertname: {name}\n\s+exp_alerts:(.*)", text)
            self.assertEqual([case.strip() == "[]" for case in cases], [True, False, True], name)

    def test_the_documents_say_what_to_do_about_each(self):
        document = (ROOT / "docs" / "operations.md").read_text()
        self.assertEqual(re.findall(r"^\| `(Convoy\w+)` \|", document, re.M), list(alerts()))


class LoadedServerTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        repository = Path(folder.name)
        write_random_layer(repository, "conv", 2, 2, 3)
        (repository / "broken" / "1").mkdir(parents=True)
        (repository / "broken" / "1" / "config.json").write_text("{}")
        secrets = tempfile.TemporaryDirectory()
        cls.addClassCleanup(secrets.cleanup)
        certificate, key = Authority(secrets.name).sign_server()
        # Plain over the Unix socket.
        server = Server(repository, "--max-response-bytes", 4000, "--tls-cert", certificate,
                        "--tls-key", key, "--grpc-address", f"unix:{secrets.name}/grpc")
        cls.addClassCleanup(server.kill)
        _, before = server.get("/metrics")
        client = Client(server.grpc_address)
        cls.addClassCleanup(client.close)
        for _ in range(CALLS):
            client.infer("conv", np.zeros((1, 10, 2), np.float32))
        for _ in range(REFUSED):
            try:
                client.send(infer_request("conv", [1, 1000, 2], bytes(8000)))
                raise AssertionError("a larger answer than allowed was given")
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
        _, after = server.get("/metrics")
        scrapes = [(240, before + "up 1\n"), (120, before + "up 1\n"), (0, after + "up 1\n")]
        cls.prometheus = prometheus.Prometheus(scrapes)
        cls.addClassCleanup(cls.prometheus.stop)

    def ask(self, expression):
        for name, value in VARIABLES.items():
            expression = expression.replace(name, value)
        self.assertNotIn("$", expression)
        return self.prometheus.query(expression)

    def test_every_query_of_the_dashboard_finds_data(self):
        panels = json.loads(DASHBOARD.read_text())["panels"]
        self.assertGreater(len(panels), 10)
        for panel in panels:
            for target in panel["targets"]:
                with self.subTest(panel["title"], query=target["expr"]):
                    self.assertTrue(self.ask(target["expr"]))

    def test_every_rule_finds_data(self):
        for name, expression in alerts().items():
            with self.subTest(name):
                self.assertNotEqual(without_threshold(expression), expression)
                self.assertTrue(self.ask(without_threshold(expression)))

    def test_the_right_ones_fire(self):
        fires = {name for name, expression in alerts().items() if self.ask(expression)}
        self.assertEqual(fires, {"ConvoyErrorRatio", "ConvoyTurnsCallersAway", "ConvoyLoadFailure"})
        ((labels, ratio),) = self.ask(alerts()["ConvoyErrorRatio"])
        self.assertEqual(labels["layer"], "conv")
        self.assertAlmostEqual(ratio, REFUSED / (CALLS + REFUSED))

    def test_panels_do_not_overlap(self):
        taken = set()
        for panel in json.loads(DASHBOARD.read_text())["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken |= cells


if __name__ == "__main__":
    if not prometheus.installed():
        skip("Prometheus is not installed (apt-get install prometheus)")
    unittest.main()
