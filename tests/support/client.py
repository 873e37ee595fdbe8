"""Requests: through tritonclient's stub for odd ones, through its client for good ones."""

import grpc
import numpy as np
import tritonclient.grpc as triton
from tritonclient.grpc import service_pb2, service_pb2_grpc

TIMEOUT = 30
INFER = "/inference.GRPCInferenceService/ModelInfer"


class Client:
    """A tritonclient for good requests, and a bare stub for all others."""

    def __init__(self, address):
        self.triton = triton.InferenceServerClient(address)
        self.channel = grpc.insecure_channel(
            address, options=[("grpc.max_send_message_length", -1),
                              ("grpc.max_receive_message_length", -1),
                              ("grpc.use_local_subchannel_pool", 1)])  # its own connection
        self.stub = service_pb2_grpc.GRPCInferenceServiceStub(self.channel)
        self._raw_infer = self.channel.unary_unary(INFER)

    def infer(self, layer, x, **arguments):
        """The output for an array, by tritonclient."""
        tensor = triton.InferInput("input", list(x.shape), "FP32")
        tensor.set_data_from_numpy(x)
        result = self.triton.infer(layer, [tensor], client_timeout=TIMEOUT, **arguments)
        return result.as_numpy("output")

    def send(self, request):
        """The answer to a ModelInferRequest."""
        return self.stub.ModelInfer(request, timeout=TIMEOUT)

    def send_bytes(self, message):
        """The answer, as bytes, to any bytes sent as a ModelInferRequest."""
        return self._raw_infer(message, timeout=TIMEOUT)

    def close(self):
        self.triton.close()
        self.channel.close()


def infer_request(layer, shape, payload=None, datatype="FP32", version="", name="input"):
    """A ModelInferRequest; `payload` as raw contents, none when it is None."""
    request = service_pb2.ModelInferRequest(model_name=layer, model_version=version)
    request.inputs.add(name=name, datatype=datatype, shape=shape)
    if payload is not None:
        request.raw_input_contents.append(payload)
    return request


def raw_output(response):
    """The only output of an answer as an array."""
    (output,) = response.outputs
    return np.frombuffer(response.raw_output_contents[0], "<f4").reshape(list(output.shape))
