#!/usr/bin/env python3
"""The lines of README.md that serve a layer of a Keras model, run as they stand there."""

import os
import re
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

from support import ROOT
from support.server import Server
from support.skipping import skip

README = (ROOT / "README.md").read_text()
ADDRESS = "127.0.0.1:8001"  # which tests must not count on


def block(language, first_line):
    """The code of README.md that begins with `first_line`."""
    (text,) = re.findall(rf"```{language}\n({re.escape(first_line)}\n.*?)```", README, re.S)
    return text


class ReadmeTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        # The project's folder, as far as the lines need it; they write beside it.
        (self.folder / "examples").symlink_to(ROOT / "examples")
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        # The lines have to find the example themselves.
        self.addCleanup(sys.path.__setitem__, slice(None), list(sys.path))
        sys.path.remove(str(ROOT / "examples"))

    def test_a_layer_of_a_keras_model_is_served(self):
        write = block("python", "import sys")
        self.assertLessEqual(len(write.splitlines()), 10)
        self.assertIn("```bash\n./run serve --repository layers\n```", README)
        names = {}
        exec(write, names)
        call = block("python", "import numpy as np")
        self.assertIn(ADDRESS, call)
        with Server("layers") as server:
            exec(call.replace(ADDRESS, server.grpc_address), names)
        answer = names["result"].as_numpy("output")
        np.testing.assert_allclose(answer, names["layer"](names["signal"]), rtol=1e-4, atol=1e-5)


if __name__ == "__main__":
    try:
        import keras_on_jax  # noqa: F401  (chooses the backend)
    except ImportError as missing:
        skip(f"{missing} (requirements/test.txt has Keras)")
    unittest.main()
