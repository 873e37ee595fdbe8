#!/usr/bin/env python3
"""What `cmake --install` makes: programs, a client library, a unit."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

from support.layers import convolve, write_random_layer
from support.server import BINARIES, Server

CONSUMER = Path(__file__).parent / "consumer"


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class InstallTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.prefix = cls.folder / "prefix"
        run("cmake", "--install", BINARIES, "--prefix", cls.prefix)

    def test_the_folder_can_be_moved_and_the_server_brings_its_onednn(self):
        moved = self.folder / "moved"
        shutil.copytree(self.prefix, moved)
        report = run(moved / "bin/convoy-server", "--version")
        self.assertIn("oneDNN 3.", report)
        self.assertIn("convoy ", run(moved / "bin/convoy", "--version"))
        if (moved / "lib/convoy").exists():
            libraries = run("ldd", moved / "bin/convoy-server")
            self.assertIn(f"{moved}/lib/convoy/libdnnl.so.3", os.path.normpath(
                next(part for part in libraries.split() if part.endswith("lib/convoy/libdnnl.so.3"))))

    def test_another_project_finds_the_client_library_and_calls_a_server(self):
        build = self.folder / "consumer"
        run("cmake", "-G", "Ninja", "-S", CONSUMER, "-B", build,
            f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        repository = self.folder / "repository"
        _, tensors = write_random_layer(repository, "conv", 1, 2, 3)
        expected, _ = convolve(np.ones((1, 4, 1), np.float32), tensors["kernel"], tensors["bias"])
        with Server(repository, "--tuning", "off") as server:
            answer = run(build / "consumer", server.grpc_address, "conv")
        np.testing.assert_allclose([float(line) for line in answer.split()],
                                   expected.ravel(), rtol=1e-4, atol=1e-5)

    def test_the_protocols_are_there(self):
        protocols = self.prefix / "share/convoy/proto"
        self.assertTrue((protocols / "inference/grpc_predict_v2.proto").is_file())
        self.assertTrue((protocols / "grpc/health/v1/health.proto").is_file())

    def test_the_unit_is_one_that_systemd_takes(self):
        unit = self.prefix / "lib/systemd/system/convoy-server.service"
        self.assertIn(f"ExecStart={self.prefix}/bin/convoy-server\n", unit.read_text())
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True,
                              text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
