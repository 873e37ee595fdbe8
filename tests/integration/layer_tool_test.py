#!/usr/bin/env python3
"""The commands of `convoy` that look after layers."""

import json
import os
import pty
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

from support.client import Client
from support.layers import conv1d_config, encode_safetensors, write_random_layer
from support.server import TOOL, Server, clean_environment


class LayerToolTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        (cls.folder / "repository").mkdir()
        _, cls.tensors = write_random_layer(cls.folder / "repository", "conv", 4, 8, 5, padding="same")
        cls.server = Server(cls.folder / "repository", "--repository-mode", "managed", "--tuning", "off")
        cls.addClassCleanup(cls.server.kill)
        cls.client = Client(cls.server.grpc_address)
        cls.addClassCleanup(cls.client.close)
        cls.config = cls.folder / "layer.json"
        cls.config.write_text(json.dumps(
            {"class_name": "Conv1D", "config": conv1d_config("sum", 2, 1, use_bias=False)}))
        cls.weights = cls.folder / "weights.safetensors"
        cls.weights.write_bytes(encode_safetensors({"kernel": np.full((1, 4, 2), 3, np.float32)}))

    def run_tool(self, *arguments, code=0):
        done = subprocess.run([TOOL, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120, env=clean_environment(CONVOY_SERVER=self.server.grpc_address))
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode() if code == 0 else done.stderr.decode()

    def run_json(self, *arguments):
        return json.loads(self.run_tool(*arguments, "--output", "json"))

    def test_versions(self):
        rows = self.run_tool("versions", "conv").splitlines()
        self.assertEqual(rows[0].split()[:2], ["VERSION", "STATE"])
        self.assertEqual(rows[1].split()[:3], ["1", "LIVE", "people"])
        (version,) = self.run_json("versions", "conv")["versions"]
        self.assertEqual((version["name"], version["state"]), ("layers/conv/versions/1", "LIVE"))
        self.assertIn("NOT_FOUND", self.run_tool("versions", "none", code=1))

    def test_shape(self):
        text = self.run_tool("shape", "conv", "--input", "1,?,4")
        self.assertIn("FP32 (1, None, 8)", text)
        self.assertIn("2 before, 2 behind", text)
        self.assertNotIn("multiply", text)
        answer = self.run_json("shape", "conv", "--input", "2,10,4", "--layer-version", 1)
        self.assertEqual(answer["output_shape"], ["2", "10", "8"])
        self.assertEqual(answer["estimate"]["multiply_accumulates"], str(2 * 10 * 8 * 5 * 4))
        self.assertIn("INVALID_ARGUMENT", self.run_tool("shape", "conv", "--input", "1,?,5", code=1))
        self.assertIn("--input", self.run_tool("shape", "conv", "--input", "1,x,5", code=2))
        self.assertIn("--input", self.run_tool("shape", "conv", code=2))

    def test_weights(self):
        stored = (self.folder / "repository/conv/1/weights.safetensors").read_bytes()
        target = self.folder / "got.safetensors"
        self.assertIn(f"{len(stored)} bytes", self.run_tool("get-weights", "conv", target))
        self.assertEqual(target.read_bytes(), stored)
        info = self.run_json("get-weights", "conv", target, "--layer-version", 1)
        self.assertEqual((info["name"], info["size_bytes"]), ("layers/conv/versions/1", len(stored)))
        done = subprocess.run([TOOL, "--server", self.server.grpc_address, "get-weights", "conv", "-"],
                              capture_output=True, timeout=60, env=clean_environment())
        self.assertEqual(done.stdout, stored)
        self.assertIn("NOT_FOUND", self.run_tool("get-weights", "none", self.folder / "no", code=1))
        self.assertFalse((self.folder / "no").exists() or (self.folder / "no.part").exists())
        self.assertIn("cannot be written", self.run_tool("get-weights", "conv", self.folder / "a/b", code=2))

    def test_a_layer_from_its_creation_to_its_end(self):
        text = self.run_tool("create", "sum", "--config", self.config, "--weights", self.weights,
                             "--set", "live_versions=2", "--set", "deterministic=true")
        self.assertIn("layers/sum", text)
        x = np.ones((1, 2, 4), np.float32)
        np.testing.assert_array_equal(self.client.infer("sum", x), np.full((1, 2, 2), 12))
        layer = self.run_json("update", "sum", "--initialize", 3)
        self.assertEqual((layer["version"], layer["serving"]["live_versions"]), ("2", "2"))
        layer = self.run_json("update", "sum", "--set", "deterministic=")
        self.assertEqual(layer["serving"]["deterministic"], False)
        stale, etag = etag_of(layer, -1), layer["etag"]
        self.assertIn("ABORTED", self.run_tool("update", "sum", "--etag", stale, "--initialize", 4, code=1))
        layer = self.run_json("update", "sum", "--etag", etag, "--lora-rank", 1, "--lora-alpha", 2)
        self.assertEqual(json.loads(layer["config"])["config"]["lora_rank"], 1)
        layer = self.run_json("rollback", "sum", 1)
        np.testing.assert_array_equal(self.client.infer("sum", x), np.full((1, 2, 2), 12))
        self.assertIn("would delete", self.run_tool("delete", "sum", "--validate-only"))
        self.assertIn("deleted layers/sum with 5 versions", self.run_tool("delete", "sum"))
        self.assertIn("NOT_FOUND", self.run_tool("versions", "sum", code=1))

    def test_what_people_made_goes_only_when_that_is_said(self):
        write_random_layer(self.folder / "repository", "mine", 1, 1, 1)
        self.run_tool("rollback", "mine", 1)
        self.assertIn("FAILED_PRECONDITION", self.run_tool("delete", "mine", code=1))
        self.assertEqual(len(self.run_json("delete", "mine", "--foreign")["versions"]), 2)

    def test_validation_and_warnings(self):
        weights = self.folder / "bad.safetensors"
        weights.write_bytes(encode_safetensors({"kernel": np.full((1, 4, 2), np.nan, np.float32)}))
        done = subprocess.run([TOOL, "create", "maybe", "--config", self.config, "--weights", weights,
                               "--validate-only"], capture_output=True, text=True, timeout=60,
                              env=clean_environment(CONVOY_SERVER=self.server.grpc_address))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("would be", done.stdout)
        self.assertIn("warning: kernel: 8 values are infinite or not a number", done.stderr)
        self.assertFalse((self.folder / "repository/maybe").exists())

    def test_wrong_usage(self):
        for arguments, word in ((("create", "x"), "--config"),
                                (("create", "x", "--config", self.folder / "none"), "cannot be read"),
                                (("create", "x", "--config", self.config, "--weights", "/none"), "/none"),
                                (("create", "x", "--config", self.config, "--set", "no_such=1"), "--set"),
                                (("create", "x", "--config", self.config, "--set", "live_versions=x"), "whole number"),
                                (("create", "x", "--config", self.config, "--initialize", "-1"), "--initialize"),
                                (("update", "x", "--lora-alpha", "1"), "--lora-rank"),
                                (("rollback", "conv", "0"), "VERSION"),
                                (("delete",), "LAYER"), (("completion", "csh"), "SHELL"),
                                (("versions", "conv", "--output", "xml"), "--output")):
            with self.subTest(arguments=arguments):
                self.assertIn(word, self.run_tool(*arguments, code=2))
        self.assertIn("INVALID_ARGUMENT: weights", self.run_tool("create", "x", "--config", self.config, code=1))

    def test_a_long_upload_tells_a_terminal_how_far_it_is(self):
        big = self.folder / "big.safetensors"
        big.write_bytes(encode_safetensors({"kernel": np.zeros((1, 4, 1 << 21), np.float32)}))
        config = self.folder / "big.json"
        config.write_text(json.dumps(
            {"class_name": "Conv1D", "config": conv1d_config("big", 1 << 21, 1, use_bias=False)}))
        master, terminal = pty.openpty()
        done = subprocess.Popen([TOOL, "create", "big", "--config", config, "--weights", big, "--validate-only"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=terminal,
                                env=clean_environment(CONVOY_SERVER=self.server.grpc_address))
        os.close(terminal)
        shown = b""
        try:
            while chunk := os.read(master, 4096):
                shown += chunk
        except OSError:  # the other side is closed
            pass
        os.close(master)
        done.wait(timeout=120)
        # A layer of so many filters is refused, after the upload.
        self.assertIn(b"of 33.6 MB", shown)
        self.assertIn("big.safetensors", shown.decode())

    def test_bash_completes_commands_options_and_files(self):
        script = self.folder / "completion.bash"
        script.write_text(self.run_tool("completion", "bash"))

        def complete(*words):
            text = (f'source "{script}"; COMP_WORDS=({" ".join(words[:-1])} "{words[-1]}"); '
                    f'COMP_CWORD={len(words) - 1}; _convoy; printf "%s\\n" "${{COMPREPLY[@]}}"')
            done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True,
                                  cwd=self.folder)
            return done.stdout.split()

        self.assertEqual(complete("convoy", "lay"), ["layers", "layer"])
        self.assertIn("create", complete("convoy", ""))
        self.assertEqual(complete("convoy", "create", "--conf"), ["--config"])
        self.assertIn("layer.json", complete("convoy", "create", "--config", "lay"))
        self.assertEqual(complete("convoy", "--server", "x", "versions", "--out"), ["--output"])
        self.assertIn("--timeout", complete("convoy", "infer", "--t"))

    def test_other_shells_take_their_scripts(self):
        zsh, fish = self.run_tool("completion", "zsh"), self.run_tool("completion", "fish")
        self.assertTrue(zsh.startswith("#compdef convoy\n"))
        self.assertIn("complete -c convoy -n __fish_use_subcommand -f -a create ", fish)
        self.assertIn("complete -c convoy -n '__fish_seen_subcommand_from shape' -l input -r -d ", fish)
        for shell, text in (("zsh", zsh), ("fish", fish)):
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=text, text=True, check=True)


def etag_of(layer, change):
    """The etag that the layer had some versions ago, as far as its number goes."""
    number, rest = layer["etag"].split("-")
    return f"{int(number) + change}-{rest}"


if __name__ == "__main__":
    unittest.main()
