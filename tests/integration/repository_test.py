#!/usr/bin/env python3
"""A broken layer is reported and does not stop the others."""

import json
import os
import tempfile
import unittest
from pathlib import Path

import grpc
import numpy as np
from tritonclient.grpc import service_pb2

from support.case import ServerTestCase
from support.client import Client, infer_request
from support.layers import conv1d_config, encode_safetensors, write_layer, write_random_layer
from support.server import Server, run_tool

KERNEL = np.ones((2, 1, 1), np.float32)
BIAS = np.ones(1, np.float32)
GOOD_WEIGHTS = encode_safetensors({"kernel": KERNEL, "bias": BIAS})


def write_files(repository, name, config=None, weights=GOOD_WEIGHTS):
    """A layer of arbitrary bytes."""
    folder = repository / name / "1"
    folder.mkdir(parents=True)
    if config is None:
        config = json.dumps({"class_name": "Conv1D", "config": conv1d_config(name, 1, 2)})
    (folder / "config.json").write_text(config)
    if weights is not None:
        (folder / "weights.safetensors").write_bytes(weights)


def with_argument(name, **arguments):
    return json.dumps({"class_name": "Conv1D", "config": conv1d_config(name, 1, 2) | arguments})


# Layer: (its files, words of the report).
BROKEN = {
    "not-json": ({"config": "{"}, ["config.json"]),
    "not-utf8-json": ({"config": "\x00"}, ["config.json"]),
    "not-a-layer": ({"config": "[]"}, ["config.json"]),
    "dense": ({"config": '{"class_name": "Dense", "config": {"units": 1}}'}, ["Conv1D"]),
    "unknown-argument": ({"config": with_argument("x", kernel_sise=3)}, ["kernel_sise"]),
    "filters": ({"config": with_argument("x", filters=0)},
                ["Invalid value for argument `filters`. Expected a strictly positive value"]),
    "padding": ({"config": with_argument("x", padding="full")}, ["padding", "full"]),
    "groups": ({"config": with_argument("x", filters=4, groups=3)},
               ["evenly divisible by the number of groups", "groups=3, filters=4"]),
    "stride-and-dilation": ({"config": with_argument("x", strides=2, dilation_rate=2)},
                            ["`strides > 1` not supported in conjunction with"]),
    "activation": ({"config": with_argument("x", activation="nope")},
                   ["Could not interpret activation function identifier: nope"]),
    "kernel-shape": ({"weights": encode_safetensors({"kernel": KERNEL[:1], "bias": BIAS})},
                     ["kernel"]),
    "bias-shape": ({"weights": encode_safetensors({"kernel": KERNEL, "bias": np.ones(2)})},
                   ["bias"]),
    "no-bias": ({"weights": encode_safetensors({"kernel": KERNEL})}, ["bias"]),
    "no-weights": ({"weights": None}, ["weights.safetensors"]),
}


class BrokenLayersTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "good", 2, 4, 3)
        for name, (files, _) in BROKEN.items():
            write_files(repository, name, **files)
        for length in range(len(GOOD_WEIGHTS)):
            write_files(repository, f"truncated-{length}", weights=GOOD_WEIGHTS[:length])
        # A newer version that cannot be read leaves the older one in charge.
        write_random_layer(repository, "older", 2, 4, 3)
        broken = repository / "older" / "2"
        broken.mkdir()
        (broken / "config.json").write_text("{")
        write_random_layer(repository, "versions", 2, 4, 3, version=9)
        write_random_layer(repository, "versions", 2, 5, 3, version=10)
        (repository / "nothing").mkdir()
        (repository / ".hidden").mkdir()

    def layers(self):
        return {layer["name"]: layer
                for layer in json.loads(self.server.get("/config")[1])["layers"]}

    def assert_broken(self, name, says):
        layer = self.layers()[name]
        self.assertEqual(layer["state"], "broken")
        self.assertEqual(layer["versions"], [])
        for word in says:
            self.assertIn(word, " ".join(layer["errors"]), name)

    def test_the_good_layer_answers(self):
        self.assertEqual(self.client.infer("good", np.ones((1, 5, 2), np.float32)).shape,
                         (1, 3, 4))

    def test_each_broken_layer_is_reported_with_its_reason(self):
        for name, (_, says) in BROKEN.items():
            with self.subTest(name):
                self.assert_broken(name, says)
                self.assertIn(name, self.server.log)

    def test_weights_truncated_at_every_byte_are_reported(self):
        for length in range(len(GOOD_WEIGHTS)):
            with self.subTest(length):
                self.assert_broken(f"truncated-{length}", ["weights.safetensors"])

    def test_a_call_of_a_broken_layer_says_why(self):
        for name, (_, says) in BROKEN.items():
            with self.subTest(name):
                self.assert_refused(grpc.StatusCode.FAILED_PRECONDITION,
                                    lambda: self.client.send(infer_request(name, [1, 5, 1], b"")),
                                    *says)

    def test_the_index_tells_ready_from_unavailable(self):
        index = self.client.stub.RepositoryIndex(service_pb2.RepositoryIndexRequest())
        states = {model.name: (model.state, bool(model.reason)) for model in index.models}
        self.assertEqual(states["good"], ("READY", False))
        for name in BROKEN:
            self.assertEqual(states[name], ("UNAVAILABLE", True), name)
        self.assertNotIn(".hidden", states)

    def test_an_unreadable_newer_version_leaves_the_older_one_in_charge(self):
        response = self.client.send(
            infer_request("older", [1, 5, 2], np.zeros(10, "<f4").tobytes()))
        self.assertEqual(response.model_version, "1")
        self.assertEqual(len(self.layers()["older"]["errors"]), 1)

    def test_versions_are_numbers_and_the_highest_answers(self):
        response = self.client.send(
            infer_request("versions", [1, 5, 2], np.zeros(10, "<f4").tobytes()))
        self.assertEqual(response.model_version, "10")

    def test_the_server_is_ready(self):
        self.assertEqual(self.server.get("/v2/health/ready")[0], 200)


