#!/usr/bin/env python3
"""Every wrong request gets a clear refusal and harms nobody."""

import os
import signal
import socket
import struct
import subprocess
import sys
import unittest

import grpc
import numpy as np

from support.case import ServerTestCase
from support.client import infer_request, raw_output
from support.layers import convolve, write_random_layer

INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND

LIMIT = 64 << 20  # bytes, the default of --max-message-bytes

RANDOM_MESSAGES = 5000 if os.environ.get("CONVOY_TEST_SCALE") == "full" else 500


def floats(count):
    return np.arange(count, dtype="<f4").tobytes()


class HarmlessTestCase(ServerTestCase):
    """After each test the server must live and answer a good request."""

    @classmethod
    def write_layers(cls, repository):
        _, cls.tensors = write_random_layer(repository, "conv", 2, 4, 3)
        write_random_layer(repository, "mono", 1, 1, 3, padding="same")

    def tearDown(self):
        self.assertTrue(self.server.alive(), self.server.log)
        response = self.client.send(infer_request("conv", [1, 5, 2], floats(10)))
        x = np.arange(10).reshape(1, 5, 2)
        expected, _ = convolve(x, self.tensors["kernel"], self.tensors["bias"])
        np.testing.assert_allclose(raw_output(response), expected, rtol=1e-5, atol=1e-5)


