#!/usr/bin/env python3
"""Random layers answer as Keras does; `./run test-keras` compares many more."""

import os
import unittest

import numpy as np

import differential
from compare import Comparer, Tally
from keras_oracle import ask_keras
from random_layers import RandomLayer, Request
from support.machine import has_avx2

FULL = os.environ.get("CONVOY_TEST_SCALE") == "full"
LAYERS = 500 if FULL else 100
WIDE_LAYERS = 150 if FULL else 12
SEED = 20


class RandomLayersTest(unittest.TestCase):

    def test_random_layers_answer_and_refuse_as_keras_does(self):
        tally = differential.run(SEED, range(LAYERS))
        print("\n".join(tally.lines()))
        self.assertEqual(tally.failures, [])
        self.assertEqual(tally.layers, LAYERS)
        self.assertGreater(tally.elements["float32 sums"], 10_000)
        self.assertGreater(tally.requests - tally.refused_requests, LAYERS)
        self.assertGreater(tally.refused_requests, 0)

    def test_wide_layers_do_by_whatever_algorithm_is_fastest(self):
        tally = differential.run(SEED, range(WIDE_LAYERS), wide=True)
        print("\n".join(tally.lines()))
        self.assertEqual(tally.failures, [])
        self.assertGreater(tally.requests - tally.refused_requests, WIDE_LAYERS / 2)
        if has_avx2():
            self.assertGreater(tally.toom_cook_blocks["exact"], 0)


def small_layer(**arguments):
    return RandomLayer(SEED, 0, {"filters": 4, "kernel_size": 3, "padding": "same"} | arguments,
                       channels=2, from_file=True, weight_scale=1.0,
                       requests=[Request((2, 9, 2), "FP32", False, 1.0)])


class ComparerTest(unittest.TestCase):
    """The comparison itself: what it must let pass and what it must catch."""

    def failures(self, case, change):
        """Compares Keras' answer, after `change`, with Keras' answer."""
        oracle = ask_keras(case)
        tally = Tally()
        Comparer(tally).compare(case, oracle, 0, change(oracle.answers[0].y))
        tally.finish()
        return tally.failures

    def test_keras_own_answer_passes(self):
        for arguments in ({}, {"activation": "gelu"}, {"dtype": "float64"},
                          {"dtype": "bfloat16", "activation": "relu"}, {"lora_rank": 2}):
            with self.subTest(arguments):
                self.assertEqual(self.failures(small_layer(**arguments), lambda y: y), [])

    def test_other_answers_are_caught(self):
        for name, change in (
                ("a frame late", lambda y: np.roll(y, 1, axis=1)),
                ("filters in another order", lambda y: y[..., ::-1]),
                ("a little too large", lambda y: y * np.float32(1 + 1e-3)),
                ("one NaN", lambda y: np.where(np.arange(y.size).reshape(y.shape) == 5, np.nan, y)
                 .astype(np.float32)),
                ("a frame short", lambda y: y[:, 1:]),
                ("another dtype", lambda y: y.astype(np.float64)),
                ("a refusal", lambda y: "no"),
        ):
            with self.subTest(name):
                self.assertEqual(len(self.failures(small_layer(), change)), 1)

    def test_an_answer_where_keras_refuses_is_caught(self):
        case = small_layer(filters=0)
        self.assertEqual(len(self.failures(case, lambda _: np.zeros((2, 9, 4), np.float32))), 1)

    def test_a_last_place_in_every_narrow_answer_is_caught(self):
        def one_place_up(y):
            return (y.view(np.uint16) + np.uint16(1)).view(y.dtype)
        case = small_layer(dtype="bfloat16")
        case.requests[0].shape = (5, 300, 2)
        self.assertIn("elements are those of the recipe", self.failures(case, one_place_up)[-1])


if __name__ == "__main__":
    unittest.main()
