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
from support.client import Client, infer_request
from support.layers import write_random_layer
from support.server import Server
from support.skipping import skip

ROUNDS = 10 if os.environ.get("CONVOY_TEST_SCALE") == "full" else 1
CALLS = 2  # in flight at once, each way
PATIENCE_SECONDS = 120
# A layer each tells in the metrics by which way a call came.
WAYS = ("proxy", "round_robin")
# Addresses of this test alone: nobody takes the port of a replica that is being replaced, neither
# another program nor the connection of somebody who looks whether it is back.
HOSTS = [f"127.{1 + os.getpid() // 250 % 250}.{1 + os.getpid() % 250}.{1 + i}" for i in range(3)]


def wait_until(holds, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}")
        time.sleep(0.05)


class ReplicasTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = Path(folder.name)
        for layer in WAYS:
            write_random_layer(self.repository, layer, 16, 16, 5)
        self.requests = {layer: infer_request(layer, [1, 500, 16], np.ones((500, 16), "<f4").tobytes())
                         for layer in WAYS}

    def start(self, address, *flags, http=None, mode="fixed", **arguments):
        host = address.split(":")[0]
        server = Server(self.repository, "--repository-mode", mode, "--tuning", "off", "--drain-seconds", 1,
                        "--grpc-address", address, "--http-address", http or f"{host}:0", *flags, **arguments)
        self.addCleanup(server.kill)
        return server

    def start_three(self, **arguments):
        self.servers = [self.start(f"{host}:0", **arguments) for host in HOSTS]

    def start_proxy(self, config=None):
        self.proxy = haproxy.HaProxy([(server.grpc_address, server.http_address)
                                      for server in self.servers], config or haproxy.documented())
        self.addCleanup(self.proxy.stop)

    def call(self, layer, addresses):
        callers = Callers(RETRIES, addresses, self.requests[layer], CALLS)
        self.addCleanup(callers.stop)
        return callers

    def call_both_ways(self):
        callers = {"proxy": self.call("proxy", [self.proxy.address]),
                   "round_robin": self.call("round_robin", [server.grpc_address for server in self.servers])}
        for server in self.servers:
            self.wait_for_calls(server)
        return callers

    def calls(self, server, layer):
        while True:
            try:
                return server.metric(f'convoy_requests_total{{layer="{layer}",code="OK"}}')
            except TimeoutError:
                self.assertTrue(server.alive())  # and busy

    def wait_for_calls(self, server, ways=WAYS):
        for layer in ways:
            wait_until(lambda: self.calls(server, layer) > 0, f"a call by {layer} to {server.grpc_address}")

    def replace(self, ended, *flags, **arguments):
        """A new server at the address of one that has ended."""
        fresh = self.start(ended.grpc_address, *flags, http=ended.http_address, **arguments)
        self.servers[self.servers.index(ended)] = fresh
        return fresh

    def version_of(self, server):
        client = Client(server.grpc_address)
        try:
            return client.send(self.requests["proxy"]).model_version
        finally:
            client.close()

    def test_a_rolling_restart_brings_a_new_version_and_fails_no_call(self):
        self.start_three()
        self.start_proxy()
        self.proxy.wait_for(3)
        callers = self.call_both_ways()
        for version in range(2, 2 + ROUNDS):
            for layer in WAYS:
                write_random_layer(self.repository, layer, 16, 16, 5, version=version)
            self.assertEqual({self.version_of(server) for server in self.servers}, {str(version - 1)})
            for server in list(self.servers):
                self.assertEqual(server.stop(), 0)
                fresh = self.replace(server)
                self.proxy.wait_for(3)
                self.wait_for_calls(fresh)
            self.assertEqual({self.version_of(server) for server in self.servers}, {str(version)})
        for way, each in callers.items():
            each.stop()
            self.assertEqual(each.failures, [], way)

    def test_a_link_that_is_switched_brings_a_new_version_to_all_and_fails_no_call(self):
        # As Kubernetes' volumes and git-sync do it: whole folders, and a link to the newest.
        folders = self.repository
        self.repository = folders / "current"

        def switch_to(version):
            made = folders / f"made-{version}"
            for layer in WAYS:
                write_random_layer(made, layer, 16, 16, 5, version=version)
            (folders / "next").symlink_to(made.name)
            (folders / "next").rename(self.repository)

        switch_to(1)
        self.start_three(mode="watch")
        self.start_proxy()
        self.proxy.wait_for(3)
        callers = self.call_both_ways()
        seconds = []
        for version in range(2, 2 + ROUNDS):
            begin = time.monotonic()
            switch_to(version)
            wait_until(lambda: {self.version_of(server) for server in self.servers} == {str(version)},
                       f"version {version} at all replicas")
            seconds.append(time.monotonic() - begin)
        for way, each in callers.items():
            each.stop()
            self.assertEqual(each.failures, [], way)
        print(f"a new version at all replicas within {max(seconds):.2f} s, in the worst of {ROUNDS} rounds")

    def test_a_replica_that_is_killed_fails_at_most_the_calls_in_flight(self):
        self.start_three()
        self.start_proxy()
        self.proxy.wait_for(3)
        callers = self.call_both_ways()
        for _ in range(ROUNDS):
            before = {way: len(each.failures) for way, each in callers.items()}
            killed = self.servers[0]
            killed.kill()
            self.proxy.wait_for(2)
            fresh = self.replace(killed)
            self.proxy.wait_for(3)
            self.wait_for_calls(fresh)
            for way, each in callers.items():
                self.assertLessEqual(len(each.failures) - before[way], CALLS, (way, each.failures))
        for server in self.servers:
            self.assertTrue(server.alive())

    def test_a_replica_without_a_required_layer_gets_no_calls_until_it_has_it(self):
        self.start_three()
        self.start_proxy()
        self.proxy.wait_for(3)
        ended = self.servers[2]
        self.assertEqual(ended.stop(), 0)
        self.proxy.wait_for(2)
        waiting = self.replace(ended, "--required-layers", "proxy,later", mode="watch", until="listening")
        waiting.wait_for("not ready")
        callers = self.call("proxy", [self.proxy.address])
        for server in self.servers[:2]:
            self.wait_for_calls(server, ["proxy"])
        self.assertEqual(self.calls(waiting, "proxy"), 0)
        write_random_layer(self.repository, "later", 1, 1, 1)
        self.wait_for_calls(waiting, ["proxy"])
        callers.stop()
        self.assertEqual(callers.failures, [])

    def test_connections_move_to_a_new_replica_when_their_age_is_up(self):
        age = ["--max-connection-age-seconds", 1]
        self.servers = [self.start(f"{host}:0", *age) for host in HOSTS[:2]]
        old, absent = self.servers
        self.start_proxy(haproxy.connections_only(haproxy.documented()))
        self.assertEqual(absent.stop(), 0)
        self.proxy.wait_for(1)
        callers = self.call("proxy", [self.proxy.address])
        self.wait_for_calls(old, ["proxy"])
        new = self.replace(absent, *age)
        self.proxy.wait_for(2)
        self.wait_for_calls(new, ["proxy"])
        callers.stop()
        self.assertEqual(callers.failures, [])


if __name__ == "__main__":
    if not haproxy.installed():
        skip("HAProxy is not installed (apt-get install haproxy)")
    unittest.main()
