#!/usr/bin/env python3
"""Callers that do not read their answers: they take a bounded part of the memory, until they go."""

import re
import signal
import subprocess
import time
import unittest

import numpy as np

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


class SlowReadersTest(ServerTestCase):

    FLAGS = ("--max-unread-bytes", LIMIT, "--workers", WORKERS)

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "wide", 1, 512, 2)

    def unread(self):
        _, text = self.server.get("/metrics")
        return float(re.search(r"^convoy_unread_bytes (\S+)$", text, re.M).group(1))

    def infer(self):
        return self.client.infer("wide", np.ones((1, FRAMES, 1), np.float32))

    def wait_until(self, what, condition):
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), end, f"never: {what}")
            time.sleep(0.01)

    def stopped_callers(self, count):
        """Processes that have sent requests and do not read any more."""
        command = [TOOL, "--server", self.server.grpc_address, "bench", "wide", "--shape", f"1,{FRAMES},1",
                   "--inflight", "4", "--seconds", "600"]
        callers = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                    env=clean_environment()) for _ in range(count)]
        for caller in callers:
            self.addCleanup(caller.wait)
            self.addCleanup(caller.kill)
        self.wait_until("many answers on their way", lambda: self.unread() >= LIMIT / 2)
        for caller in callers:
            caller.send_signal(signal.SIGSTOP)
        return callers

    def refusal(self):
        """What a further call is refused with; None if it is not."""
        try:
            self.infer()
        except Exception as error:  # pylint: disable=broad-except
            return error
        return None

    def test_what_they_do_not_read_is_bounded_and_ends_with_them(self):
        self.assertEqual(self.infer().shape, (1, FRAMES - 1, 512))
        self.wait_until("all is read", lambda: self.unread() == 0)
        callers = self.stopped_callers(4)
        # The system's buffers may take some of it before it comes to rest.
        errors = []
        self.wait_until("a refusal", lambda: errors.append(self.refusal()) or errors[-1] is not None)
        self.assertIn("RESOURCE_EXHAUSTED", errors[-1].status())
        self.assertIn("answers are read too slowly: ", errors[-1].message())
        self.assertIn(f"the limit is {LIMIT}", errors[-1].message())
        self.assertLessEqual(self.unread(), LIMIT + WORKERS * ANSWER)

        for caller in callers:
            caller.kill()
            caller.wait()
        self.wait_until("nothing unread", lambda: self.unread() == 0)
        self.assertEqual(self.infer().shape, (1, FRAMES - 1, 512))


if __name__ == "__main__":
    unittest.main()
