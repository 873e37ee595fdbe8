#!/usr/bin/env python3
"""Callers that go away: what waits for them is dropped, not computed."""

import json
import subprocess
import time
import unittest

import grpc
import numpy as np

from support.case import ServerTestCase
from support.client import infer_request
from support.layers import write_random_layer
from support.server import TOOL, clean_environment

PATIENCE_SECONDS = 60


class GoneCallersTest(ServerTestCase):

    FLAGS = ("--shutdown-seconds", 1)

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "usual", 2, 4, 3)
        write_random_layer(repository, "patient", 2, 4, 3)
        # Its requests wait for an hour.
        (repository / "patient" / "1" / "serving.json").write_text(
            json.dumps({"max_queue_delay_microseconds": 3_600_000_000}))

    def wait_until_queued(self, count):
        end = time.monotonic() + PATIENCE_SECONDS
        while self.server.metric("convoy_queue_requests") != count:
            self.assertLess(time.monotonic(), end, f"never {count} in the queue")
            time.sleep(0.01)

    def assert_dropped(self, count):
        self.wait_until_queued(0)
        self.assertEqual(self.server.metric("convoy_queue_bytes"), 0)
        self.assertEqual(self.server.metric("convoy_queue_seconds"), 0)
        self.assertEqual(self.server.metric('convoy_batch_requests_count{layer="patient"}'), 0)
        self.assertEqual(self.server.metric('convoy_requests_total{layer="patient",code="CANCELLED"}'), count)
        answer = self.client.infer("usual", np.ones((1, 9, 2), np.float32))
        self.assertEqual(answer.shape, (1, 7, 4))

    def test_cancelled_calls_and_killed_processes_leave_nothing(self):
        request = infer_request("patient", (1, 9, 2), bytes(72))
        calls = [self.client.stub.ModelInfer.future(request) for _ in range(300)]
        self.wait_until_queued(300)
        for call in calls:
            call.cancel()
        self.assert_dropped(300)

        command = [TOOL, "--server", self.server.grpc_address, "bench", "patient", "--shape", "1,9,2"]
        processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL, env=clean_environment()) for _ in range(3)]
        self.wait_until_queued(3)
        for process in processes:
            process.kill()
            process.wait()
        self.assert_dropped(303)

    def test_then_a_server_that_ends_does_not_wait_for_a_delay(self):
        call = self.client.stub.ModelInfer.future(infer_request("patient", (1, 9, 2), bytes(72)))
        self.wait_until_queued(1)
        self.assertEqual(self.server.stop(), 0)
        self.assertIn(call.code(), (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE))


if __name__ == "__main__":
    unittest.main()
