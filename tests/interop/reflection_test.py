#!/usr/bin/env python3
"""grpcio-reflection: the server describes itself, and can be called from that."""

import unittest

import numpy as np
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)

from support.case import ServerTestCase
from support.client import INFER
from support.layers import write_random_layer

SERVICE = "inference.GRPCInferenceService"


class ReflectionTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 4, 3)

    def setUp(self):
        self.database = ProtoReflectionDescriptorDatabase(self.client.channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)

    def test_all_services_are_listed(self):
        services = self.database.get_services()
        self.assertIn(SERVICE, services)
        self.assertIn("grpc.health.v1.Health", services)

    def test_the_newer_name_of_the_protocol_answers_the_same(self):
        def ask(version):
            path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
            call = self.client.channel.stream_stream(
                path, reflection_pb2.ServerReflectionRequest.SerializeToString,
                reflection_pb2.ServerReflectionResponse.FromString)
            request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE)
            (answer,) = call(iter([request]), timeout=10)
            return answer

        self.assertEqual(ask("v1"), ask("v1alpha"))
        self.assertTrue(ask("v1").file_descriptor_response.file_descriptor_proto)

    def test_the_methods_of_the_protocol_are_described(self):
        methods = self.pool.FindServiceByName(SERVICE).methods_by_name
        for name in ("ServerLive", "ServerReady", "ModelReady", "ServerMetadata",
                     "ModelMetadata", "ModelInfer"):
            self.assertIn(name, methods)

    def test_a_call_made_from_the_description_alone(self):
        method = self.pool.FindServiceByName(SERVICE).methods_by_name["ModelInfer"]
        request_class = message_factory.GetMessageClass(method.input_type)
        response_class = message_factory.GetMessageClass(method.output_type)
        request = request_class(model_name="conv", id="by reflection")
        request.inputs.add(name="input", datatype="FP32", shape=[1, 5, 2])
        request.raw_input_contents.append(np.zeros(10, "<f4").tobytes())
        call = self.client.channel.unary_unary(INFER, request_class.SerializeToString,
                                               response_class.FromString)
        response = call(request, timeout=10)
        self.assertEqual(response.id, "by reflection")
        self.assertEqual(list(response.outputs[0].shape), [1, 3, 4])


if __name__ == "__main__":
    unittest.main()
