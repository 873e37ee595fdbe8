#!/usr/bin/env python3
"""tritonclient, its blocking, its callback and its asyncio interface."""

import asyncio
import queue
import unittest

import numpy as np
import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_aio
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

from support.case import ServerTestCase
from support.client import infer_request, raw_output
from support.layers import convolve, write_random_layer


class TritonClientTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        _, cls.tensors = write_random_layer(repository, "conv", 2, 4, 3, version=3)
        _, cls.penalized = write_random_layer(repository, "penalized", 2, 4, 3,
                                              activity_regularizer="l1")

    def setUp(self):
        self.x = np.random.default_rng(0).standard_normal((2, 9, 2), dtype=np.float32)
        self.y, _ = convolve(self.x, self.tensors["kernel"], self.tensors["bias"])
        self.triton = self.client.triton

    def assert_answer(self, y):
        np.testing.assert_allclose(y, self.y, rtol=1e-5, atol=1e-5)

    def input(self, module=triton):
        tensor = module.InferInput("input", list(self.x.shape), "FP32")
        tensor.set_data_from_numpy(self.x)
        return tensor

    def test_server_and_model_are_live_and_ready(self):
        self.assertTrue(self.triton.is_server_live())
        self.assertTrue(self.triton.is_server_ready())
        self.assertTrue(self.triton.is_model_ready("conv"))
        self.assertTrue(self.triton.is_model_ready("conv", "3"))
        self.assertFalse(self.triton.is_model_ready("conv", "4"))
        self.assertFalse(self.triton.is_model_ready("nobody"))

    def test_server_metadata(self):
        metadata = self.triton.get_server_metadata()
        self.assertEqual(metadata.name, "convoy")
        self.assertTrue(metadata.version)

    def test_model_metadata(self):
        metadata = self.triton.get_model_metadata("conv")
        self.assertEqual(metadata.name, "conv")
        self.assertEqual(list(metadata.versions), ["3"])
        (tensor,) = metadata.inputs
        self.assertEqual((tensor.name, tensor.datatype, list(tensor.shape)),
                         ("input", "FP32", [-1, -1, 2]))
        (tensor,) = metadata.outputs
        self.assertEqual((tensor.name, tensor.datatype, list(tensor.shape)),
                         ("output", "FP32", [-1, -1, 4]))

    def test_repository_index(self):
        models = self.triton.get_model_repository_index().models
        self.assertEqual([(model.name, model.version, model.state) for model in models],
                         [("conv", "3", "READY"), ("penalized", "1", "READY")])

    def test_infer_with_id_version_and_requested_output(self):
        result = self.triton.infer("conv", [self.input()], model_version="3", request_id="my id",
                                   outputs=[triton.InferRequestedOutput("output")])
        self.assert_answer(result.as_numpy("output"))
        response = result.get_response()
        self.assertEqual((response.id, response.model_name, response.model_version),
                         ("my id", "conv", "3"))

    def test_infer_with_a_callback(self):
        answers = queue.Queue()
        for _ in range(20):
            self.triton.async_infer("conv", [self.input()],
                                    lambda result, error: answers.put((result, error)))
        for _ in range(20):
            result, error = answers.get(timeout=30)
            self.assertIsNone(error)
            self.assert_answer(result.as_numpy("output"))

    def test_infer_with_asyncio(self):
        async def infer_many():
            async with triton_aio.InferenceServerClient(self.server.grpc_address) as client:
                self.assertTrue(await client.is_server_ready())
                return await asyncio.gather(
                    *(client.infer("conv", [self.input(triton_aio)]) for _ in range(50)))

        for result in asyncio.run(infer_many()):
            self.assert_answer(result.as_numpy("output"))

    def test_compressed_requests(self):
        for algorithm in ("gzip", "deflate"):
            result = self.triton.infer("conv", [self.input()], compression_algorithm=algorithm)
            self.assert_answer(result.as_numpy("output"))

    def test_typed_contents(self):
        request = infer_request("conv", self.x.shape)
        request.inputs[0].contents.fp32_contents.extend(self.x.ravel().tolist())
        self.assert_answer(raw_output(self.client.send(request)))

    def test_the_payload_may_come_before_the_other_fields(self):
        payload = service_pb2.ModelInferRequest(raw_input_contents=[self.x.tobytes()])
        rest = infer_request("conv", self.x.shape)
        answer = self.client.send_bytes(payload.SerializeToString() + rest.SerializeToString())
        self.assert_answer(raw_output(service_pb2.ModelInferResponse.FromString(answer)))

    def test_parameters_are_allowed(self):
        result = self.triton.infer("conv", [self.input()], priority=1, timeout=10_000_000)
        self.assert_answer(result.as_numpy("output"))

    def test_the_activity_loss_on_request(self):
        y, _ = convolve(self.x, self.penalized["kernel"], self.penalized["bias"])
        result = self.triton.infer("penalized", [self.input()], parameters={"activity_loss": True})
        loss = result.get_response().parameters["activity_loss"].double_param
        # Keras 3.14 and newer divide by the number of sequences.
        self.assertAlmostEqual(loss, 0.01 * np.abs(y).sum() / len(y), delta=1e-4)

    def test_a_refusal_is_an_exception_with_the_code(self):
        with self.assertRaisesRegex(InferenceServerException, "NOT_FOUND.*nobody"):
            self.triton.infer("nobody", [self.input()])

    def test_a_large_tensor(self):
        self.x = np.random.default_rng(1).standard_normal((4, 100_000, 2), dtype=np.float32)
        self.y, _ = convolve(self.x, self.tensors["kernel"], self.tensors["bias"])
        self.assert_answer(self.triton.infer("conv", [self.input()]).as_numpy("output"))


if __name__ == "__main__":
    unittest.main()
