#!/usr/bin/env python3
"""Node's gRPC library with the .proto file."""

import unittest

import numpy as np

from support import ROOT, other_clients
from support.case import ServerTestCase
from support.layers import conv1d_config, write_layer


class NodeClientTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        tensors = {"kernel": np.array([[[1]], [[10]]], np.float32), "bias": np.zeros(1, np.float32)}
        write_layer(repository, conv1d_config("conv", 1, 2), tensors)

    def test_metadata_inference_and_a_refusal(self):
        answers = other_clients.run_json(
            ["node", other_clients.FOLDER / "node" / "infer.js", self.server.grpc_address,
             ROOT / "proto" / "inference" / "grpc_predict_v2.proto"])
        self.assertEqual(answers, {"metadata": ["conv", "FP32"], "typed": [21, 32], "raw": [21, 32],
                                   "refusal": 5})


if __name__ == "__main__":
    other_clients.skip_unless_installed("node")
    unittest.main()
