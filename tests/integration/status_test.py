#!/usr/bin/env python3
"""/status of a running server: what its document and its schema say."""

import json
import re
import signal
import tempfile
import time
import unittest

import numpy as np

from support import ROOT
from support.case import ServerTestCase
from support.client import infer_request
from support.layers import write_random_layer
from support.load import Load
from support.schema_checker import Checker
from support.server import Server

SCHEMA = json.loads((ROOT / "docs/status.schema.json").read_text())
CHECKER = Checker(SCHEMA, closed=True)
DOCUMENT = (ROOT / "docs/status_page.md").read_text()


def status(server):
    code, text = server.get("/status")
    assert code == 200, text
    return json.loads(text)


def wait_for(server, holds):
    """The first status of which `holds` is true."""
    while not holds(found := status(server)):
        time.sleep(0.1)
    return found


class StatusTest(ServerTestCase):

    FLAGS = ("--tuning", "off")  # what a layer runs as stays the same

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 4, 3)
        write_random_layer(repository, "old", 2, 4, 3)
        broken = repository / "broken" / "1"
        broken.mkdir(parents=True)
        (broken / "config.json").write_text('{"class_name": "Conv2D"}')
        worse = repository / "old" / "2"
        worse.mkdir()
        (worse / "config.json").write_text("{")

    def config(self, layer):
        """What /config says of its newest version."""
        layers = json.loads(self.server.get("/config")[1])["layers"]
        return next(entry["versions"][0] for entry in layers if entry["name"] == layer)

    def request(self, layer="conv", channels=2):
        return infer_request(layer, [1, 8, channels], np.ones((8, channels), "<f4").tobytes())

    def test_says_what_the_schema_says_with_and_without_load(self):
        found = wait_for(self.server, lambda found: len(found["history"]["time"]) >= 2)
        self.assertEqual(CHECKER.errors(found), [])
        with Load(self.server.grpc_address, [self.request()] * 2):
            found = wait_for(self.server, lambda found: found["now"]["p99"] is not None)
        self.assertEqual(CHECKER.errors(found), [])
        self.assertGreater(found["now"]["calls_per_second"]["answered"], 0)
        self.assertGreater(max(found["history"]["answered"]), 0)
        # Asked of the metrics by their names.
        self.assertGreater(found["now"]["memory_limit_bytes"], 0)
        self.assertGreater(found["now"]["resident_bytes"], 0)
        self.assertGreater(found["now"]["connections"], 0)

    def test_shows_the_layers_with_their_states_and_their_work(self):
        with Load(self.server.grpc_address, [self.request()] * 2):
            found = wait_for(self.server, lambda found: any(
                layer["work"] > 0.99 for layer in found["layers"]))
        layers = {layer["name"]: layer for layer in found["layers"]}
        self.assertEqual(list(layers), ["broken", "conv", "old"])
        self.assertEqual(layers["conv"]["state"], "ready")
        self.assertEqual(layers["conv"]["versions"], [1])
        self.assertEqual(layers["conv"]["runs_as"], self.config("conv")["execution"])
        self.assertGreater(layers["conv"]["calls"]["answered"], 0)
        self.assertGreater(layers["conv"]["p99"], 0)
        self.assertEqual(layers["broken"]["state"], "broken")
        self.assertIn("Conv2D", layers["broken"]["problem"])
        self.assertEqual(layers["old"]["versions"], [1])
        self.assertIn("old/2", layers["old"]["problem"])
        self.assertIn(found["state"]["level"], ("warning", "critical"))
        said = " ".join([found["state"]["sentence"], *found["state"]["also"]])
        self.assertIn("1 layer of 3 cannot be called: broken/1", said)

    def test_tells_the_kinds_of_errors_apart(self):
        before = status(self.server)
        refused = self.request(channels=3)
        for _ in range(3):
            with self.assertRaises(Exception):
                self.client.send(refused)
        with self.assertRaises(Exception):
            self.client.send(self.request("nobody"))
        found = wait_for(self.server, lambda found: found["now"]["unknown_layer_calls"] >
                         before["now"]["unknown_layer_calls"])
        layers = {layer["name"]: layer for layer in found["layers"]}
        self.assertGreaterEqual(layers["conv"]["calls"]["invalid"], 3)
        self.assertNotIn("nobody", layers)

    def test_shows_the_warnings_of_the_log(self):
        messages = [warning["message"] for warning in status(self.server)["warnings"]]
        self.assertTrue(any("broken/1" in message for message in messages), messages)

    def test_is_made_once_a_second_however_many_ask(self):
        begin = time.monotonic()
        texts = {self.server.get("/status")[1] for _ in range(200)}
        self.assertLessEqual(len(texts), time.monotonic() - begin + 2)

    def test_the_document_names_every_member(self):
        for name in SCHEMA["properties"]:
            self.assertIn(f"`{name}`", DOCUMENT)
        for part in ("state", "server", "now"):
            for name in SCHEMA["properties"][part]["properties"]:
                self.assertIn(f"`{name}`", DOCUMENT)
        for part in ("layers", "warnings"):
            for name in SCHEMA["properties"][part]["items"]["properties"]:
                self.assertIn(f"`{name}`", DOCUMENT)
        for level in SCHEMA["properties"]["state"]["properties"]["level"]["enum"]:
            self.assertIn(f"`{level}`", DOCUMENT)

    def test_the_schema_check_finds_what_is_wrong(self):
        good = status(self.server)
        for wrong in ({"schema": 2}, {"time": "now"}, {"more": 1}, {"layers": [{}]},
                      {"now": good["now"] | {"utilisation": 2}},
                      {"state": good["state"] | {"level": "fine"}}):
            self.assertNotEqual(CHECKER.errors(good | wrong), [], wrong)
        del good["history"]
        self.assertEqual(CHECKER.errors(good), ["$.history is missing"])


class DrainingTest(unittest.TestCase):

    def test_says_that_it_drains(self):
        with tempfile.TemporaryDirectory() as folder, \
                Server(folder, "--drain-seconds", 300) as server:
            server.process.send_signal(signal.SIGTERM)
            found = wait_for(server, lambda found: found["state"]["level"] == "draining")
            self.assertTrue(re.match(r"Draining: .*0 calls in the queue\.", found["state"]["sentence"]))
            self.assertEqual(CHECKER.errors(found), [])


if __name__ == "__main__":
    unittest.main()
