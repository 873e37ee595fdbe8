#!/usr/bin/env python3
"""What a request may need of memory, and that memory comes back when it is not used any more."""

import time
import unittest

import grpc
import numpy as np

from support.case import ServerTestCase
from support.client import infer_request
from support.layers import conv1d_config, write_layer
from support.memory import MIB, forget_peak, peak_resident_bytes, resident_bytes

PATIENCE_SECONDS = 60


def write(repository, name, kernel, **arguments):
    """A layer without bias."""
    config = conv1d_config(name, kernel.shape[2], kernel.shape[0], use_bias=False, **arguments)
    write_layer(repository, config, {"kernel": kernel})


class MemoryTest(ServerTestCase):

    FLAGS = ("--max-run-bytes", "256MiB", "--workers", 2, "--tuning", "off")

    @classmethod
    def write_layers(cls, repository):
        random = np.random.default_rng(1)
        # Padding of 40,000 frames around sequences of one, and an activation that looks at all of them.
        cls.long = random.standard_normal((40_001, 1, 1), dtype=np.float32)
        write(repository, "long", cls.long, padding="same",
              activation={"class_name": "Softmax", "config": {"axis": 0}})
        # In float64, and an activation that looks at a whole sequence.
        write(repository, "double", random.standard_normal((1, 1, 16), dtype=np.float32), dtype="float64",
              activation={"class_name": "Softmax", "config": {"axis": 1}})
        write(repository, "wide", random.standard_normal((1, 1, 256), dtype=np.float32))

    def wait_until(self, what, condition):
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), end, f"never: {what}")
            time.sleep(0.1)

    def test_short_sequences_with_long_padding_run_in_bounded_memory(self):
        pid = self.server.process.pid
        sequences = 3_000  # packed at once, 480 MB
        before = resident_bytes(pid)
        forget_peak(pid)
        x = np.linspace(-1, 1, sequences, dtype=np.float32).reshape(-1, 1, 1)
        y = self.client.infer("long", x)
        # "same" puts the frame in the middle of the kernel.
        z = x[:, 0, 0].astype(np.float64) * self.long[20_000, 0, 0]
        expected = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        np.testing.assert_allclose(y[:, 0, 0], expected, rtol=1e-5)
        self.assertLess(peak_resident_bytes(pid) - before, 256 * MIB)

    def test_a_request_that_needs_more_is_refused_before_it_needs_anything(self):
        pid = self.server.process.pid
        frames = 1_000_000  # 128 MB of results, and as much again
        request = infer_request("double", [1, frames, 1], bytes(4 * frames))
        before = resident_bytes(pid)
        forget_peak(pid)
        self.assert_refused(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: self.client.send(request),
                            "memory while it runs", str(256 * MIB))
        self.assertLess(peak_resident_bytes(pid) - before, 32 * MIB)
        few = np.zeros((1, 100_000, 1), np.float32)
        self.assertEqual(self.client.infer("double", few).shape, (1, 100_000, 16))

    def test_memory_that_was_used_is_given_back(self):
        pid = self.server.process.pid
        x = np.ones((1, 50_000, 1), np.float32)  # 51 MB of answer
        self.client.infer("wide", x[:, :10])
        before = resident_bytes(pid)
        forget_peak(pid)
        for _ in range(3):
            self.client.infer("wide", x)
        self.assertGreater(peak_resident_bytes(pid) - before, 48 * MIB)
        self.wait_until("given back", lambda: resident_bytes(pid) < before + 16 * MIB)
        self.assertEqual(self.client.infer("wide", x).shape, (1, 50_000, 256))


if __name__ == "__main__":
    unittest.main()
