#!/usr/bin/env python3
"""Triton's perf_analyzer, with several sequences a request."""

import re
import unittest

from support import other_clients
from support.case import ServerTestCase
from support.layers import write_random_layer


class PerfAnalyzerTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 8, 4, 3)

    def measure(self, *arguments):
        """Counts requests, not time, so that it ends on a slow machine as well."""
        folder = other_clients.FOLDER / "perf_analyzer"
        return other_clients.run(
            [folder / "bin" / "perf_analyzer", "-m", "conv", "-i", "grpc", "-u",
             self.server.grpc_address, "--shape", "input:100,8", "--measurement-mode",
             "count_windows", "--measurement-request-count", "50", "-s", "999", "-r", "3",
             *arguments],
            {"LD_LIBRARY_PATH": ":".join(str(path.parent)
                                         for path in folder.rglob("libcudart.so.*"))})

    def test_batches_over_several_concurrencies(self):
        text = self.measure("-b", "2", "--concurrency-range", "1:2")
        for concurrency in (1, 2):
            self.assertRegex(text, f"Concurrency: {concurrency}, throughput: [1-9]")
        # Each request has two sequences; where its time went in the server is all of it.
        counts = re.findall(r"Inference count: (\d+)\s+Execution count: (\d+)\s+"
                            r"Successful request count: (\d+)", text)
        self.assertEqual(len(counts), 2, text)
        for sequences, batches, requests in counts:
            self.assertEqual(int(sequences), 2 * int(requests))
            self.assertTrue(0 < int(batches) <= int(requests))
        split = re.findall(r"overhead (\d+) usec \+ queue (\d+) usec \+ compute input (\d+) usec \+ "
                           r"compute infer (\d+) usec \+ compute output (\d+) usec", text)
        self.assertEqual(len(split), 2, text)
        for overhead, _, _, infer, _ in split:
            self.assertLessEqual(int(overhead), 4, "more than what each stage was rounded down by")
            self.assertGreater(int(infer), 0)


if __name__ == "__main__":
    other_clients.skip_unless_installed("perf_analyzer")
    unittest.main()
