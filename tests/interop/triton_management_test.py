#!/usr/bin/env python3
"""Triton's extensions that manage and describe what a server holds, by tritonclient."""

import threading
import unittest

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from support.case import ServerTestCase
from support.layers import convolve, write_random_layer


def sequences(count, frames=9, seed=0):
    return np.random.default_rng(seed).standard_normal((count, frames, 2), dtype=np.float32)


class StatisticsTest(ServerTestCase):

    # Requests of a few milliseconds are cut into parts and shared.
    FLAGS = ("--workers", "2")

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 4, 3, version=3)
        write_random_layer(repository, "idle", 2, 4, 3)
        write_random_layer(repository, "wide", 2, 64, 33)

    def statistics(self, layer="conv", version=""):
        (model,) = self.client.triton.get_inference_statistics(layer, version).model_stats
        return model

    def assert_whole(self, model):
        """The stages are of the same requests, and their times are all of the time."""
        stats = model.inference_stats
        stages = (stats.compute_input, stats.queue, stats.compute_infer, stats.compute_output)
        for stage in stages:
            self.assertEqual(stage.count, stats.success.count)
        self.assertEqual(sum(stage.ns for stage in stages), stats.success.ns)
        self.assertEqual(sum(batch.compute_infer.count for batch in model.batch_stats),
                         model.execution_count)
        self.assertEqual(sum(batch.batch_size * batch.compute_infer.count
                             for batch in model.batch_stats), model.inference_count)

    def test_they_add_up_to_the_requests_that_were_sent(self):
        before = self.statistics()
        sizes = [1 + i % 5 for i in range(100)]

        def send(share):
            for size in share:
                self.client.infer("conv", sequences(size))

        threads = [threading.Thread(target=send, args=(sizes[i::4],)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for _ in range(3):
            with self.assertRaises(InferenceServerException):
                self.client.infer("conv", np.zeros((1, 9, 7), np.float32))
        after = self.statistics()
        self.assert_whole(after)
        self.assertEqual(after.version, "3")
        new = {field: getattr(after.inference_stats, field).count -
                      getattr(before.inference_stats, field).count for field in ("success", "fail")}
        self.assertEqual(new, {"success": len(sizes), "fail": 3})
        self.assertEqual(after.inference_count - before.inference_count, sum(sizes))
        self.assertLessEqual(after.execution_count - before.execution_count, len(sizes))
        self.assertGreaterEqual(after.last_inference, before.last_inference)
        self.assertGreater(after.inference_stats.fail.ns, 0)

    def test_a_request_in_parts_is_one(self):
        x = sequences(2, frames=40_000)
        parts = self.server.metric('convoy_batch_parts_total{layer="wide"}')
        self.client.infer("wide", x)
        self.assertGreater(self.server.metric('convoy_batch_parts_total{layer="wide"}') - parts, 1,
                           "it was not cut")
        model = self.statistics("wide")
        self.assert_whole(model)
        self.assertEqual(model.inference_stats.success.count, 1)
        self.assertEqual(model.inference_count, 2)
        self.assertEqual(model.execution_count, 1)

    def test_all_layers_one_layer_or_one_version(self):
        models = self.client.triton.get_inference_statistics().model_stats
        self.assertEqual([(model.name, model.version) for model in models],
                         [("conv", "3"), ("idle", "1"), ("wide", "1")])
        idle = self.statistics("idle", "1")
        self.assertEqual(idle.inference_stats.success.count, 0)
        self.assertEqual(idle.last_inference, 0)
        self.assertEqual(idle.memory_usage[0].byte_size, (3 * 2 * 4 + 4) * 4)
        for arguments, word in ((("nobody",), "nobody"), (("conv", "4"), "'4'")):
            with self.assertRaisesRegex(InferenceServerException, f"NOT_FOUND.*{word}"):
                self.client.triton.get_inference_statistics(*arguments)

    def test_as_json_like_other_servers(self):
        model = self.client.triton.get_inference_statistics("idle", as_json=True)["model_stats"][0]
        self.assertEqual(model["name"], "idle")
        self.assertIn("compute_infer", model["inference_stats"])


if __name__ == "__main__":
    unittest.main()
