#!/usr/bin/env python3
"""A storm of streams that are opened and reset at once costs neither memory nor anybody's answer."""

import os
import time
import unittest

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from support import attacks, http2
from support.case import ServerTestCase
from support.client import infer_request
from support.layers import write_random_layer
from support.memory import MIB, forget_peak, peak_resident_bytes, resident_bytes

STORM_SECONDS = 4 if os.environ.get("CONVOY_TEST_SCALE") == "full" else 0.5
ALLOWED = 64 * MIB
KEPT = 16 * MIB
PATIENCE_SECONDS = 60
TIMEOUT = 30


def storm(address, path, until, flags):
    """Anew when the server has cut it off."""
    while attacks.reset_storm(address, path, flags, lambda: time.monotonic() < until):
        pass


class ResetStormTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 1, 1, 1)

    def ask(self, stub, **question):
        request = reflection_pb2.ServerReflectionRequest(**question)
        (answer,) = stub.ServerReflectionInfo(iter([request]), timeout=TIMEOUT)
        return answer

    def methods(self):
        """Every method of every service, as reflection tells them, and some that are not there."""
        stub = reflection_pb2_grpc.ServerReflectionStub(self.client.channel)
        services = [service.name for service in
                    self.ask(stub, list_services="").list_services_response.service]
        paths = ["/inference.GRPCInferenceService/ModelStreamInfer", "/no.Such/Method"]
        for service in services:
            files = self.ask(stub, file_containing_symbol=service).file_descriptor_response
            for file in map(FileDescriptorProto.FromString, files.file_descriptor_proto):
                paths += [f"/{service}/{method.name}" for described in file.service
                          if f"{file.package}.{described.name}" == service
                          for method in described.method]
        self.assertGreater(len(paths), 10)
        return paths

    def assert_answers(self):
        self.client.send(infer_request("conv", [1, 1, 1], bytes(4)))

    def test_on_every_method_memory_stays_and_others_are_answered(self):
        pid = self.server.process.pid
        self.assert_answers()
        methods = self.methods()
        idle = resident_bytes(pid)  # for all of them: what one leaves counts for the next
        for path in methods:
            for flags in (http2.END_STREAM, 0):
                with self.subTest(path=path, flags=flags):
                    forget_peak(pid)
                    storm(self.server.grpc_address, path, time.monotonic() + STORM_SECONDS / 2, flags)
                    self.assert_answers()
                    self.assertLess(peak_resident_bytes(pid), idle + ALLOWED)
        end = time.monotonic() + PATIENCE_SECONDS
        while resident_bytes(pid) > idle + KEPT:
            self.assertLess(time.monotonic(), end, f"{resident_bytes(pid)} bytes stay, {idle} were taken before")
            time.sleep(0.1)


if __name__ == "__main__":
    unittest.main()
