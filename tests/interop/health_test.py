#!/usr/bin/env python3
"""grpcio-health-checking: Check and Watch, of the server and of each layer."""

import signal
import unittest

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from support.case import ServerTestCase
from support.client import Client
from support.layers import write_random_layer
from support.server import Server

STATUS = health_pb2.HealthCheckResponse


class HealthTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 4, 3)
        broken = repository / "broken" / "1"
        broken.mkdir(parents=True)
        (broken / "config.json").write_text("{")

    def setUp(self):
        self.health = health_pb2_grpc.HealthStub(self.client.channel)

    def check(self, service):
        request = health_pb2.HealthCheckRequest(service=service)
        return self.health.Check(request, timeout=10).status

    def first_of_watch(self, service):
        watch = self.health.Watch(health_pb2.HealthCheckRequest(service=service), timeout=10)
        status = next(watch).status
        watch.cancel()
        return status

    def test_the_server_and_a_layer_serve(self):
        self.assertEqual(self.check(""), STATUS.SERVING)
        self.assertEqual(self.check("conv"), STATUS.SERVING)

    def test_a_broken_layer_does_not_serve(self):
        self.assertEqual(self.check("broken"), STATUS.NOT_SERVING)

    def test_an_unknown_name_is_not_found_by_check(self):
        self.assert_refused(grpc.StatusCode.NOT_FOUND, lambda: self.check("nobody"))

    def test_watch_answers_at_once(self):
        self.assertEqual(self.first_of_watch(""), STATUS.SERVING)
        self.assertEqual(self.first_of_watch("conv"), STATUS.SERVING)
        self.assertEqual(self.first_of_watch("broken"), STATUS.NOT_SERVING)
        self.assertEqual(self.first_of_watch("nobody"), STATUS.SERVICE_UNKNOWN)

    def test_many_watchers_hold_up_nobody(self):
        watches = [self.health.Watch(health_pb2.HealthCheckRequest(service="conv"))
                   for _ in range(200)]
        for watch in watches:
            self.assertEqual(next(watch).status, STATUS.SERVING)
        self.assertEqual(self.check("conv"), STATUS.SERVING)
        for watch in watches:
            watch.cancel()

    def test_watchers_see_the_server_drain_and_do_not_delay_its_end(self):
        with Server(self.repository, "--drain-seconds", "1") as server:
            client = Client(server.grpc_address)
            self.addCleanup(client.close)
            health = health_pb2_grpc.HealthStub(client.channel)
            watches = {name: health.Watch(health_pb2.HealthCheckRequest(service=name))
                       for name in ("", "conv")}
            for watch in watches.values():
                self.assertEqual(next(watch).status, STATUS.SERVING)
            server.process.send_signal(signal.SIGTERM)
            for name, watch in watches.items():
                self.assertEqual(next(watch).status, STATUS.NOT_SERVING, name)
            self.assertEqual(server.process.wait(timeout=30), 0)


if __name__ == "__main__":
    unittest.main()
