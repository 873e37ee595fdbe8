#!/usr/bin/env python3
"""Whatever strangers send, alone or many at once, memory stays within what the options say."""

import gzip
import os
import threading
import unittest

import grpc

from support import http2
from support.case import ServerTestCase
from support.client import INFER, infer_request
from support.layers import write_random_layer
from support.memory import MIB, forget_peak, peak_resident_bytes, resident_bytes

FULL = os.environ.get("CONVOY_TEST_SCALE") == "full"
LIMIT = 64 * MIB if FULL else 4 * MIB       # of a message
RECEIVED = 512 * MIB if FULL else 64 * MIB  # of all of them
LARGE = 12 * LIMIT
MANY = 64
# What the server may take beside the messages: see docs/operations.md.
BESIDE = 64 * MIB
TIMEOUT = 300
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED


def at_once(functions):
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class MessageBoundsTest(ServerTestCase):

    FLAGS = ("--max-message-bytes", LIMIT, "--max-received-bytes", RECEIVED,
             "--max-queue-bytes", 2 * LIMIT,
             "--handshake-seconds", 40)  # so many callers at once take their time to begin

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 1, 1, 1)

    def setUp(self):
        self.good()
        self.pid = self.server.process.pid
        self.idle = resident_bytes(self.pid)
        forget_peak(self.pid)

    def good(self):
        self.client.send(infer_request("conv", [1, 1, 1], bytes(4)))

    def taken(self):
        """The most beyond what it takes when idle."""
        return peak_resident_bytes(self.pid) - self.idle

    def send(self, message, compression=grpc.Compression.NoCompression):
        """The code that a message is answered with, over a connection of its own."""
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
        with grpc.insecure_channel(self.server.grpc_address, options=options) as channel:
            call = channel.unary_unary(INFER)
            try:
                call(message, timeout=TIMEOUT, compression=compression, wait_for_ready=True)
                return grpc.StatusCode.OK
            except grpc.RpcError as error:
                return error.code()

    def send_from_many(self, message, compression=grpc.Compression.NoCompression):
        codes = []
        at_once([lambda: codes.append(self.send(message, compression))] * MANY)
        return codes

    def refused(self):
        try:
            return self.server.metric('convoy_unknown_layer_requests_total{code="RESOURCE_EXHAUSTED"}')
        except AssertionError:
            return 0  # shown from the first one on

    def tearDown(self):
        # Whoever sends much, and honestly, is no flood.
        self.assertEqual(self.server.metric('convoy_refused_connections_total{reason="flood"}'), 0)

    def test_compressed_messages_work_up_to_the_limit(self):
        values = LIMIT // 4 - 100
        request = infer_request("conv", [1, values, 1], bytes(4 * values))
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            with self.subTest(compression):
                message = request.SerializeToString()
                self.assertEqual(self.send(message, compression), grpc.StatusCode.OK)

    def test_a_compressed_message_takes_no_more_than_the_limit(self):
        refused = self.refused()
        self.assertEqual(self.send(bytes(LARGE), grpc.Compression.Gzip), EXHAUSTED)
        self.assertLess(self.taken(), LIMIT + BESIDE)
        self.assertEqual(self.refused(), refused + 1)
        self.good()

    def test_many_compressed_messages_take_one_limit_for_each_poller(self):
        refused = self.refused()
        self.assertEqual(set(self.send_from_many(bytes(LARGE), grpc.Compression.Gzip)), {EXHAUSTED})
        self.assertLess(self.taken(), LIMIT + BESIDE)
        self.assertEqual(self.refused(), refused + MANY)
        self.good()

    def test_what_is_not_gzip_is_refused(self):
        message = infer_request("conv", [1, 1, 1], bytes(4)).SerializeToString()
        self.assertEqual(self.send(gzip.compress(message)), grpc.StatusCode.INVALID_ARGUMENT)

    def test_one_plain_message_takes_no_more_than_the_bound_and_is_counted(self):
        refused = self.refused()
        self.assertEqual(self.send(bytes(LIMIT + 1)), EXHAUSTED)
        self.assertEqual(self.refused(), refused + 1)
        self.assertNotEqual(self.send(bytes(LARGE)), grpc.StatusCode.OK)
        self.assertLess(self.taken(), RECEIVED + BESIDE)
        self.good()

    def test_many_plain_messages_take_no_more_than_the_bound(self):
        def upload():
            connection = http2.Connection(self.server.grpc_address)
            try:
                connection.upload(1, INFER, LARGE)
            except OSError:
                pass  # ended with its connection
            finally:
                connection.close()
        at_once([upload] * MANY)
        self.assertLess(self.taken(), RECEIVED + BESIDE)
        self.good()


class ReceivedBytesTest(ServerTestCase):
    """Requests that wait hold what they came with, so far more of them than may be received are on their way."""

    FLAGS = ("--max-message-bytes", MIB, "--max-received-bytes", 4 * MIB, "--workers", 1)

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "features", 64, 128, 5)

    def test_the_server_outlives_requests_beyond_them(self):
        request = infer_request("features", [1, 1000, 64], bytes(4 * 1000 * 64))
        calls = [self.client.stub.ModelInfer.future(request, timeout=TIMEOUT) for _ in range(256)]
        # gRPC ends connections that are idle between two messages to have their memory.
        self.assertLessEqual({call.code() for call in calls},
                             {grpc.StatusCode.OK, EXHAUSTED, grpc.StatusCode.UNAVAILABLE})
        self.assertTrue(self.server.alive(), self.server.log)
        self.assertEqual(self.server.get("/v2/health/ready")[0], 200)


class CheapFieldsTest(ServerTestCase):
    """Bytes that are no tensor are few, whatever they would become."""

    MEGABYTES = 60 if FULL else 20

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 1, 1, 1)

    def refuse(self, message):
        pid = self.server.process.pid
        self.client.send(infer_request("conv", [1, 1, 1], bytes(4)))
        idle = resident_bytes(pid)
        forget_peak(pid)
        for _ in range(3):
            with self.assertRaises(grpc.RpcError) as caught:
                self.client.send_bytes(message)
            self.assertEqual(caught.exception.code(), EXHAUSTED, caught.exception.details())
        # Twice: the next one may arrive while the last is being let go of.
        self.assertLess(peak_resident_bytes(pid) - idle, 2 * len(message) + 64 * MIB)

    def tearDown(self):
        # Whoever sends much, and honestly, is no flood.
        self.assertEqual(self.server.metric('convoy_refused_connections_total{reason="flood"}'), 0)

    def test_millions_of_empty_inputs(self):
        self.refuse(b"\x2a\x00" * (self.MEGABYTES * MIB // 2))

    def test_millions_of_alternating_small_fields(self):
        self.refuse(b"\x3a\x00\x1a\x00" * (self.MEGABYTES * MIB // 4))

    def test_a_large_unknown_field(self):
        size = self.MEGABYTES * MIB
        length = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14 & 127 | 128, size >> 21])
        self.refuse(b"\xa2\x06" + length + bytes(size))

    def test_millions_of_empty_strings_as_elements(self):
        request = infer_request("conv", [1, 1, 1])
        request.inputs[0].contents.bytes_contents.extend([b""] * (10 * MIB))
        self.refuse(request.SerializeToString())


if __name__ == "__main__":
    unittest.main()
