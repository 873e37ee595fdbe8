#!/usr/bin/env python3
"""The commands of docs/operations.md do what the document says."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

from support import ROOT
from support.client import Client
from support.layers import conv1d_config, write_layer
from support.server import BINARIES, Server, clean_environment

ONE = np.ones((1, 1, 1), np.float32)
TEXT = (ROOT / "docs" / "operations.md").read_text()
COMMANDS = dict(re.findall(r"<!-- a test runs this: (\w+) -->\n```bash\n(.*?)```", TEXT, re.S))


def write_value(repository, value, version):
    write_layer(repository, conv1d_config("smooth", 1, 1, use_bias=False),
                {"kernel": np.full((1, 1, 1), value, np.float32)}, version)


class DocumentedCommandsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, repository):
        self.server = Server(repository)
        self.addCleanup(self.server.kill)
        self.client = Client(self.server.grpc_address)
        self.addCleanup(self.client.close)

    def run_commands(self, name, **variables):
        environment = clean_environment(
            PATH=f"{BINARIES}:{os.environ['PATH']}", CONVOY_SERVER=self.server.grpc_address,
            **{key: str(value) for key, value in variables.items()})
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", COMMANDS[name]], timeout=60,
                              capture_output=True, text=True, env=environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def answer(self):
        return self.client.infer("smooth", ONE).item()

    def test_every_command_is_known_here(self):
        self.assertEqual(set(COMMANDS), {"deploy", "switch", "rollback"})

    def test_a_deploy_and_its_rollback(self):
        repository = self.folder / "repository"
        write_value(repository, 1, 1)
        write_value(self.folder / "made", 2, 5)
        self.start(repository)
        self.run_commands("deploy", REPOSITORY=repository, NEW=self.folder / "made/smooth/5")
        self.assertEqual(self.answer(), 2)
        self.run_commands("rollback", REPOSITORY=repository)
        self.assertEqual(self.answer(), 1)

    def test_a_switched_link(self):
        for release in (1, 2):
            write_value(self.folder / str(release), release, 1)
        (self.folder / "current").symlink_to("1")
        self.start(self.folder / "current")
        self.run_commands("switch", RELEASES=self.folder)
        while self.answer() != 2:
            pass


if __name__ == "__main__":
    unittest.main()
