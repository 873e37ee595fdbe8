#!/usr/bin/env python3
"""The commands of docs/operations.md do and show what the document says."""

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

    def start(self, repository, *flags):
        self.server = Server(repository, *flags)
        self.addCleanup(self.server.kill)
        self.client = Client(self.server.grpc_address)
        self.addCleanup(self.client.close)

    def run_commands(self, name, **variables):
        """What they show."""
        if hasattr(self, "server"):
            variables |= {"CONVOY_SERVER": self.server.grpc_address, "HTTP": self.server.http_address}
        environment = clean_environment(
            PATH=f"{BINARIES}:{os.environ['PATH']}",
            **{key: str(value) for key, value in variables.items()})
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", COMMANDS[name]], timeout=60,
                              capture_output=True, text=True, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        if name != "start":
            self.assertEqual(done.stderr, "")
        return done.stdout + done.stderr

    def answer(self):
        return self.client.infer("smooth", ONE).item()

    def test_every_command_is_known_here(self):
        self.assertEqual(set(COMMANDS), {"deploy", "switch", "rollback", "slow", "refuses", "start",
                                         "ready", "missing"})

    def test_it_is_slow_and_the_stage_says_why(self):
        repository = self.folder / "repository"
        write_value(repository, 1, 1)
        # It waits for company that does not come.
        (repository / "smooth" / "1" / "serving.json").write_text(
            '{"max_queue_delay_microseconds": 1000000}')
        self.start(repository, "--slow-request-seconds", 0.5)
        self.assertEqual(self.answer(), 1)
        shown = re.findall(r'stage="(\w+)"} (\S+)', self.run_commands("slow"))
        seconds = {stage: float(value) for stage, value in shown}
        self.assertEqual(set(seconds), {"decode", "queue", "compute", "respond"})
        self.assertEqual(max(seconds, key=seconds.get), "queue")
        self.server.wait_for('slow call layer="smooth" version=1 code=OK')
        times = dict(re.findall(r"(\w+)_us=(\d+)", self.server.log))
        self.assertEqual(max(seconds, key=lambda stage: int(times[stage])), "queue")

    def test_it_refuses_and_the_reason_says_what_was_too_much(self):
        repository = self.folder / "repository"
        write_value(repository, 1, 1)
        self.start(repository, "--max-response-bytes", 4)
        self.assertEqual(self.answer(), 1)
        with self.assertRaises(Exception):
            self.client.infer("smooth", np.ones((1, 2, 1), np.float32))
        self.assertEqual(self.run_commands("refuses"),
                         'convoy_refused_requests_total{reason="size"} 1\n')

    def test_it_does_not_start_and_says_why(self):
        shown = self.run_commands("start", REPOSITORY=self.folder / "nowhere")
        self.assertIn("nowhere", shown)
        self.assertIn("exit code 1\n", shown)

    def test_it_is_not_ready_and_says_why(self):
        repository = self.folder / "repository"
        write_value(repository, 1, 1)
        self.server = Server(repository, "--required-layers", "vad", until="listening")
        self.addCleanup(self.server.kill)
        self.server.wait_for("not ready error=")
        self.assertIn("vad", self.run_commands("ready"))

    def test_a_layer_is_missing_and_the_list_says_why(self):
        repository = self.folder / "repository"
        write_value(repository, 1, 1)
        (repository / "vad" / "1").mkdir(parents=True)
        (repository / "vad" / "1" / "config.json").write_text("{}")
        self.start(repository)
        shown = self.run_commands("missing")
        self.assertRegex(shown, r"(?m)^smooth +1 +READY")
        self.assertRegex(shown, r"(?m)^vad .*UNAVAILABLE.*config\.json")
        self.assertIn('cannot load layer="vad"', self.server.log)

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