class MissingWeightsTest(ServerTestCase):
    """What is not there is not made up."""

    @classmethod
    def write_layers(cls, repository):
        config = json.dumps({"class_name": "Conv1D",
                             "config": {"name": "m", "filters": 1, "kernel_size": 2},
                             "build_config": {"input_shape": [None, None, 1]}})
        trained = encode_safetensors({"kernel": np.array([[[1]], [[10]]], np.float32),
                                      "bias": np.zeros(1, np.float32)})
        write_files(repository, "m", config, trained)
        second = repository / "m" / "2"
        second.mkdir()
        (second / "config.json").write_text(config)
        write_files(repository, "link", config, None)
        (repository / "link" / "1" / "weights.safetensors").symlink_to("nowhere")
        write_files(repository, "asked", config, None)
        (repository / "asked" / "1" / "serving.json").write_text(
            '{"weights": {"initialize": {"seed": 7}}}')

    def layer(self, name):
        layers = json.loads(self.server.get("/config")[1])["layers"]
        return next(layer for layer in layers if layer["name"] == name)

    def test_a_version_without_weights_does_not_replace_a_good_one(self):
        x = np.array([1, 2, 3], np.float32).reshape(1, 3, 1)
        self.assertEqual(self.client.infer("m", x).ravel().tolist(), [21, 32])
        (error,) = self.layer("m")["errors"]
        self.assertIn("m/2/weights.safetensors: no such file", error)
        self.assertIn("initialize", error)

    def test_a_link_to_nowhere_is_no_weights(self):
        (error,) = self.layer("link")["errors"]
        self.assertIn("link/1/weights.safetensors: no such file", error)

    def test_who_asks_for_initialized_weights_gets_the_same_each_time_and_it_is_said(self):
        x = np.array([1, 2, 3], np.float32).reshape(1, 3, 1)
        first = self.client.infer("asked", x)
        self.assertIn("weights are initialized", self.server.log)
        (version,) = self.layer("asked")["versions"]
        self.assertEqual(version["serving"]["weights"], {"initialize": {"seed": 7}})
        (trained,) = self.layer("m")["versions"]
        self.assertNotIn("weights", trained["serving"])
        with Server(self.repository) as again:
            client = Client(again.grpc_address)
            self.addCleanup(client.close)
            np.testing.assert_array_equal(client.infer("asked", x), first)


class OddNamesTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "good", 2, 4, 3)
        os.mkdir(os.fsencode(repository / "good") + b"/caf\xe9")
        os.mkdir(os.fsencode(repository) + b"/\xff\xfe")
        bytes_in_json = repository / "json" / "1"
        bytes_in_json.mkdir(parents=True)
        (bytes_in_json / "config.json").write_bytes(b'{"class_name": "\xff"}')

    def test_a_name_that_is_not_utf8_is_shown_escaped_and_spoils_nothing(self):
        index = self.client.stub.RepositoryIndex(service_pb2.RepositoryIndexRequest())
        reasons = {model.name: model.reason for model in index.models if model.reason}
        self.assertIn("good/caf\\xe9", reasons["good"])
        self.assertIn("\\xff\\xfe", reasons["\\xff\\xfe"])
        self.assertIn("json/1/config.json", reasons["json"])
        code, out, _ = run_tool("layers", "--server", self.server.grpc_address)
        self.assertEqual(code, 0)
        self.assertIn("caf\\xe9", out.decode())


class EmptyRepositoryTest(unittest.TestCase):

    def test_an_empty_folder_is_served_and_says_so(self):
        with tempfile.TemporaryDirectory() as folder, Server(folder) as server:
            self.assertEqual(server.get("/v2/health/ready")[0], 200)
            self.assertEqual(json.loads(server.get("/config")[1])["layers"], [])
            self.assertIn("no layers", server.log)


class LiveVersionsTest(unittest.TestCase):

    def test_older_versions_answer_by_number_when_the_layer_asks_for_it(self):
        with tempfile.TemporaryDirectory() as name:
            repository = Path(name)
            for version in (1, 2, 3):
                config = conv1d_config("conv", 1, 1, use_bias=False)
                write_layer(repository, config, {"kernel": np.full((1, 1, 1), version)}, version)
            (repository / "conv" / "3" / "serving.json").write_text('{"live_versions": 2}')
            with Server(repository) as server:
                self.assert_versions(server)

    def assert_versions(self, server):
        client = Client(server.grpc_address)
        self.addCleanup(client.close)
        x = np.ones((1, 1, 1), np.float32)
        self.assertEqual(client.infer("conv", x).item(), 3)
        self.assertEqual(client.infer("conv", x, model_version="3").item(), 3)
        self.assertEqual(client.infer("conv", x, model_version="2").item(), 2)
        with self.assertRaisesRegex(Exception, "1"):
            client.infer("conv", x, model_version="1")


if __name__ == "__main__":
    unittest.main()
