#!/usr/bin/env python3
"""Requests that run together answer as if each had run alone."""

import concurrent.futures
import os
import unittest

import numpy as np

from support.case import ServerTestCase
from support.layers import convolve, write_random_layer

REQUESTS = 2000 if os.environ.get("CONVOY_TEST_SCALE") == "full" else 300
IN_FLIGHT = 32


class BatchingTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        # One worker: while it runs a batch, the requests behind it gather.
        _, cls.valid = write_random_layer(repository, "valid", 16, 24, 5)
        _, cls.strided = write_random_layer(repository, "strided", 8, 12, 4, seed=1,
                                            strides=3, padding=[2, 5], activation="relu")
        write_random_layer(repository, "same", 3, 4, 3, seed=2, padding="same")
        write_random_layer(repository, "causal", 3, 4, 3, seed=3, padding="causal",
                           dilation_rate=2, data_format="channels_first")

    FLAGS = ("--workers", 1)

    def infer_together(self, layer, inputs):
        """The answers to all inputs, many in flight at once."""
        with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
            return list(pool.map(lambda x: self.client.infer(layer, x), inputs))

    def random_inputs(self, channels, shortest, seed):
        random = np.random.default_rng(seed)
        for _ in range(REQUESTS):
            shape = (random.integers(1, 4), random.integers(shortest, 400), channels)
            yield random.standard_normal(shape, dtype=np.float32)

    def test_mixed_lengths_at_once_equal_the_reference(self):
        inputs = list(self.random_inputs(16, 5, seed=10))
        for x, y in zip(inputs, self.infer_together("valid", inputs)):
            expected, scale = convolve(x, self.valid["kernel"], self.valid["bias"])
            self.assertEqual(y.shape, expected.shape)
            self.assertLessEqual(np.max(np.abs(y - expected) / scale), 1e-6)

    def test_strides_explicit_padding_and_relu_equal_the_reference(self):
        inputs = list(self.random_inputs(8, 1, seed=11))
        for x, y in zip(inputs, self.infer_together("strided", inputs)):
            expected, scale = convolve(x, self.strided["kernel"], self.strided["bias"],
                                       strides=3, padding=(2, 5))
            self.assertEqual(y.shape, expected.shape)
            self.assertLessEqual(np.max(np.abs(y - np.maximum(expected, 0)) / scale), 1e-6)

    def test_at_once_equals_one_by_one(self):
        random = np.random.default_rng(12)
        for layer, axis in (("same", 1), ("causal", 2)):
            inputs = []
            for _ in range(REQUESTS):
                shape = [int(random.integers(1, 3)), 3, 3]
                shape[axis] = int(random.integers(1, 200))
                inputs.append(random.standard_normal(shape, dtype=np.float32))
            together = self.infer_together(layer, inputs)
            for x, y in zip(inputs, together):
                np.testing.assert_allclose(y, self.client.infer(layer, x), rtol=1e-5, atol=1e-5)

    def test_infinity_and_nan_never_reach_a_neighbour(self):
        inputs = list(self.random_inputs(16, 5, seed=13))
        poisoned = range(0, len(inputs), 3)
        for i in poisoned:
            inputs[i][...] = (np.nan, np.inf, -np.inf)[i % 3]
        for i, y in enumerate(self.infer_together("valid", inputs)):
            if i in poisoned:
                self.assertFalse(np.isfinite(y).any())
            else:
                expected, scale = convolve(inputs[i], self.valid["kernel"], self.valid["bias"])
                self.assertLessEqual(np.max(np.abs(y - expected) / scale), 1e-6)

    def test_no_sequences_give_an_empty_tensor(self):
        self.assertEqual(self.client.infer("valid", np.zeros((0, 9, 16), np.float32)).shape,
                         (0, 5, 24))

    def test_no_frames_give_an_empty_tensor_for_same_and_causal(self):
        self.assertEqual(self.client.infer("same", np.zeros((2, 0, 3), np.float32)).shape,
                         (2, 0, 4))
        self.assertEqual(self.client.infer("causal", np.zeros((2, 3, 0), np.float32)).shape,
                         (2, 4, 0))

    def test_empty_requests_run_among_others(self):
        inputs = []
        for x in self.random_inputs(3, 1, seed=14):
            inputs += [x, np.zeros((0, 7, 3), np.float32), np.zeros((1, 0, 3), np.float32)]
        for x, y in zip(inputs, self.infer_together("same", inputs)):
            self.assertEqual(y.shape, (x.shape[0], x.shape[1], 4))


if __name__ == "__main__":
    unittest.main()
