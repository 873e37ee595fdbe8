#!/usr/bin/env python3
"""How layers run on this machine, as far as a caller or an operator sees it."""

import json
import unittest

import numpy as np

from support.case import ServerTestCase
from support.layers import convolve, write_random_layer


class EngineTest(ServerTestCase):

    FLAGS = ("--primitive-cache-bytes", "1", "--tuning", "load")

    @classmethod
    def write_layers(cls, repository):
        cls.tensors = {}
        for name in ("free", "fixed"):
            _, cls.tensors[name] = write_random_layer(repository, name, 3, 5, 4, padding="same")
        (repository / "fixed" / "1" / "serving.json").write_text('{"deterministic": true}')

    def infer(self, layer, x):
        y = self.client.infer(layer, x)
        expected, scale = convolve(x, **self.tensors[layer], padding=(1, 2))
        self.assertTrue(np.all(np.abs(y - expected) <= 1e-5 * scale + 1e-30))
        return y

    def test_a_cache_without_room_for_anything_costs_time_and_no_answer(self):
        random = np.random.default_rng(1)
        evicted = self.server.metric("convoy_primitive_cache_evictions_total")
        missed = self.server.metric("convoy_primitive_cache_misses_total")
        for length in (5, 300, 17, 300, 5):
            for layer in ("free", "fixed"):
                self.infer(layer, random.standard_normal((2, length, 3), dtype=np.float32))
        self.assertGreater(self.server.metric("convoy_primitive_cache_evictions_total"), evicted)
        self.assertGreater(self.server.metric("convoy_primitive_cache_misses_total"), missed)
        self.assertGreater(self.server.metric("convoy_primitive_cache_bytes"), 0)

    def test_the_config_page_says_how_each_layer_runs(self):
        page = json.loads(self.server.get("/config")[1])
        runs = {layer["name"]: layer["versions"][0]["execution"] for layer in page["layers"]}
        self.assertRegex(runs["free"], r"^1\.\.\d+: \d-D.*\(.*: .*\)")
        self.assertRegex(runs["fixed"], r"^deterministic, ")

    def test_a_deterministic_layer_keeps_its_bits_whoever_is_in_the_batch(self):
        random = np.random.default_rng(2)
        x = random.standard_normal((1, 77, 3), dtype=np.float32)
        alone = self.infer("fixed", x)
        for others in (1, 2, 5):
            batch = [random.standard_normal((1, 77, 3), dtype=np.float32) for _ in range(others)]
            together = self.infer("fixed", np.concatenate([*batch, x, *batch]))
            np.testing.assert_array_equal(together[others], alone[0])


if __name__ == "__main__":
    unittest.main()
