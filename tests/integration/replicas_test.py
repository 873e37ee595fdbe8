#!/usr/bin/env python3
"""Three replicas behind HAProxy and behind gRPC's own round_robin: restarts that nobody notices."""

import os
import tempfile
import time
import unittest
from pathlib import Path

import numpy as np

from support import haproxy
from support.callers import RETRIES, Callers
from support.client import infer_request
from support.layers import write_random_layer
from support.server import Server
from support.skipping import skip

ROUNDS = 10 if os.environ.get("CONVOY_TEST_SCALE") == "full" else 1
CALLS = 4  # in flight at once
DRAIN_SECONDS = 1


class ReplicasTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = Path(folder.name)
        write_random_layer(self.repository, "conv", 16, 16, 5)
        self.request = infer_request("conv", [1, 500, 16], np.ones((500, 16), "<f4").tobytes())
        self.servers = [self.start() for _ in range(3)]
        self.proxy = haproxy.HaProxy([(server.grpc_address, server.http_address)
                                      for server in self.servers])
        self.addCleanup(self.proxy.stop)

    def start(self, *flags, **arguments):
        server = Server(self.repository, "--tuning", "off", "--drain-seconds", DRAIN_SECONDS, *flags,
                        **arguments)
        self.addCleanup(server.kill)
        return server

    def callers(self):
        """Behind HAProxy and behind round_robin."""
        addresses = [server.grpc_address for server in self.servers]
        for way in ([self.proxy.address], addresses):
            callers = Callers(RETRIES, way, self.request, CALLS // 2)
            self.addCleanup(callers.stop)
            yield callers

    def wait_for_calls(self, server):
        """Until both ways have found it: one call alone could come from either."""
        while server.metric('convoy_requests_total{layer="conv",code="OK"}') < 10 * CALLS:
            time.sleep(0.05)

    def replace(self, ended):
        self.servers.remove(ended)
        fresh = self.start("--grpc-address", ended.grpc_address, "--http-address", ended.http_address)
        self.servers.append(fresh)
        self.proxy.wait_for(3)
        self.wait_for_calls(fresh)

    def test_a_rolling_restart_fails_no_call(self):
        through_proxy, round_robin = self.callers()
        for server in self.servers:
            self.wait_for_calls(server)
        for _ in range(ROUNDS):
            for server in list(self.servers):
                self.assertEqual(server.stop(), 0)
                self.replace(server)
        through_proxy.stop()
        round_robin.stop()
        self.assertEqual(through_proxy.failures, [])
        self.assertEqual(round_robin.failures, [])

    def test_a_replica_that_is_killed_fails_at_most_the_calls_in_flight(self):
        through_proxy, round_robin = self.callers()
        for server in self.servers:
            self.wait_for_calls(server)
        for _ in range(ROUNDS):
            killed = self.servers[0]
            before = len(through_proxy.failures), len(round_robin.failures)
            killed.kill()
            self.replace(killed)
            self.assertLessEqual(len(through_proxy.failures) - before[0], CALLS // 2)
            self.assertLessEqual(len(round_robin.failures) - before[1], CALLS // 2)
        for server in self.servers:
            self.assertTrue(server.alive())

    def test_a_replica_without_a_required_layer_gets_no_calls_until_it_has_it(self):
        ended = self.servers.pop()
        self.assertEqual(ended.stop(), 0)
        self.proxy.wait_for(2)
        waiting = self.start("--grpc-address", ended.grpc_address, "--http-address", ended.http_address,
                             "--required-layers", "conv,later", until="listening")
        waiting.wait_for("not ready")
        callers = Callers(RETRIES, [self.proxy.address], self.request, CALLS)
        self.addCleanup(callers.stop)
        for server in self.servers:
            self.wait_for_calls(server)
        self.assertEqual(waiting.metric('convoy_requests_total{layer="conv",code="OK"}'), 0)
        write_random_layer(self.repository, "later", 1, 1, 1)
        self.proxy.wait_for(3)
        self.wait_for_calls(waiting)
        callers.stop()
        self.assertEqual(callers.failures, [])


if __name__ == "__main__":
    if not haproxy.installed():
        skip("HAProxy is not installed (apt-get install haproxy)")
    unittest.main()
