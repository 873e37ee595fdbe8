#!/usr/bin/env python3
"""The repository changes while the server serves: by hand, by tools, by links."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import grpc
import numpy as np

from support.client import Client, infer_request
from support.layers import conv1d_config, write_layer
from support.server import Server

ONE = np.ones((1, 1, 1), np.float32)


def write_value(folder, layer, value, version=1):
    """A version that answers 1 with `value`."""
    write_layer(folder, conv1d_config(layer, 1, 1, use_bias=False),
                {"kernel": np.full((1, 1, 1), value, np.float32)}, version)


class RepositoryChangesTest(unittest.TestCase):

    MODE = ()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.repository = self.folder / "repository"
        self.repository.mkdir()

    def start(self, repository=None, *flags):
        server = Server(repository or self.repository, *flags)
        self.addCleanup(server.kill)
        client = Client(server.grpc_address)
        self.addCleanup(client.close)
        return server, client

    def answer(self, client, layer, **arguments):
        """The value, or the status code."""
        try:
            return client.infer(layer, ONE, **arguments).item()
        except Exception as error:  # tritonclient wraps grpc's errors
            return str(error.status())

    def wait_for_answer(self, client, layer, value, **arguments):
        while self.answer(client, layer, **arguments) != value:
            time.sleep(0.01)

    def layer_page(self, server, name):
        layers = json.loads(server.get("/config")[1])["layers"]
        return next((layer for layer in layers if layer["name"] == name), None)

    def wait_for_page(self, server, name, condition):
        while not condition(self.layer_page(server, name)):
            time.sleep(0.01)
        return self.layer_page(server, name)

    def test_a_copied_folder_is_served_and_a_newer_one_takes_its_place(self):
        _, client = self.start()
        write_value(self.folder / "new", "conv", 1)
        subprocess.run(["cp", "-r", self.folder / "new" / "conv", self.repository], check=True)
        self.wait_for_answer(client, "conv", 1)
        write_value(self.folder / "new", "conv", 2, version=2)
        subprocess.run(["cp", "-r", self.folder / "new" / "conv" / "2", self.repository / "conv"],
                       check=True)
        self.wait_for_answer(client, "conv", 2)
        self.assertEqual(self.answer(client, "conv", model_version="1"), "StatusCode.NOT_FOUND")

    def test_a_fixed_repository_stays_as_it_was(self):
        write_value(self.repository, "conv", 1)
        server, client = self.start(None, "--repository-mode", "fixed")
        write_value(self.repository, "conv", 2, version=2)
        write_value(self.repository, "sign", 3)
        # One that watches has seen both by the time this one is asked.
        _, other = self.start()
        self.wait_for_answer(other, "sign", 3)
        self.assertEqual(self.answer(client, "conv"), 1)
        self.assertEqual(self.answer(client, "sign"), "StatusCode.NOT_FOUND")
        self.assertEqual(json.loads(server.get("/config")[1])["server"]["options"]
                         ["repository-mode"]["value"], "fixed")

    def test_a_half_made_version_is_incomplete_then_an_error_then_served(self):
        write_value(self.repository, "conv", 1)
        server, client = self.start()
        write_value(self.folder, "conv", 2, version=2)
        half = self.repository / "conv" / "2"
        half.mkdir()
        shutil.copy(self.folder / "conv" / "2" / "config.json", half)
        page = self.wait_for_page(server, "conv", lambda page: page["incomplete"])
        self.assertIn("conv/2/weights.safetensors: no such file", page["incomplete"][0])
        self.assertEqual(page["errors"], [])
        self.assertEqual(server.metric("convoy_load_errors"), 0)
        self.assertEqual(server.metric("convoy_incomplete_versions"), 1)
        self.assertNotIn("cannot load", server.log)
        page = self.wait_for_page(server, "conv", lambda page: page["errors"])
        self.assertEqual(server.metric("convoy_load_errors"), 1)
        server.wait_for("cannot load")
        self.assertEqual(server.log.count("cannot load"), 1)
        self.assertEqual(self.answer(client, "conv"), 1)
        shutil.copy(self.folder / "conv" / "2" / "weights.safetensors", half)
        self.wait_for_answer(client, "conv", 2)
        self.assertEqual(server.metric("convoy_load_errors"), 0)

    def test_a_layer_that_is_removed_is_not_found_and_its_series_go(self):
        write_value(self.repository, "conv", 1)
        write_value(self.repository, "stays", 2)
        server, client = self.start()
        self.assertEqual(self.answer(client, "conv"), 1)
        self.assertIn('layer="conv"', server.get("/metrics")[1])
        shutil.rmtree(self.repository / "conv")
        self.wait_for_answer(client, "conv", "StatusCode.NOT_FOUND")
        self.assertEqual(self.answer(client, "stays"), 2)
        while 'layer="conv"' in server.get("/metrics")[1]:
            time.sleep(0.01)
        write_value(self.repository, "conv", 3)
        self.wait_for_answer(client, "conv", 3)

    def test_a_link_that_is_switched_switches_every_layer(self):
        for release, value in (("r1", 1), ("r2", 2)):
            write_value(self.folder / release, "conv", value)
            write_value(self.folder / release, "other", value)
        current = self.folder / "current"
        current.symlink_to("r1")
        _, client = self.start(current)
        self.assertEqual(self.answer(client, "conv"), 1)
        (self.folder / "next").symlink_to("r2")
        os.replace(self.folder / "next", current)
        self.wait_for_answer(client, "conv", 2)
        self.wait_for_answer(client, "other", 2)

    def test_a_repository_that_is_gone_leaves_what_is_live_and_says_so(self):
        write_value(self.repository, "conv", 1)
        server, client = self.start()
        away = self.folder / "away"
        self.repository.rename(away)
        server.wait_for("the repository is gone")
        self.assertEqual(self.answer(client, "conv"), 1)
        self.assertEqual(server.metric("convoy_repository_readable"), 0)
        self.assertEqual(server.get("/v2/health/ready")[0], 200)
        away.rename(self.repository)
        server.wait_for("the repository is there again")
        write_value(self.repository, "conv", 2, version=2)
        self.wait_for_answer(client, "conv", 2)

    def test_what_one_server_sees_another_sees_too(self):
        write_value(self.repository, "conv", 1)
        clients = [self.start()[1] for _ in range(2)]
        write_value(self.folder, "conv", 2, version=2)
        (self.folder / "conv" / "2").rename(self.repository / "conv" / "2")
        for client in clients:
            self.wait_for_answer(client, "conv", 2)

    def test_odd_files_are_refused_and_block_nothing(self):
        server, client = self.start()
        for name, make in (("pipe", lambda path: os.mkfifo(path)),
                           ("loop", lambda path: path.symlink_to(path.name)),
                           ("folder", lambda path: path.mkdir()),
                           ("zero", lambda path: path.symlink_to("/dev/zero"))):
            folder = self.repository / name / "1"
            folder.mkdir(parents=True)
            make(folder / "config.json")
        (self.repository / "around").symlink_to("around")
        write_value(self.repository, "conv", 1)
        self.wait_for_answer(client, "conv", 1)
        for name, says in (("pipe", "not a regular file"), ("loop", "a loop of links"),
                           ("folder", "not a regular file"), ("zero", "not a regular file"),
                           ("around", "")):
            page = self.wait_for_page(server, name, lambda page: page and page["errors"])
            self.assertIn(says, page["errors"][0])

    def test_a_manifest_that_does_not_fit_is_told(self):
        write_value(self.repository, "conv", 1)
        server, client = self.start()
        write_value(self.folder, "conv", 2, version=2)
        fresh = self.folder / "conv" / "2"
        facts = {"bytes": (fresh / "config.json").stat().st_size, "sha256": "0" * 64}
        (fresh / "manifest.json").write_text(json.dumps(
            {"format": 1, "files": {"config.json": facts}}))
        fresh.rename(self.repository / "conv" / "2")
        page = self.wait_for_page(server, "conv", lambda page: page["errors"])
        self.assertIn("conv/2/config.json: expected the SHA-256 0000", page["errors"][0])
        self.assertEqual(self.answer(client, "conv"), 1)

    def test_requests_never_fail_while_versions_are_swapped(self):
        write_value(self.repository, "conv", 1)
        _, client = self.start()
        last = 30
        for version in range(2, last + 1):
            write_value(self.folder, "conv", version, version)
            (self.folder / "conv" / str(version)).rename(
                self.repository / "conv" / str(version))
            answer = None
            while answer != version:
                newest = answer or version - 1
                answer = self.answer(client, "conv")
                self.assertIn(answer, (newest, version))


if __name__ == "__main__":
    unittest.main()
