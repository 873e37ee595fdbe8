#!/usr/bin/env python3
"""Frames that nothing comes of, as fast as they are taken: whoever sends them is cut, others are answered."""

import time
import unittest

from support import http2
from support.case import ServerTestCase
from support.client import infer_request
from support.layers import write_random_layer
from support.memory import MIB, forget_peak, peak_resident_bytes, resident_bytes

PATIENCE_SECONDS = 60
ALLOWED = 64 * MIB  # what operations.md allows floods before they are noticed
FRAMES_AT_ONCE = 1000

PRIORITY, CONTINUATION, UNKNOWN = 2, 9, 77
# One frame each; what is opened before them is the stream that they belong to.
FLOODS = {
    "settings": http2.frame(http2.SETTINGS, 0, 0, b"\0\4\0\1\0\0"),
    "pings": http2.frame(http2.PING, 0, 0, bytes(8)),
    "priorities": http2.frame(PRIORITY, 0, 1, b"\0\0\0\0\1"),
    "window updates": http2.frame(http2.WINDOW_UPDATE, 0, 0, b"\0\0\0\1"),
    "data without data": http2.frame(http2.DATA, 0, 1),
    "unknown frames": http2.frame(UNKNOWN, 0, 0),
    "continuations without headers": http2.frame(CONTINUATION, 0, 1),
    "resets of a stream": http2.frame(http2.RST_STREAM, 0, 1, http2.CANCEL.to_bytes(4, "big")),
}


class FrameFloodsTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 1, 1, 1)

    def assert_answers(self):
        self.client.send(infer_request("conv", [1, 1, 1], bytes(4)))

    def flood(self, frame):
        """Sends `frame` until the server ends the connection."""
        connection = http2.Connection(self.server.grpc_address)
        self.addCleanup(connection.close)
        end = time.monotonic() + PATIENCE_SECONDS
        try:
            connection.send(http2.frame(http2.HEADERS, http2.END_HEADERS, 1,
                                        http2.call_headers("/grpc.health.v1.Health/Watch")))
            while True:
                self.assertLess(time.monotonic(), end, "the flood is let go on")
                connection.send(frame * FRAMES_AT_ONCE)
        except OSError:
            pass  # cut

    def test_every_flood_is_cut_and_others_are_answered(self):
        self.assert_answers()
        pid = self.server.process.pid
        for name, frame in FLOODS.items():
            with self.subTest(flood=name):
                idle = resident_bytes(pid)
                forget_peak(pid)
                self.flood(frame)
                self.assert_answers()
                self.assertLess(peak_resident_bytes(pid), idle + ALLOWED)


if __name__ == "__main__":
    unittest.main()
