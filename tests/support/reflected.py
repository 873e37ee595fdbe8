"""Calls of services whose generated code Python does not have, by what the server says of itself."""

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)

TIMEOUT = 30


class Reflected:
    """Unary methods of one service: requests are dictionaries, so are answers."""

    def __init__(self, address, service):
        self.channel = grpc.insecure_channel(
            address, options=[("grpc.max_receive_message_length", -1)])
        pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))
        self.service = pool.FindServiceByName(service)

    def call(self, method, request=None):
        described = self.service.methods_by_name[method]
        message = json_format.ParseDict(
            request or {}, message_factory.GetMessageClass(described.input_type)())
        answer = self.channel.unary_unary(
            f"/{self.service.full_name}/{method}",
            request_serializer=lambda one: one.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(described.output_type).FromString,
        )(message, timeout=TIMEOUT)
        return json_format.MessageToDict(answer, preserving_proto_field_name=True)

    def close(self):
        self.channel.close()
