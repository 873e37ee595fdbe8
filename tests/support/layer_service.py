"""Calls of convoy.v1.LayerService, with messages made from the .proto."""

import atexit
import importlib
import shutil
import subprocess
import sys
import tempfile

import grpc

from support import ROOT

_folder = tempfile.TemporaryDirectory()
atexit.register(_folder.cleanup)
subprocess.run([shutil.which("protoc"), f"-I{ROOT / 'proto'}", f"--python_out={_folder.name}",
                "convoy/v1/layer_service.proto"], check=True, cwd=ROOT / "proto")
sys.path.insert(0, _folder.name)
pb = importlib.import_module("convoy.v1.layer_service_pb2")

TIMEOUT = 60
SERVICE = pb.DESCRIPTOR.services_by_name["LayerService"]
# The installed protobuf cannot say which methods are streams of every version; the .proto can.
STREAMS = {"GetWeights": "unary_stream", "UploadWeights": "stream_unary"}


class LayerService:
    """A method of the service is a method here: `service.GetLayer(name="layers/conv")`."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(
            address, options=[("grpc.max_send_message_length", -1),
                              ("grpc.max_receive_message_length", -1)])

    def __getattr__(self, name):
        method = SERVICE.methods_by_name[name]
        request = getattr(pb, method.input_type.name)
        call = getattr(self.channel, STREAMS.get(name, "unary_unary"))(
            f"/{SERVICE.full_name}/{name}", request_serializer=request.SerializeToString,
            response_deserializer=getattr(pb, method.output_type.name).FromString)
        if STREAMS.get(name) == "stream_unary":
            return lambda requests: call(requests, timeout=TIMEOUT)
        return lambda **fields: call(request(**fields), timeout=TIMEOUT)

    def send_bytes(self, name, message):
        """The answer, as bytes, to any bytes."""
        return self.channel.unary_unary(f"/{SERVICE.full_name}/{name}")(message, timeout=TIMEOUT)

    def close(self):
        self.channel.close()
