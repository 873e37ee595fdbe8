#!/usr/bin/env python3
"""What the log and an answer's parameters say of calls."""

import json
import re
import unittest

import grpc
import numpy as np
import tritonclient.grpc as triton

from support.case import ServerTestCase
from support.client import infer_request
from support.layers import write_random_layer

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class CallLogTest(ServerTestCase):
    FLAGS = ("--access-log", "all", "--log-format", "json")

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 3, 2)

    def call(self, layer, id, traceparents=(), shape=(1, 5, 2)):
        request = infer_request(layer, shape, b"\x55" * (4 * int(np.prod(shape))))
        request.id = id
        metadata = [("traceparent", text) for text in traceparents]
        return self.client.stub.ModelInfer(request, timeout=30, metadata=metadata)

    def line_of(self, id):
        """The fields of the one line about the call with this id."""
        self.server.wait_for(f'id=\\"{id}\\"')
        (line,) = [line for line in self.server.log.splitlines() if f'id=\\"{id}\\"' in line]
        message = json.loads(line)["message"]
        self.assertTrue(message.startswith("call layer="), message)
        return dict(re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', message))

    def test_a_call_is_one_line_with_where_its_time_went(self):
        self.call("conv", "good", [f"00-{TRACE}-{SPAN}-01"])
        fields = self.line_of("good")
        self.assertEqual((fields["layer"], fields["version"], fields["code"]), ('"conv"', "1", "OK"))
        self.assertEqual((fields["trace_id"], fields["parent_id"]), (TRACE, SPAN))
        self.assertEqual((fields["input_bytes"], fields["output_bytes"], fields["batch_parts"]),
                         ("40", "48", "1"))
        self.assertRegex(fields["peer"], r"^ipv4:127\.0\.0\.1:\d+$")
        stages = sum(int(fields[f"{stage}_us"]) for stage in ("decode", "queue", "compute", "respond"))
        self.assertLessEqual(abs(stages - int(fields["total_us"])), 4)  # each is rounded down

    def test_a_refused_call_is_one_too_and_its_error_names_it(self):
        error = self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT,
                                    lambda: self.call("conv", "bad", shape=(1, 5, 3)))
        self.assertIn('(request "bad")', error.details())
        fields = self.line_of("bad")
        self.assertEqual((fields["code"], fields["output_bytes"]), ("INVALID_ARGUMENT", "0"))
        self.assertIn("expected", fields["error"])

    def test_a_layer_that_is_not_there_is_named(self):
        self.assert_refused(grpc.StatusCode.NOT_FOUND, lambda: self.call("no\nbody", "nobody"))
        fields = self.line_of("nobody")
        self.assertEqual(fields["layer"], r'"no\nbody"')
        self.assertNotIn("version", fields)

    def test_what_is_no_traceparent_is_ignored(self):
        for number, traces in enumerate(([], ["nonsense"], [f"00-{TRACE}-{SPAN}-01-00"])):
            self.call("conv", f"trace {number}", traces)
            self.assertNotIn("trace_id", self.line_of(f"trace {number}"))

    def test_no_line_has_anything_of_a_tensor(self):
        self.call("conv", "payload")
        self.line_of("payload")
        self.assertNotIn("U" * 4, self.server.log)  # 0x55

    def test_an_answer_says_where_its_time_went_if_it_is_asked_to(self):
        tensor = triton.InferInput("input", [1, 5, 2], "FP32")
        tensor.set_data_from_numpy(np.zeros((1, 5, 2), np.float32))
        for parameters in ({"convoy_timing": True}, None):
            answer = self.client.triton.infer("conv", [tensor], parameters=parameters)
            told = answer.get_response().parameters
            if parameters is None:
                self.assertEqual(len(told), 0)
                continue
            self.assertEqual(set(told), {"convoy_decode_seconds", "convoy_queue_seconds",
                                         "convoy_compute_seconds", "convoy_request_parts",
                                         "convoy_batch_parts", "convoy_batch_frames"})
            self.assertGreater(told["convoy_compute_seconds"].double_param, 0)
            self.assertEqual(told["convoy_request_parts"].int64_param, 1)
            self.assertEqual(told["convoy_batch_parts"].int64_param, 1)
            self.assertEqual(told["convoy_batch_frames"].int64_param, 4)

    def test_a_timing_that_is_no_bool_is_refused(self):
        request = infer_request("conv", [1, 5, 2], bytes(40))
        request.parameters["convoy_timing"].string_param = "true"
        self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: self.client.send(request),
                            "parameters.convoy_timing", "bool_param", "string_param")


if __name__ == "__main__":
    unittest.main()
