#!/usr/bin/env python3
"""A writer that is killed at any instant: what it acknowledged is there, and nothing half."""

import os
import random
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import numpy as np

from support.client import Client
from support.server import BINARIES, Server

WRITER = BINARIES / "tests" / "crashing_writer"
FULL = os.environ.get("CONVOY_TEST_SCALE") == "full"
KILLS = 300 if FULL else 30
RESTART_EVERY = 10
STEPS = 60  # a create takes about ten


class Expected:
    """What must be on the disk, by the writer's own words."""

    def __init__(self):
        self.versions = {f"l{i}": {} for i in range(3)}

    def read(self, lines):
        """Takes in one run of the writer; returns what was begun and not acknowledged."""
        open_ = None
        for line in lines:
            state, *words = line.split()
            if state == "begin":
                open_ = words
                continue
            open_ = None
            self.apply(*words)
        return open_

    def apply(self, kind, layer, *numbers):
        numbers = [int(number) for number in numbers]
        if kind == "create":
            version, value = numbers
            self.versions[layer][version] = value
        elif kind == "rollback":
            version, old = numbers
            self.versions[layer][version] = self.versions[layer][old]
        else:
            self.versions[layer] = {}

    def settle(self, begun, found):
        """What the last write was about may have happened or not: `found` says."""
        if begun is None:
            return
        kind, layer, *numbers = begun
        if kind == "delete":
            if not found(layer):
                self.versions[layer] = {}
            return
        versions = self.versions[layer]
        fresh = max(found(layer), default=0)
        if fresh and fresh not in versions:
            value = int(numbers[0]) if kind == "create" else versions.get(int(numbers[0]))
            versions[fresh] = value


class CrashTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = Path(folder.name)
        self.expected = Expected()
        self.value = 1
        self.server = None
        self.addCleanup(self.stop_server)

    def start_server(self):
        self.stop_server()
        self.server = Server(self.repository, "--tuning", "off")
        self.client = Client(self.server.grpc_address)

    def stop_server(self):
        if self.server is not None:
            self.client.close()
            self.server.kill()
            self.server = None

    def run_writer(self, step, seconds):
        """One life of the writer; what it said."""
        # Without a buffer, so that communicate finds all that readline left.
        process = subprocess.Popen([WRITER, self.repository, str(self.value), str(step)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        first = b""
        if not step:
            first = process.stdout.readline()  # it has begun
            time.sleep(seconds)
            process.kill()
        out, err = process.communicate(timeout=60)
        self.assertEqual(err, b"")
        lines = (first + out).decode().splitlines()
        self.value += sum(line.startswith("begin") for line in lines)
        return lines

    def versions_on_disk(self, layer):
        folder = self.repository / layer
        return {int(entry.name) for entry in folder.iterdir() if entry.name.isdigit()} \
            if folder.is_dir() else set()

    def assert_all_answer(self):
        x = np.ones((1, 1, 1), np.float32)
        for layer, versions in self.expected.versions.items():
            self.assertEqual(set(versions), self.versions_on_disk(layer), layer)
            for version, value in versions.items():
                self.wait_for_answer(layer, version, x, value)
        self.assertEqual(self.server.metric("convoy_load_errors"), 0)
        self.assertEqual(self.server.metric("convoy_incomplete_versions"), 0)
        self.assertNotIn("cannot load", self.server.log)

    def wait_for_answer(self, layer, version, x, value):
        """A layer that was deleted and made anew answers as before until that is seen."""
        answer = None
        deadline = time.monotonic() + 30
        while answer != value and time.monotonic() < deadline:
            if self.client.triton.is_model_ready(layer, str(version)):
                answer = self.client.infer(layer, x, model_version=str(version)).item()
            time.sleep(0.01)
        self.assertEqual(answer, value, (layer, version))

    def test_what_was_acknowledged_survives_and_nothing_half_is_seen(self):
        seed = int.from_bytes(os.urandom(4), "little")
        chance = random.Random(seed)
        with self.subTest(seed=seed):
            for kill in range(KILLS):
                if kill % RESTART_EVERY == 0:
                    self.start_server()
                by_step = kill % 2 == 0
                lines = self.run_writer(1 + kill // 2 % STEPS if by_step else 0,
                                        chance.uniform(0, 0.1))
                begun = self.expected.read(lines)
                self.expected.settle(begun, self.versions_on_disk)
                self.assert_all_answer()


if __name__ == "__main__":
    unittest.main()
