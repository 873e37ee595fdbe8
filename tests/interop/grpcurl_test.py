#!/usr/bin/env python3
"""grpcurl: list, describe and one ModelInfer. Skipped, visibly, where Go is not installed."""

import base64
import json
import os
import shutil
import subprocess
import unittest

import numpy as np

from support import ROOT
from support.case import ServerTestCase
from support.layers import convolve, write_random_layer
from support.skipping import skip

VERSION = "v1.9.1"
GRPCURL = ROOT / "build" / "grpcurl" / VERSION / "grpcurl"


def install_grpcurl():
    """Builds the pinned version into the project's build folder, once."""
    if GRPCURL.exists():
        return
    subprocess.run(["go", "install", f"github.com/fullstorydev/grpcurl/cmd/grpcurl@{VERSION}"],
                   check=True, env=os.environ | {"GOBIN": str(GRPCURL.parent), "GOFLAGS": ""})


class GrpcurlTest(ServerTestCase):

    FLAGS = ("--repository-mode", "managed")

    @classmethod
    def write_layers(cls, repository):
        _, cls.tensors = write_random_layer(repository, "conv", 2, 4, 3)

    def grpcurl(self, *arguments, data=None):
        options = [] if data is None else ["-d", json.dumps(data)]
        done = subprocess.run(
            [GRPCURL, "-plaintext", *options, self.server.grpc_address, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_list(self):
        services = self.grpcurl("list").split()
        self.assertIn("inference.GRPCInferenceService", services)
        self.assertIn("grpc.health.v1.Health", services)

    def test_describe(self):
        text = self.grpcurl("describe", "inference.GRPCInferenceService")
        self.assertIn("rpc ModelInfer", text)

    def test_model_infer(self):
        x = np.arange(10, dtype="<f4").reshape(1, 5, 2)
        answer = json.loads(self.grpcurl(
            "inference.GRPCInferenceService/ModelInfer",
            data={"model_name": "conv",
                  "inputs": [{"name": "input", "datatype": "FP32", "shape": list(x.shape)}],
                  "raw_input_contents": [base64.b64encode(x.tobytes()).decode()]}))
        y = np.frombuffer(base64.b64decode(answer["raw_output_contents"][0]), "<f4")
        expected, _ = convolve(x, self.tensors["kernel"], self.tensors["bias"])
        np.testing.assert_allclose(y.reshape(expected.shape), expected, rtol=1e-5, atol=1e-5)

    def test_tritons_extensions(self):
        service = "inference.GRPCInferenceService/"
        layer = {"model_name": "conv"}
        self.assertEqual(self.grpcurl(service + "RepositoryModelUnload", data=layer), "{}\n")
        index = json.loads(self.grpcurl(service + "RepositoryIndex"))
        self.assertEqual(index["models"][0]["reason"], "unloaded")
        self.assertEqual(self.grpcurl(service + "RepositoryModelLoad", data=layer), "{}\n")
        config = json.loads(self.grpcurl(service + "ModelConfig", data={"name": "conv"}))
        self.assertEqual(config["config"]["name"], "conv")
        statistics = json.loads(self.grpcurl(service + "ModelStatistics", data={"name": "conv"}))
        self.assertEqual(statistics["model_stats"][0]["version"], "1")

    def test_health(self):
        self.assertIn("SERVING", self.grpcurl("grpc.health.v1.Health/Check"))

    def test_health_of_all(self):
        answer = json.loads(self.grpcurl("grpc.health.v1.Health/List"))
        self.assertEqual(answer, {"statuses": {"": {"status": "SERVING"}, "conv": {"status": "SERVING"}}})


if __name__ == "__main__":
    if shutil.which("go") is None:
        skip("Go is not installed, so grpcurl cannot be built")
    install_grpcurl()
    unittest.main()
