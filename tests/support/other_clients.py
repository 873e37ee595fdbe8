"""Clients that other people wrote, in environments of their own (scripts/clients.sh)."""

import json
import os
import subprocess
import sys

from support import ROOT

FOLDER = ROOT / "build" / "clients"
SCRIPTS = ROOT / "tests" / "interop" / "clients"
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def skip_unless_installed(name):
    """Ends the script, visibly, where the environment is not there."""
    if not (FOLDER / name / ".installed").exists():
        print(f"skipped: build/clients/{name} is not there; ./run test-long installs it")
        sys.exit(SKIPPED)


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
