#!/usr/bin/env python3
"""docs/keras_interface.md has everything that Keras' Conv1D has, and nothing else."""

import inspect
import re
import unittest

import keras_on_jax  # noqa: F401  (chooses the backend)
import keras

from support import ROOT

TEXT = (ROOT / "docs" / "keras_interface.md").read_text()


def documented(section):
    """The names in the first column of a section's table."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", TEXT, re.S | re.M)
    rows = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


class InterfaceTest(unittest.TestCase):

    def setUp(self):
        layer = keras.layers.Conv1D(2, 3)
        layer.build((None, None, 4))
        names = {name for name in [*dir(type(layer)), *vars(layer)] if not name.startswith("_")}
        # A property of the class may need a call that has not been.
        self.methods = {name for name in names
                        if inspect.isroutine(inspect.getattr_static(type(layer), name, None))}
        self.properties = names - self.methods

    def test_arguments(self):
        arguments = set(inspect.signature(keras.layers.Conv1D.__init__).parameters) - {"self"}
        self.assertEqual(documented("Arguments") - {"name", "trainable", "dtype"}, arguments)

    def test_properties(self):
        self.assertEqual(documented("Properties"), self.properties)

    def test_methods(self):
        self.assertEqual(documented("Methods"), self.methods)


if __name__ == "__main__":
    unittest.main()
