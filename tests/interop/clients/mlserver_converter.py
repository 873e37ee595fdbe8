"""MLServer's own converters: a request with typed contents, which is its default, one with
raw contents, and the metadata of a layer.

    mlserver_converter.py ADDRESS    prints what came back
"""

import json
import sys

import grpc
from mlserver.grpc.converters import (ModelInferRequestConverter, ModelInferResponseConverter,
                                      ModelMetadataResponseConverter)
from mlserver.grpc.dataplane_pb2 import ModelMetadataRequest
from mlserver.grpc.dataplane_pb2_grpc import GRPCInferenceServiceStub
from mlserver.types import InferenceRequest, RequestInput

TIMEOUT = 30


def infer(stub, datatype, data, **options):
    request = InferenceRequest(inputs=[
        RequestInput(name="input", shape=[1, len(data), 1], datatype=datatype, data=data)])
    message = ModelInferRequestConverter.from_types(request, model_name="conv", **options)
    (output,) = ModelInferResponseConverter.to_types(
        stub.ModelInfer(message, timeout=TIMEOUT)).outputs
    return list(output.data)


def main(address):
    with grpc.insecure_channel(address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        metadata = ModelMetadataResponseConverter.to_types(
            stub.ModelMetadata(ModelMetadataRequest(name="conv"), timeout=TIMEOUT))
        print(json.dumps({
            "metadata": [metadata.name, metadata.inputs[0].datatype, metadata.inputs[0].shape],
            "typed": infer(stub, "FP32", [1.0, 2.0, 3.0]),
            "integers": infer(stub, "INT32", [1, 2, 3]),
            "raw": infer(stub, "FP32", [1.0, 2.0, 3.0], use_raw=True)}))


main(sys.argv[1])
