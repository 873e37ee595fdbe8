#!/usr/bin/env python3
"""KServe's client with lists."""

import unittest

import numpy as np

from support import other_clients
from support.case import ServerTestCase
from support.layers import conv1d_config, write_layer


class KServeClientTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        tensors = {"kernel": np.array([[[1]], [[10]]], np.float32), "bias": np.zeros(1, np.float32)}
        write_layer(repository, conv1d_config("conv", 1, 2), tensors)

    def test_lists_of_every_datatype(self):
        answers = other_clients.run_json([other_clients.python("kserve"),
                                          other_clients.SCRIPTS / "kserve_lists.py",
                                          self.server.grpc_address])
        self.assertTrue(answers.pop("ready"))
        self.assertEqual(len(answers), 11)
        for datatype, values in answers.items():
            # Of 1, 2, 0, 1; as booleans, of 1, 1, 0, 1.
            expected = [11, 1, 10] if datatype == "BOOL" else [21, 2, 10]
            self.assertEqual(values, expected, datatype)


if __name__ == "__main__":
    other_clients.skip_unless_installed("kserve")
    unittest.main()
