#!/usr/bin/env python3
"""The admin port of a running server."""

import json
import re
import unittest

import numpy as np

from support.case import ServerTestCase
from support.client import infer_request
from support.layers import write_random_layer


class HttpTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        cls.config, _ = write_random_layer(repository, "conv", 2, 4, 3, padding=[1, 2],
                                           data_format="channels_first", activation="relu")

    def sample(self, pattern):
        """The value of the only sample whose name and labels match."""
        status, text = self.server.get("/metrics")
        self.assertEqual(status, 200)
        found = re.findall(rf"^{pattern} (\S+)$", text, re.MULTILINE)
        self.assertEqual(len(found), 1, f"{pattern} in\n{text}")
        return float(found[0])

    def test_health(self):
        self.assertEqual(self.server.get("/v2/health/live")[0], 200)
        self.assertEqual(self.server.get("/v2/health/ready")[0], 200)

    def test_an_unknown_page_is_not_found(self):
        self.assertEqual(self.server.get("/nothing")[0], 404)

    def test_config_shows_the_layer_as_keras_would(self):
        page = json.loads(self.server.get("/config")[1])
        (layer,) = page["layers"]
        (version,) = layer["versions"]
        config = version["config"]["config"]
        for key, value in self.config.items():
            self.assertEqual(config[key], value, key)
        self.assertEqual(config["strides"], [1])
        self.assertEqual(version["version"], 1)
        self.assertEqual(version["input"]["shape"], [-1, 2, -1])
        self.assertEqual(version["output"]["shape"], [-1, 4, -1])
        self.assertEqual(page["server"]["options"]["repository"]["value"], str(self.repository))

    def test_metrics_count_requests_by_layer_and_code(self):
        ok = r'convoy_requests_total\{layer="conv",code="OK"\}'
        before = self.sample(ok)
        for _ in range(5):
            self.client.infer("conv", np.ones((1, 2, 7), np.float32))
        self.assertEqual(self.sample(ok), before + 5)

    def test_names_that_callers_invent_never_become_labels(self):
        self.assert_refused_name("invented-name")
        self.assertNotIn("invented-name", self.server.get("/metrics")[1])

    def assert_refused_name(self, name):
        with self.assertRaises(Exception):
            self.client.send(infer_request(name, [1, 2, 7], bytes(56)))

    def test_every_metric_has_help_and_type(self):
        text = self.server.get("/metrics")[1]
        named = set(re.findall(r"^# TYPE (\S+) \S+$", text, re.MULTILINE))
        helped = set(re.findall(r"^# HELP (\S+) \S+", text, re.MULTILINE))
        samples = set(re.findall(r"^([a-z_]+)[ {]", text, re.MULTILINE))
        self.assertEqual(named, helped)
        self.assertGreater(len(named), 5)
        for sample in samples:
            self.assertIn(re.sub(r"_(bucket|sum|count)$", "", sample), named | {sample} & named)


if __name__ == "__main__":
    unittest.main()
