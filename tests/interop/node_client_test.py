#!/usr/bin/env python3
"""Node's gRPC library with the .proto file."""

import unittest

from support import ROOT, other_clients


class NodeClientTest(other_clients.OtherClientTestCase):

    def test_metadata_inference_and_a_refusal(self):
        answers = other_clients.run_json(
            ["node", other_clients.FOLDER / "node" / "infer.js", self.server.grpc_address,
             ROOT / "proto" / "inference" / "grpc_predict_v2.proto"])
        self.assertEqual(answers, {"metadata": ["conv", "FP32"], "typed": [21, 32], "raw": [21, 32],
                                   "refusal": 5})


if __name__ == "__main__":
    other_clients.skip_unless_installed("node")
    unittest.main()
