"""Clients that other people wrote, in environments of their own (scripts/clients.sh)."""

import json
import os
import subprocess

import numpy as np

from support import ROOT
from support.case import ServerTestCase
from support.layers import conv1d_config, write_layer
from support.skipping import skip

FOLDER = ROOT / "build" / "clients"
SCRIPTS = ROOT / "tests" / "interop" / "clients"


def skip_unless_installed(name):
    """Ends the script, visibly, where the environment is not there."""
    if not (FOLDER / name / ".installed").exists():
        skip(f"build/clients/{name} is not there; ./run test-long installs it")


def python(name):
    return FOLDER / name / "bin" / "python"


def run(command, environment=None):
    """What a client prints on standard output."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=240, env=os.environ | (environment or {}))
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def run_json(command):
    """The last line that a client prints, as JSON."""
    return json.loads(run(command).splitlines()[-1])


class OtherClientTestCase(ServerTestCase):
    """Serves "conv", which adds to each number ten times the next: 1, 2, 3 gives 21, 32."""

    @classmethod
    def write_layers(cls, repository):
        tensors = {"kernel": np.array([[[1]], [[10]]], np.float32), "bias": np.zeros(1, np.float32)}
        write_layer(repository, conv1d_config("conv", 1, 2), tensors)
