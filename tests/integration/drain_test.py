#!/usr/bin/env python3
"""A server that is told to stop, under load: what was received is answered, and callers who look where
they call notice nothing."""

import os
import signal
import tempfile
import threading
import time
import unittest
from pathlib import Path

import grpc
import numpy as np

from support.callers import FOLLOWS_HEALTH, RETRIES, Callers
from support.client import INFER, Client, infer_request
from support.layers import write_random_layer
from support.server import Server
from support.slow_caller import SlowCaller

DRAINS = 50 if os.environ.get("CONVOY_TEST_SCALE") == "full" else 5
CALLS = 8  # in flight at once

# A layer each tells them apart in the metrics.
CALLERS = {"follows": FOLLOWS_HEALTH, "retries": RETRIES}


class DrainTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = Path(folder.name)
        for layer in CALLERS:
            write_random_layer(self.repository, layer, 64, 64, 5)
        self.large = self.request("follows", 20_000)

    def start(self, *flags):
        server = Server(self.repository, "--tuning", "off", *flags)
        self.addCleanup(server.kill)
        return server

    @staticmethod
    def request(layer, frames):
        return infer_request(layer, [1, frames, 64], np.ones((frames, 64), "<f4").tobytes())

    def wait_until(self, holds):
        while not holds():
            time.sleep(0.01)

    def test_calls_that_were_received_are_answered(self):
        for _ in range(DRAINS):
            server = self.start("--workers", "1")
            client = Client(server.grpc_address)
            begun = [0] * CALLS
            ended = {}  # caller: its failed call's number and error

            def call(caller):
                while caller not in ended:
                    begun[caller] += 1
                    try:
                        client.send(self.large)
                    except grpc.RpcError as error:
                        ended[caller] = begun[caller], error

            threads = [threading.Thread(target=call, args=(i,)) for i in range(CALLS)]
            for thread in threads:
                thread.start()
            # Until a call of every caller is there at once: what was begun before that look has
            # been received.
            bytes_of_all = CALLS * len(self.large.raw_input_contents[0])
            received = None
            while received is None or server.metric("convoy_queue_bytes") < bytes_of_all:
                received = list(begun)
            self.assertEqual(server.stop(), 0)
            for thread in threads:
                thread.join()
            client.close()
            for caller, (number, error) in ended.items():
                self.assertGreater(number, received[caller], error)
                self.assertIn(error.code(), (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED))

    # The server ends a connection when its last answer has been handed to the kernel.
    def test_answers_that_are_read_late_and_slowly_arrive(self):
        # (1, frames, 1) -> (1, frames, 512): as much as a socket of the kind holds.
        write_random_layer(self.repository, "wide", 1, 512, 1)
        for kind, frames in (("127.0.0.1:0", 1000), (f"unix:{self.repository}/grpc", 50)):
            with self.subTest(kind):
                message = infer_request("wide", [1, frames, 1], bytes(4 * frames)).SerializeToString()
                server = self.start("--grpc-address", kind)
                caller = SlowCaller(server.grpc_address)
                self.addCleanup(caller.close)
                caller.call(INFER, message)
                self.wait_until(lambda: server.metric("convoy_requests_total") == 1)
                server.process.send_signal(signal.SIGTERM)
                caller.wait_until_ended()
                caller.read_to_the_end()
                self.assertTrue(caller.answered)
                self.assertGreater(caller.answer_bytes, frames * 512 * 4)
                caller.close()
                self.assertEqual(server.process.wait(), 0)

    def test_callers_who_neither_read_nor_close_do_not_hold_it_for_ever(self):
        server = self.start("--shutdown-seconds", "1")
        caller = SlowCaller(server.grpc_address)
        self.addCleanup(caller.close)
        caller.call(INFER, self.request("follows", 50).SerializeToString())
        self.wait_until(lambda: server.metric("convoy_requests_total") == 1)
        self.assertEqual(server.stop(), 0)

    def test_callers_that_follow_health_or_retry_notice_nothing(self):
        drain = ["--drain-seconds", "0.5"]
        servers = [self.start(*drain), self.start(*drain)]
        addresses = [server.grpc_address for server in servers]
        callers = {layer: Callers(config, addresses, self.request(layer, 500), CALLS // 2)
                   for layer, config in CALLERS.items()}
        try:
            for _ in range(DRAINS):
                # Both kinds of callers have found both servers.
                for server in servers:
                    self.wait_until(lambda: all(server.metric(
                        f'convoy_requests_total{{layer="{layer}",code="OK"}}') > 0
                        for layer in CALLERS))
                ending = servers.pop(0)
                self.assertEqual(ending.stop(), 0)
                servers.append(self.start("--grpc-address", ending.grpc_address, *drain))
        finally:
            for each in callers.values():
                each.stop()
        for layer, each in callers.items():
            self.assertEqual(each.failures, [], layer)


if __name__ == "__main__":
    unittest.main()
