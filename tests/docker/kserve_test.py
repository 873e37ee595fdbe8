#!/usr/bin/env python3
"""The server as KServe starts it: the ServingRuntime's arguments, word for word, on its ports and path."""

import re
import tempfile
import unittest
from pathlib import Path

from support import ROOT, own_machine
from support.skipping import skip

try:
    own_machine.enter()
except OSError as error:
    skip(f"no network of one's own: {error}")

import numpy as np  # noqa: E402, after enter(): it starts threads

from support.client import Client  # noqa: E402
from support.layers import convolve, write_random_layer  # noqa: E402
from support.server import Server  # noqa: E402

RUNTIME = (ROOT / "docker" / "kubernetes" / "overlays" / "kserve" / "serving-runtime.yaml").read_text()


class KServeTest(unittest.TestCase):

    def test_the_runtime_starts_and_answers_where_kserve_looks(self):
        arguments = re.findall(r"^        - (--.*)$", RUNTIME, re.M)
        self.assertIn("--repository=/mnt/models", arguments)
        with tempfile.TemporaryDirectory() as folder:
            _, tensors = write_random_layer(Path(folder), "conv", 2, 4, 3)
            own_machine.show(folder, "/mnt", "models")
            with Server(None, *arguments, defaults=False) as server:
                self.assertEqual(re.findall(r"containerPort: (\d+)", RUNTIME), ["9000"])
                client = Client("127.0.0.1:9000")
                self.addCleanup(client.close)
                x = np.arange(10, dtype="<f4").reshape(1, 5, 2)
                expected, _ = convolve(x, tensors["kernel"], tensors["bias"])
                np.testing.assert_allclose(client.infer("conv", x), expected, rtol=1e-4, atol=1e-4)
                probes = re.findall(r"httpGet: \{path: (\S+), port: (\d+)\}", RUNTIME)
                self.assertEqual(len(probes), 2)
                for path, port in probes:
                    server.http_address = f"127.0.0.1:{port}"
                    self.assertEqual(server.get(path)[0], 200)
                scraped = re.findall(r"prometheus.kserve.io/(path|port): \"?([^\s\"]+)", RUNTIME)
                self.assertEqual(dict(scraped), {"path": "/metrics", "port": "8080"})
                self.assertEqual(server.metric('convoy_requests_total{layer="conv",code="OK"}'), 1)
                self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
