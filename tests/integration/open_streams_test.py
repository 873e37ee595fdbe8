#!/usr/bin/env python3
"""Streams that callers hold open take no thread and hold up nobody."""

import threading
import unittest
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc

from support.case import ServerTestCase
from support.layers import write_random_layer

TIMEOUT = 30
INFERENCE = "/inference.GRPCInferenceService/"


class OpenStreamsTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 4, 3)

    def setUp(self):
        # Streams and questions come over different connections.
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.strangers = grpc.insecure_channel(self.server.grpc_address, options=options)
        self.addCleanup(self.strangers.close)
        self.silence = threading.Event()
        self.addCleanup(self.silence.set)

    def silent(self):
        """Requests that do not come until the test ends."""
        self.silence.wait()
        yield from ()

    def reflection(self, silent):
        """An open stream; one that is not silent has had an answer."""
        requests = [reflection_pb2.ServerReflectionRequest(list_services="")]
        def ask():
            if not silent:
                yield from requests
            yield from self.silent()
        stream = reflection_pb2_grpc.ServerReflectionStub(self.strangers).ServerReflectionInfo(ask())
        if not silent:
            next(stream)
        return stream

    def watch(self, silent):
        if silent:  # the request does not come either
            return self.strangers.stream_stream("/grpc.health.v1.Health/Watch")(self.silent())
        stream = health_pb2_grpc.HealthStub(self.strangers).Watch(health_pb2.HealthCheckRequest())
        next(stream)
        return stream

    def threads(self):
        return len(list(Path(f"/proc/{self.server.process.pid}/task").iterdir()))

    def assert_everything_answers(self):
        stub = service_pb2_grpc.GRPCInferenceServiceStub(self.client.channel)
        self.assertTrue(stub.ServerLive(service_pb2.ServerLiveRequest(), timeout=TIMEOUT).live)
        self.assertTrue(stub.ServerReady(service_pb2.ServerReadyRequest(), timeout=TIMEOUT).ready)
        metadata = stub.ModelMetadata(service_pb2.ModelMetadataRequest(name="conv"), timeout=TIMEOUT)
        self.assertEqual(metadata.name, "conv")
        health = health_pb2_grpc.HealthStub(self.client.channel)
        status = health.Check(health_pb2.HealthCheckRequest(service="conv"), timeout=TIMEOUT).status
        self.assertEqual(status, health_pb2.HealthCheckResponse.SERVING)

    def test_everything_answers_beside_idle_streams_which_take_no_threads(self):
        self.assert_everything_answers()
        threads = self.threads()
        streams = []
        for count in (15, 200):
            while len(streams) < 2 * count:
                silent = len(streams) % 4 >= 2
                streams += [self.reflection(silent), self.watch(silent)]
            self.assert_everything_answers()
            # gRPC adds one for its timers now and then.
            self.assertLessEqual(self.threads(), threads + 2)
        for stream in streams:
            stream.cancel()
        self.assert_everything_answers()

    def test_a_stream_that_is_not_served_ends_at_once(self):
        for method in ("ModelStreamInfer", "NoSuchMethod"):
            with self.subTest(method=method):
                stream = self.strangers.stream_stream(INFERENCE + method)(self.silent(), timeout=TIMEOUT)
                self.assert_refused(grpc.StatusCode.UNIMPLEMENTED, lambda: next(stream), method)


if __name__ == "__main__":
    unittest.main()
