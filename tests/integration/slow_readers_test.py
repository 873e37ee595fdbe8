#!/usr/bin/env python3
"""Callers that do not read their answers: they take a bounded part of the memory, and others are answered."""

import signal
import subprocess
import time
import unittest

import numpy as np
import tritonclient.utils as triton

from support.case import ServerTestCase
from support.layers import write_random_layer
from support.server import TOOL, clean_environment

PATIENCE_SECONDS = 60
MIB = 1 << 20
LIMIT = 32 * MIB
WORKERS = 2
# (1, 4000, 1) -> (1, 3999, 512): 8 MiB of answer.
FRAMES = 4000
ANSWER = 8 * MIB
INFLIGHT = 4
MOST_CALLERS = 16
GIVEN_UP = "gave up answers that were not read"


class SlowReadersTest(ServerTestCase):

    FLAGS = ("--max-unread-bytes", LIMIT, "--workers", WORKERS)

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "wide", 1, 512, 2)

    def unread(self):
        return self.server.metric("convoy_unread_bytes")

    def ended(self):
        """Calls that ended, answered or refused."""
        return self.server.metric("convoy_requests_total")

    def infer(self):
        return self.client.infer("wide", np.ones((1, FRAMES, 1), np.float32))

    def wait_until(self, what, condition):
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), end, f"never: {what}")
            time.sleep(0.01)

    def stopped_caller(self):
        """A process that has taken some answers, has more on their way and does not read any more."""
        command = [TOOL, "--server", self.server.grpc_address, "bench", "wide", "--shape", f"1,{FRAMES},1",
                   "--inflight", INFLIGHT, "--seconds", 10 * PATIENCE_SECONDS]
        ended = self.ended()
        caller = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, env=clean_environment())
        self.addCleanup(caller.wait)
        self.addCleanup(caller.kill)
        self.wait_until("a caller's first answers", lambda: self.ended() > ended + INFLIGHT)
        caller.send_signal(signal.SIGSTOP)
        return caller

    def refusal(self):
        """What a further call is refused with; None if it is not."""
        try:
            self.infer()
        except triton.InferenceServerException as error:
            return error
        return None

    def test_what_they_do_not_read_is_bounded_and_others_are_answered(self):
        self.assertEqual(self.infer().shape, (1, FRAMES - 1, 512))
        self.wait_until("all is read", lambda: self.unread() == 0)
        self.assertGreaterEqual(self.server.metric("convoy_idle_buffer_bytes"), ANSWER)
        callers = []
        # Both ends of a connection hold some megabytes: one caller may not be enough.
        while len(callers) < MOST_CALLERS and GIVEN_UP not in self.server.log:
            callers.append(self.stopped_caller())

        def answered():
            self.assertLessEqual(self.unread(), LIMIT + WORKERS * ANSWER)
            error = self.refusal()
            if error is not None:
                self.assertIn("RESOURCE_EXHAUSTED", error.status())
                self.assertIn("answers are read too slowly: ", error.message())
                self.assertIn(f"the limit is {LIMIT}", error.message())
            return error is None

        self.wait_until("who does not read is given up", lambda: GIVEN_UP in self.server.log)
        self.wait_until("others are answered", answered)

        for caller in callers:
            caller.kill()
            caller.wait()
        self.wait_until("nothing unread", lambda: self.unread() == 0)
        self.assertEqual(self.infer().shape, (1, FRAMES - 1, 512))


if __name__ == "__main__":
    unittest.main()