class BadInputTest(HarmlessTestCase):

    def setUp(self):
        self.good = infer_request("conv", [1, 5, 2], floats(10))

    def refuse(self, request, code, *says):
        self.assert_refused(code, lambda: self.client.send(request), *says)

    def test_unknown_layer(self):
        self.good.model_name = "nobody"
        self.refuse(self.good, NOT_FOUND, "nobody")

    def test_unknown_version(self):
        self.good.model_version = "7"
        self.refuse(self.good, NOT_FOUND, "conv", "7")

    def test_version_that_is_no_number(self):
        for version in ("one", "-1", "0", "1.0", "18446744073709551617"):
            with self.subTest(version):
                self.good.model_version = version
                self.refuse(self.good, NOT_FOUND, version)

    def test_wrong_input_name(self):
        self.good.inputs[0].name = "x"
        self.refuse(self.good, INVALID, "input", "x")

    def test_no_input(self):
        del self.good.inputs[:]
        self.refuse(self.good, INVALID, "inputs")

    def test_two_inputs(self):
        self.good.inputs.add().CopyFrom(self.good.inputs[0])
        self.refuse(self.good, INVALID, "inputs", "2")

    def test_unknown_output(self):
        self.good.outputs.add(name="y")
        self.refuse(self.good, INVALID, "output", "y")

    def test_wrong_dtype(self):
        for datatype in ("BYTES", "float", ""):
            with self.subTest(datatype):
                self.good.inputs[0].datatype = datatype
                self.refuse(self.good, INVALID, "datatype", "FP32", datatype)

    def test_wrong_rank(self):
        for shape in ([], [10], [5, 2], [1, 1, 5, 2]):
            with self.subTest(shape):
                self.refuse(infer_request("conv", shape, floats(10)), INVALID, "shape")

    def test_zero_dimensions_that_no_layer_can_take(self):
        self.refuse(infer_request("conv", [1, 5, 0], b""), INVALID, "shape")
        self.refuse(infer_request("conv", [1, 0, 2], b""), INVALID, "shape")
        self.refuse(infer_request("conv", [0, 0, 0], b""), INVALID, "shape")

    def test_negative_dimensions(self):
        for shape in ([-1, 5, 2], [1, -5, 2], [1, 5, -2], [-1, -5, 2], [-2**63, 5, 2]):
            with self.subTest(shape):
                self.refuse(infer_request("conv", shape, floats(10)), INVALID, "shape")

    def test_dimensions_whose_product_overflows(self):
        # 2^4 x (2^60 + 2) is 32 in 64 bits.
        self.refuse(infer_request("mono", [2**4, 2**60 + 2, 1], floats(32)), INVALID, "shape")
        self.refuse(infer_request("mono", [2**60 + 2, 2**4, 1], floats(32)), INVALID, "shape")
        # 2^62 elements of 4 bytes are 0 bytes in 64 bits.
        self.refuse(infer_request("mono", [1, 2**62, 1], b""), INVALID)
        self.refuse(infer_request("mono", [2**62, 1, 1], b""), INVALID)
        self.refuse(infer_request("mono", [2**63 - 1, 2**63 - 1, 1], b""), INVALID)

    def test_wrong_number_of_channels(self):
        self.refuse(infer_request("conv", [1, 5, 3], floats(15)), INVALID, "shape", "2", "3")

    def test_fewer_frames_than_the_kernel(self):
        for frames in (1, 2):
            with self.subTest(frames):
                request = infer_request("conv", [1, frames, 2], floats(2 * frames))
                self.refuse(request, INVALID, "Computed output size would be zero or negative")

    def test_payload_of_a_wrong_length(self):
        for length in (0, 1, 39, 41, 44, 80):
            with self.subTest(length):
                self.refuse(infer_request("conv", [1, 5, 2], bytes(length)), INVALID,
                            "raw_input_contents", "40", str(length))

    def test_raw_and_typed_contents_together(self):
        self.good.inputs[0].contents.fp32_contents.extend(range(10))
        self.refuse(self.good, INVALID, "contents")

    def test_neither_raw_nor_typed_contents(self):
        self.refuse(infer_request("conv", [1, 5, 2]), INVALID, "contents")

    def test_more_raw_buffers_than_inputs(self):
        self.good.raw_input_contents.append(floats(10))
        self.refuse(self.good, INVALID, "raw_input_contents", "one input", "2")

    def test_typed_contents_of_a_wrong_length(self):
        for count in (1, 9, 11):
            with self.subTest(count):
                request = infer_request("conv", [1, 5, 2])
                request.inputs[0].contents.fp32_contents.extend(range(count))
                self.refuse(request, INVALID, "10", str(count))

    def test_typed_contents_of_another_type(self):
        request = infer_request("conv", [1, 5, 2])
        request.inputs[0].contents.int_contents.extend(range(10))
        self.refuse(request, INVALID, "contents")

    def test_a_message_over_the_limit(self):
        request = infer_request("conv", [1, LIMIT // 8, 2], bytes(LIMIT))
        self.refuse(request, grpc.StatusCode.RESOURCE_EXHAUSTED)

    def refuse_bytes(self, message):
        """The bytes are refused with a reason, or happen to be a readable request."""
        try:
            self.client.send_bytes(message)
        except grpc.RpcError as error:
            self.assertIn(error.code(), (INVALID, NOT_FOUND), error.details())
            self.assertTrue(error.details())

    def test_a_message_truncated_at_every_byte(self):
        message = self.good.SerializeToString()
        refused = 0
        for length in range(len(message)):
            with self.subTest(length):
                # The payload is the last field: without it nothing can be computed.
                with self.assertRaises(grpc.RpcError) as caught:
                    self.client.send_bytes(message[:length])
                self.assertIn(caught.exception.code(), (INVALID, NOT_FOUND))
                self.assertTrue(caught.exception.details())
                refused += 1
        self.assertEqual(refused, len(message))

    def test_random_bytes(self):
        random = np.random.default_rng(1)
        for _ in range(RANDOM_MESSAGES):
            self.refuse_bytes(random.bytes(random.integers(1, 200)))

    def test_a_good_message_with_flipped_bytes(self):
        random = np.random.default_rng(2)
        message = self.good.SerializeToString()
        header = len(message) - 42  # tag, length and 40 bytes of payload stay whole
        for _ in range(RANDOM_MESSAGES):
            broken = bytearray(message)
            for position in random.integers(0, header, random.integers(1, 4)):
                broken[position] = random.integers(0, 256)
            self.refuse_bytes(bytes(broken))


VANISHING_CLIENT = """
import sys
sys.path.insert(0, {tests!r})
from support.client import Client, infer_request
client = Client({address!r})
request = infer_request("conv", [1, 1 << 20, 2], bytes(8 << 20))
calls = [client.stub.ModelInfer.future(request) for _ in range(8)]
calls[0].result()
print("answered", flush=True)
while True:
    calls.append(client.stub.ModelInfer.future(request))
    calls.pop(0).result()
"""


class VanishingClientTest(HarmlessTestCase):
    """Clients that are gone before their answer."""

    def test_cancelled_calls(self):
        request = infer_request("conv", [1, 1 << 16, 2], bytes(1 << 19))
        for _ in range(50):
            calls = [self.client.stub.ModelInfer.future(request) for _ in range(4)]
            for call in calls:
                call.cancel()

    def test_a_process_that_is_killed_amid_its_calls(self):
        tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        code = VANISHING_CLIENT.format(tests=tests, address=self.server.grpc_address)
        for _ in range(3):
            with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
                self.assertEqual(process.stdout.readline(), b"answered\n")
                process.send_signal(signal.SIGKILL)

    def test_a_connection_that_breaks_off_inside_a_frame(self):
        host, port = self.server.grpc_address.rsplit(":", 1)
        greeting = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
        for sent in (b"", b"GET / HTTP/1.1\r\n\r\n", greeting[:10], greeting,
                     greeting + bytes([0, 0, 100, 1, 4, 0, 0, 0, 1, 0x82])):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(sent)
                # Closed with a reset instead of a farewell.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                      struct.pack("ii", 1, 0))


if __name__ == "__main__":
    unittest.main()
