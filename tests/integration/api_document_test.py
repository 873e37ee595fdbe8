#!/usr/bin/env python3
"""The examples of docs/api.md do what the document says."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

from support import ROOT
from support.layers import conv1d_config, encode_safetensors
from support.server import BINARIES, Server, clean_environment

TEXT = (ROOT / "docs" / "api.md").read_text()
EXAMPLES = dict(re.findall(r"<!-- a test runs this: (\w+) -->\n```\w+\n(.*?)```", TEXT, re.S))


def grpcurl():
    """The program, where somebody has it; tests/interop builds it into the build folder."""
    built = sorted((ROOT / "build" / "grpcurl").glob("*/grpcurl"))
    return built[-1] if built else shutil.which("grpcurl")


class ApiDocumentTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.server = Server(self.repository, "--repository-mode", "managed", "--tuning", "off")
        self.addCleanup(self.server.kill)
        (self.folder / "proto").symlink_to(ROOT / "proto")
        (self.folder / "layer.json").write_text(json.dumps(
            {"class_name": "Conv1D", "config": conv1d_config("smooth", 8, 3)}))
        (self.folder / "weights.safetensors").write_bytes(encode_safetensors(
            {"kernel": np.ones((3, 4, 8), np.float32), "bias": np.zeros(8, np.float32)}))

    def run_example(self, *command, **variables):
        environment = clean_environment(CONVOY_SERVER=self.server.grpc_address,
                                        PATH=f"{BINARIES}:{os.environ['PATH']}") | variables
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120,
                              env=environment)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done

    def run_bash(self, name, **variables):
        return self.run_example("bash", "-euo", "pipefail", "-c", EXAMPLES[name], **variables)

    def test_every_example_is_known_here(self):
        self.assertEqual(set(EXAMPLES), {"tool", "grpcurl", "stubs", "python"})

    @unittest.skipUnless(shutil.which("jq"), "jq is not installed")
    def test_the_tool(self):
        done = self.run_bash("tool")
        self.assertEqual(done.stderr, "")
        self.assertTrue((self.folder / "saved.safetensors").exists())
        self.assertFalse((self.repository / "smooth").exists())

    @unittest.skipUnless(grpcurl() and shutil.which("jq"), "grpcurl or jq is not installed")
    def test_grpcurl(self):
        path = f"{Path(grpcurl()).parent}:{os.environ['PATH']}"
        self.run_bash("grpcurl", PATH=path)
        self.assertFalse((self.repository / "smooth").exists())

    @unittest.skipUnless(shutil.which("grpc_python_plugin"), "gRPC's compiler is not installed")
    def test_python(self):
        self.run_bash("stubs")
        (self.folder / "example.py").write_text(EXAMPLES["python"])
        self.run_example(sys.executable, "example.py")
        self.assertFalse((self.repository / "smooth").exists())

    def test_every_method_is_in_the_document(self):
        methods = re.findall(r"^  rpc (\w+)\(",
                             (ROOT / "proto/convoy/v1/layer_service.proto").read_text(), re.M)
        self.assertGreater(len(methods), 10)
        for method in methods:
            self.assertIn(f"`{method}`", TEXT)


if __name__ == "__main__":
    unittest.main()
