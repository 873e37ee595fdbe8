"""A convoy-server process."""

import os
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path

from support import ROOT

BINARIES = Path(os.environ.get("CONVOY_BINARY_DIR", ROOT / "build" / "release"))
SERVER = BINARIES / "convoy-server"
TOOL = BINARIES / "convoy"

START_SECONDS = 60  # a sanitizer build on a busy machine is slow
READY = re.compile(r"ready.*\bgrpc=(\S+).*\bhttp=(\S+)")


def clean_environment(**variables):
    """This process' environment without CONVOY_* variables, and with `variables`."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("CONVOY_")}
    return inherited | variables

DEFAULTS = {"--grpc-address": "127.0.0.1:0", "--http-address": "127.0.0.1:0",
            "--drain-seconds": "0"}


class Server:
    """Starts a server and waits until it is ready; as a context, kills it at the end.

    The ports are the system's choice and stopping takes no time unless `flags` say
    otherwise, or `defaults` is false. Everything the server writes is kept in `log`.
    """

    def __init__(self, repository, *flags, environment=None, defaults=True):
        flags = [str(flag) for flag in flags]
        for flag, value in DEFAULTS.items():
            if defaults and flag not in flags:
                flags += [flag, value]
        self.process = subprocess.Popen(
            [SERVER, "--repository", str(repository), *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=clean_environment(**(environment or {})))
        self.grpc_address = self.http_address = None
        self._lines = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(START_SECONDS) or self.grpc_address is None:
            self.kill()
            raise AssertionError(f"the server is not ready; it said:\n{self.log}")

    def _read(self):
        for line in self.process.stdout:
            self._lines.append(line)
            match = READY.search(line)
            if match and not self._ready.is_set():
                self.grpc_address, self.http_address = match.groups()
                self._ready.set()
        self._ready.set()  # ended: nobody waits in vain

    @property
    def log(self):
        return "".join(self._lines)

    def alive(self):
        return self.process.poll() is None

    def get(self, path):
        """HTTP status and body of a GET on the admin port."""
        try:
            with urllib.request.urlopen(f"http://{self.http_address}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metric(self, series):
        """The value of one series of /metrics; of a name without labels the sum of all that have it."""
        _, text = self.get("/metrics")
        values = re.findall(rf"^{re.escape(series)}(?:\{{.*\}})? (\S+)$", text, re.M)
        if not values:
            raise AssertionError(f"no series {series} in:\n{text}")
        return sum(float(value) for value in values)

    def stop(self, by=signal.SIGTERM):
        """Asks the server to end and returns its exit code."""
        self.process.send_signal(by)
        code = self.process.wait(timeout=30)
        self._reader.join(timeout=30)
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(timeout=30)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


def run_server(*arguments, environment=None, cwd=None):
    """Runs a server that is expected to end by itself: exit code, stdout, stderr."""
    done = subprocess.run([SERVER, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=START_SECONDS, cwd=cwd,
                          env=clean_environment(**(environment or {})))
    return done.returncode, done.stdout, done.stderr


def run_tool(*arguments, stdin=None):
    """Runs the command-line tool: exit code, stdout, stderr, all of bytes."""
    done = subprocess.run([TOOL, *map(str, arguments)], input=stdin if stdin is not None else b"",
                          capture_output=True, timeout=120, env=clean_environment())
    return done.returncode, done.stdout, done.stderr
