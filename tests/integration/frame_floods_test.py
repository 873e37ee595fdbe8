#!/usr/bin/env python3
"""Frames that nothing comes of, as fast as they are taken: whoever sends them is cut, others are answered."""

import time
import unittest

from support import attacks
from support.case import ServerTestCase
from support.client import infer_request
from support.layers import write_random_layer
from support.memory import MIB, forget_peak, peak_resident_bytes, resident_bytes

PATIENCE_SECONDS = 60
ALLOWED = 64 * MIB  # what operations.md allows floods before they are noticed


class FrameFloodsTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 1, 1, 1)

    def assert_answers(self):
        self.client.send(infer_request("conv", [1, 1, 1], bytes(4)))

    def flood(self, frame):
        """Sends `frame` until the server ends the connection."""
        end = time.monotonic() + PATIENCE_SECONDS
        self.assertTrue(attacks.flood(self.server.grpc_address, frame, lambda: time.monotonic() < end),
                        "the flood is let go on")

    def test_every_flood_is_cut_and_others_are_answered(self):
        self.assert_answers()
        pid = self.server.process.pid
        for name, frame in attacks.FLOODS.items():
            with self.subTest(flood=name):
                idle = resident_bytes(pid)
                forget_peak(pid)
                self.flood(frame)
                self.assert_answers()
                self.assertLess(peak_resident_bytes(pid), idle + ALLOWED)


if __name__ == "__main__":
    unittest.main()
