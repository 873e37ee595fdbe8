#!/usr/bin/env python3
"""The known answers of keras.layers.Conv1D, through gRPC."""

import json
import unittest

import numpy as np

from support import ROOT
from support.case import ServerTestCase
from support.layers import conv1d_config, write_layer

GOLDEN = json.loads((ROOT / "tests" / "golden" / "conv1d.json").read_text())


def grid_name(row):
    return f"grid-{row['padding']}-s{row['strides']}-d{row['dilation_rate']}"


def ramp(shape, weights, constant=0):
    """Element i of every axis times the axis' weight, summed."""
    return (np.indices(shape).T @ np.array(weights)).T.astype(np.float32) + np.float32(constant)


class GoldenVectorsTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        def write(name, kernel, bias=None, **arguments):
            config = conv1d_config(name, kernel.shape[2], kernel.shape[0],
                                   use_bias=bias is not None, **arguments)
            tensors = {"kernel": kernel} | ({} if bias is None else {"bias": bias})
            write_layer(repository, config, tensors)

        for row in GOLDEN["one_channel"]:
            write(row["id"], np.array(row["kernel"], np.float32).reshape(-1, 1, 1),
                  **{key: row[key] for key in ("padding", "strides", "dilation_rate")})
        for row in GOLDEN["grid"]:
            write(grid_name(row), np.arange(24, dtype=np.float32).reshape(4, 3, 2),
                  **{key: row[key] for key in ("padding", "strides", "dilation_rate")})
        # W[k, i, f] = 100 (k + 1) + 10 (i + 1) + (f + 1)
        grouped = ramp((2, 2, 4), (100, 10, 1), 111)
        bias = np.array([1, 2, 3, 4], np.float32)
        write("groups-last", grouped, bias, groups=2)
        write("groups-first", grouped, bias, groups=2, data_format="channels_first")
        write("causal", ramp((2, 4, 3), (100, 10, 1), 111), padding="Causal")
        # W[k, 0, f] = 10 (k + 1) + (f + 1)
        write("depthwise", ramp((2, 1, 8), (10, 0, 1), 11), groups=4, padding="same")
        write("pair", np.ones((2, 1, 1), np.float32))
        write("newest", np.array([0, 1], np.float32).reshape(2, 1, 1))

    # x[n, t, c] = 100 n + 10 t + (c + 1)
    X = ramp((2, 3, 4), (100, 10, 1), 1)

    def assert_exact(self, layer, x, expected):
        np.testing.assert_array_equal(self.client.infer(layer, x),
                                      np.array(expected, dtype=np.float32), err_msg=layer)

    def test_all_one_channel_vectors_are_exact(self):
        self.assertEqual(len(GOLDEN["one_channel"]), 41)
        for row in GOLDEN["one_channel"]:
            with self.subTest(row["id"]):
                x = np.arange(1, row["length"] + 1, dtype=np.float32).reshape(1, -1, 1)
                self.assert_exact(row["id"], x, np.reshape(row["output"], (1, -1, 1)))

    def test_the_grid_of_strides_paddings_and_dilations_is_exact(self):
        x = np.arange(120, dtype=np.float32).reshape(2, 20, 3)
        for row in GOLDEN["grid"]:
            with self.subTest(grid_name(row)):
                y = self.client.infer(grid_name(row), x)
                self.assertEqual(list(y.shape), row["shape"])
                corners = [y[n, t].tolist() for n in (0, 1) for t in (0, -1)]
                self.assertEqual(corners, row["corners"])
                self.assertEqual(y.sum(dtype=np.float64), row["sum"])

    GROUPS = np.array([[[5327, 5354, 6725, 6760], [11967, 12034, 13445, 13520]],
                       [[71727, 72154, 73925, 74360], [78367, 78834, 80645, 81120]]])

    def test_groups_are_exact(self):
        self.assert_exact("groups-last", self.X, self.GROUPS)

    def test_channels_first_is_the_transposed_answer(self):
        x = np.ascontiguousarray(self.X.transpose(0, 2, 1))
        self.assert_exact("groups-first", x, self.GROUPS.transpose(0, 2, 1))

    def test_causal_over_several_channels_is_exact(self):
        self.assert_exact("causal", self.X,
                          [[[2310, 2320, 2330], [12660, 12720, 12780], [26740, 26880, 27020]],
                           [[92710, 93120, 93530], [153460, 154320, 155180],
                            [167540, 168480, 169420]]])

    def test_depthwise_with_a_multiplier_is_exact(self):
        self.assert_exact("depthwise", self.X,
                          [[[242, 254, 302, 316, 370, 386, 446, 464],
                            [562, 594, 662, 696, 770, 806, 886, 924],
                            [231, 252, 286, 308, 345, 368, 408, 432]],
                           [[3442, 3654, 3902, 4116, 4370, 4586, 4846, 5064],
                            [3762, 3994, 4262, 4496, 4770, 5006, 5286, 5524],
                            [1331, 1452, 1586, 1708, 1845, 1968, 2108, 2232]]])

    def test_infinities_and_nan_spread_over_the_windows_that_see_them(self):
        nan, inf = np.nan, np.inf
        x = np.array([1, nan, 3, inf, -inf, 2], np.float32).reshape(1, -1, 1)
        self.assert_exact("pair", x, np.reshape([nan, nan, inf, nan, -inf], (1, -1, 1)))

    def test_a_zero_weight_does_not_mask_an_infinity(self):
        x = np.array([1, np.inf, 3], np.float32).reshape(1, -1, 1)
        self.assert_exact("newest", x, np.reshape([np.inf, np.nan], (1, -1, 1)))


if __name__ == "__main__":
    unittest.main()
