#!/usr/bin/env python3
"""Frames that nothing comes of, as fast as they are taken: whoever sends them is cut, others are answered."""

import contextlib
import tempfile
import threading
import time
import unittest
from pathlib import Path

from support import attacks
from support.client import TIMEOUT, Client, infer_request
from support.layers import write_random_layer
from support.memory import MIB, forget_peak, peak_resident_bytes, resident_bytes
from support.server import Server

PATIENCE_SECONDS = 60
ALLOWED = 64 * MIB  # what operations.md allows floods before they are noticed
BURSTS = 1000  # some 10 MB, more than sockets hold
CALLS = 20
FLOODS = 3
REQUEST = infer_request("conv", [1, 1, 1], bytes(4))
FOR_LONG = 500  # milliseconds of processor time
GONE = 200


@contextlib.contextmanager
def flooding(address, frame):
    """A thread that floods, at it when the context begins and until it ends."""
    bursts, stop = [], threading.Event()

    def go_on():
        bursts.append(True)
        return not stop.is_set()

    thread = threading.Thread(target=attacks.flood, args=(address, frame, go_on))
    thread.start()
    try:
        while len(bursts) < BURSTS and thread.is_alive():
            time.sleep(0.01)
        yield thread
    finally:
        stop.set()
        thread.join()


class FrameFloodsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.repository = Path(folder.name)
        write_random_layer(cls.repository, "conv", 1, 1, 1)

    def start(self, *flags):
        """A server of its own, so that what a flood leaves is no other's, and a client that is connected."""
        server = Server(self.repository, *flags)
        self.addCleanup(server.kill)
        client = Client(server.grpc_address)
        self.addCleanup(client.close)
        client.send(REQUEST)
        return server, client

    def flood(self, address, frame):
        """Sends `frame` until the server ends the connection."""
        end = time.monotonic() + PATIENCE_SECONDS
        self.assertTrue(attacks.flood(address, frame, lambda: time.monotonic() < end), "the flood is let go on")

    def test_every_flood_is_cut_and_others_are_answered(self):
        for name, frame in attacks.FLOODS.items():
            with self.subTest(flood=name):
                server, client = self.start()
                pid = server.process.pid
                idle = resident_bytes(pid)
                forget_peak(pid)
                self.flood(server.grpc_address, frame)
                client.send(REQUEST)
                self.assertLess(peak_resident_bytes(pid), idle + ALLOWED)

    def answered_meanwhile(self, server, client, name):
        """Whether calls are answered before the flood is cut."""
        with flooding(server.grpc_address, attacks.FLOODS[name]) as flood:
            for _ in range(CALLS):
                client.send(REQUEST)
            return flood.is_alive()

    def test_others_are_answered_during_a_flood_that_is_not_cut_yet(self):
        server, client = self.start("--flood-milliseconds", FOR_LONG, "--pollers", 1)
        for name in ("window updates", "data without data", "unknown frames"):
            with self.subTest(flood=name):
                # gRPC may give a call of ours to the thread that the flood holds; rarely.
                meanwhile = [self.answered_meanwhile(server, client, name) for _ in range(FLOODS)]
                self.assertIn(True, meanwhile)

    def test_callers_that_go_during_a_flood_leave_nothing_behind(self):
        server, client = self.start("--flood-milliseconds", FOR_LONG, "--pollers", 1)
        with flooding(server.grpc_address, attacks.FLOODS["window updates"]):
            for wait in range(GONE):
                call = client.stub.ModelInfer.future(REQUEST, timeout=TIMEOUT)
                time.sleep(wait % 20 * 1e-4)  # some are gone before they begin, some when they are answered
                call.cancel()
            client.send(REQUEST)
        self.assertEqual(server.stop(), 0)  # which waits for every call


if __name__ == "__main__":
    unittest.main()
