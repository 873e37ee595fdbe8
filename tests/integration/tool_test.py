#!/usr/bin/env python3
"""The command-line tool against a running server."""

import io
import json
import socket
import tempfile
import unittest
from pathlib import Path

import numpy as np

from support.case import ServerTestCase
from support.layers import convolve, write_random_layer
from support.server import run_tool


def npy(array):
    """The bytes of a .npy file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


class ToolTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        _, cls.tensors = write_random_layer(repository, "conv", 2, 4, 3, padding="valid")
        broken = repository / "broken" / "1"
        broken.mkdir(parents=True)
        (broken / "config.json").write_text("{")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.x = np.random.default_rng(0).standard_normal((3, 9, 2), dtype=np.float32)
        self.y, _ = convolve(self.x, self.tensors["kernel"], self.tensors["bias"])

    def tool(self, *arguments, **streams):
        return run_tool(*arguments, "--server", self.server.grpc_address, **streams)

    def assert_fails(self, code, arguments, *says, stdin=None):
        """One line on stderr, nothing on stdout."""
        exit_code, stdout, stderr = self.tool(*arguments, stdin=stdin)
        text = stderr.decode()
        self.assertEqual(exit_code, code, text)
        self.assertEqual(stdout, b"")
        self.assertEqual(len(text.splitlines()), 1, text)
        for word in says:
            self.assertIn(word, text)

    def test_stats_as_a_table_and_as_json(self):
        np.save(self.folder / "x.npy", self.x)
        before = json.loads(self.tool("stats", "conv", "--output", "json")[1])[0]
        for _ in range(3):
            self.tool("infer", "conv", "--input", self.folder / "x.npy")
        code, stdout, stderr = self.tool("stats", "conv", "--output", "json")
        self.assertEqual(code, 0, stderr)
        after = json.loads(stdout)[0]
        self.assertEqual(after["answered"] - before["answered"], 3)
        self.assertEqual(after["sequences"] - before["sequences"], 3 * len(self.x))
        times = after["nanoseconds"]
        self.assertEqual(times["answered"],
                         sum(times[stage] for stage in ("decode", "queue", "compute", "respond")))
        code, stdout, stderr = self.tool("stats")
        self.assertEqual(code, 0, stderr)
        head, row = stdout.decode().splitlines()  # not the broken layer
        self.assertTrue(head.startswith("LAYER  VERSION  REQUESTS"), head)
        self.assertTrue(row.startswith("conv   1        "), row)
        self.assert_fails(1, ["stats", "nobody"], "NOT_FOUND", "nobody")

    def test_infer_from_file_to_file(self):
        np.save(self.folder / "x.npy", self.x)
        code, _, stderr = self.tool("infer", "conv", "--input", self.folder / "x.npy",
                                    "--output", self.folder / "y.npy")
        self.assertEqual(code, 0, stderr)
        y = np.load(self.folder / "y.npy")
        self.assertEqual(y.dtype, np.float32)
        np.testing.assert_allclose(y, self.y, rtol=1e-5, atol=1e-5)

    def test_infer_in_a_pipe(self):
        code, stdout, stderr = self.tool("infer", "conv", "--input", "-", "--output", "-",
                                         stdin=npy(self.x))
        self.assertEqual(code, 0, stderr)
        np.testing.assert_allclose(np.load(io.BytesIO(stdout)), self.y, rtol=1e-5, atol=1e-5)

    def test_infer_sends_booleans_as_they_are(self):
        x = self.x > 0
        y, _ = convolve(x.astype(np.float32), self.tensors["kernel"], self.tensors["bias"])
        for arguments in ([], ["--dtype", "FP32"]):
            code, stdout, stderr = self.tool("infer", "conv", "--input", "-", "--output", "-",
                                             *arguments, stdin=npy(x))
            self.assertEqual(code, 0, stderr)
            np.testing.assert_allclose(np.load(io.BytesIO(stdout)), y, rtol=1e-5, atol=1e-5)

    def test_infer_without_output_prints_shape_type_time_and_preview(self):
        code, stdout, stderr = self.tool("infer", "conv", "--input", "-", stdin=npy(self.x))
        self.assertEqual(code, 0, stderr)
        text = stdout.decode()
        for word in ("FP32 (3, 7, 4)", " ms", f"{self.y[0, 0, 0]:.3f}"):
            self.assertIn(word, text)

    def test_layers_is_a_table_of_all_layers(self):
        code, stdout, _ = self.tool("layers")
        self.assertEqual(code, 0)
        rows = {line.split()[0]: line for line in stdout.decode().splitlines() if line.strip()}
        self.assertIn("READY", rows["conv"].upper())
        self.assertIn("UNAVAILABLE", rows["broken"].upper())

    def test_layer_shows_shapes_and_version(self):
        code, stdout, _ = self.tool("layer", "conv")
        self.assertEqual(code, 0)
        for word in ("conv", "versions", "(None, None, 2)", "(None, None, 4)"):
            self.assertIn(word, stdout.decode())

    def test_bench_measures_and_reports(self):
        code, stdout, stderr = self.tool("bench", "conv", "--shape", "1,50,2", "--inflight", "4",
                                         "--seconds", "1", "--lengths", "10,20,50")
        self.assertEqual(code, 0, stderr)
        for word in ("p50", "p90", "p99"):
            self.assertIn(word, stdout.decode())

    def test_bench_counts_errors_by_code(self):
        code, stdout, stderr = self.tool("bench", "conv", "--shape", "1,50,3", "--inflight", "2",
                                         "--seconds", "1")
        self.assertEqual(code, 1, stderr)
        self.assertIn("INVALID_ARGUMENT", (stdout + stderr).decode())

    def test_the_servers_refusal_is_one_line_and_code_1(self):
        self.assert_fails(1, ["infer", "nobody"], "NOT_FOUND", "nobody", stdin=npy(self.x))
        self.assert_fails(1, ["infer", "conv"], "INVALID_ARGUMENT", stdin=npy(self.x[:, :, :1]))
        self.assert_fails(1, ["infer", "broken"], "FAILED_PRECONDITION", stdin=npy(self.x))
        self.assert_fails(1, ["layer", "nobody"], "NOT_FOUND")

    def test_wrong_usage_is_code_2(self):
        for arguments in (["nonsense"], ["infer"], ["infer", "conv", "--nonsense"],
                          ["bench", "conv"], ["bench", "conv", "--shape", "a,b"]):
            with self.subTest(arguments):
                code, stdout, stderr = self.tool(*arguments)
                self.assertEqual((code, stdout), (2, b""), stderr)

    def test_an_unusable_file_is_code_2(self):
        self.assert_fails(2, ["infer", "conv", "--input", self.folder / "gone.npy"], "gone.npy")
        self.assert_fails(2, ["infer", "conv"], stdin=b"no array")

    def test_a_full_standard_output_is_code_2(self):
        for arguments in (["layers"], ["layer", "conv"], ["infer", "conv"],
                          ["infer", "conv", "--output", "-"],
                          ["bench", "conv", "--shape", "1,9,2", "--requests", "1", "--json"]):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                code, _, stderr = self.tool(*arguments, stdin=npy(self.x), stdout=full)
                self.assertEqual(code, 2, stderr)
                self.assertIn(b"writing failed", stderr)

    def test_no_connection_is_code_3(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        code, stdout, stderr = run_tool("layers", "--server", f"127.0.0.1:{port}", "--timeout", 2)
        self.assertEqual((code, stdout), (3, b""))
        self.assertEqual(len(stderr.splitlines()), 1)
        self.assertIn(b"UNAVAILABLE", stderr)


if __name__ == "__main__":
    unittest.main()
