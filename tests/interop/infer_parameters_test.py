#!/usr/bin/env python3
"""Convoy's own parameters of a request, by tritonclient."""

import unittest

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from support.case import ServerTestCase
from support.layers import convolve, write_random_layer


class InferParametersTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        _, cls.tensors = write_random_layer(repository, "conv", 2, 4, 3, activation="relu")
        write_random_layer(repository, "wide", 2, 64, 33)

    def setUp(self):
        self.x = np.random.default_rng(0).standard_normal((2, 9, 2), dtype=np.float32)

    def infer(self, layer="conv", **parameters):
        tensor = triton.InferInput("input", list(self.x.shape), "FP32")
        tensor.set_data_from_numpy(self.x)
        return self.client.triton.infer(layer, [tensor], parameters=parameters)

    def test_the_answer_in_half_the_bytes(self):
        whole = self.infer().as_numpy("output")
        result = self.infer(convoy_output_datatype="FP16")
        self.assertEqual(result.get_response().outputs[0].datatype, "FP16")
        self.assertEqual(len(result.get_response().raw_output_contents[0]), whole.nbytes // 2)
        np.testing.assert_array_equal(result.as_numpy("output"), whole.astype(np.float16))
        result = self.infer(convoy_output_datatype="BF16")
        self.assertEqual(result.get_response().outputs[0].datatype, "BF16")
        # To nearest, ties to even, on the bits of float32.
        bits = whole.view(np.uint32)
        expected = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        got = np.frombuffer(result.get_response().raw_output_contents[0], np.uint16)
        np.testing.assert_array_equal(got, expected.ravel().astype(np.uint16))

    def test_a_large_answer_in_parts_is_rounded_as_well(self):
        self.x = np.random.default_rng(1).standard_normal((2, 40_000, 2), dtype=np.float32)
        whole = self.infer("wide").as_numpy("output")
        half = self.infer("wide", convoy_output_datatype="FP16").as_numpy("output")
        self.assertEqual(half.shape, whole.shape)
        # The parts may be cut elsewhere: what is rounded may differ in its last place.
        np.testing.assert_allclose(half.astype(np.float32), whole, rtol=2e-3, atol=2e-3)

    def test_the_convolution_alone(self):
        for _ in range(3):
            y, _ = convolve(self.x, self.tensors["kernel"])
            result = self.infer(convoy_convolution_only=True)
            np.testing.assert_allclose(result.as_numpy("output"), y, rtol=1e-5, atol=1e-5)
            y, _ = convolve(self.x, self.tensors["kernel"], self.tensors["bias"])
            np.testing.assert_allclose(self.infer().as_numpy("output"), np.maximum(y, 0),
                                       rtol=1e-5, atol=1e-5)

    def test_both_at_once(self):
        whole = self.infer(convoy_convolution_only=True).as_numpy("output")
        half = self.infer(convoy_convolution_only=True, convoy_output_datatype="FP16")
        np.testing.assert_array_equal(half.as_numpy("output"), whole.astype(np.float16))

    def test_other_values_are_refused_by_name(self):
        for parameters, word in (({"convoy_output_datatype": "FP32"}, "FP16"),
                                 ({"convoy_output_datatype": True}, "bool_param"),
                                 ({"convoy_convolution_only": "yes"}, "expected a bool_param"),
                                 ({"convoy_convolution_only": True, "activity_loss": True},
                                  "activity_loss")):
            with self.subTest(parameters):
                with self.assertRaisesRegex(InferenceServerException,
                                            f"INVALID_ARGUMENT.*{word}"):
                    self.infer(**parameters)


if __name__ == "__main__":
    unittest.main()
