"""A convoy-server process."""

import os
import re
import signal
import ssl
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
ADDRESSES = re.compile(r'convoy (?:listening|ready) .*\bgrpc=([^\s"]+).*\bhttp=([^\s"]+)')


def clean_environment(**variables):
    """This process' environment without CONVOY_* variables, and with `variables`."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("CONVOY_")}
    return inherited | variables

DEFAULTS = {"--grpc-address": "127.0.0.1:0", "--http-address": "127.0.0.1:0",
            "--drain-seconds": "0"}


class Server:
    """Starts a server and waits until it is ready; as a context, kills it at the end.

    The ports are the system's choice and stopping takes no time unless `flags` say
    otherwise, or `defaults` is false. Without a `repository` the flags say which.
    Everything the server writes is kept in `log`. With `until="listening"` the layers may still be on their way.
    """

    def __init__(self, repository, *flags, environment=None, defaults=True, until="ready"):
        flags = [str(flag) for flag in flags]
        self._scheme = "https" if "--tls-cert" in flags else "http"
        for flag, value in DEFAULTS.items():
            if defaults and flag not in flags:
                flags += [flag, value]
        self.process = subprocess.Popen(
            [SERVER, *(["--repository", str(repository)] if repository else []), *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=clean_environment(**(environment or {})))
        self.grpc_address = self.http_address = None
        self._lines = []
        self._ended = False
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.wait_for(f"convoy {until}", START_SECONDS)
        except AssertionError:
            self.kill()
            raise

    def _read(self):
        for line in self.process.stdout:
            with self._news:
                self._lines.append(line)
                match = ADDRESSES.search(line)
                if match:
                    self.grpc_address, self.http_address = match.groups()
                self._news.notify_all()
        with self._news:
            self._ended = True  # nobody waits in vain
            self._news.notify_all()

    def wait_for(self, text, seconds=START_SECONDS):
        """Waits until the log has `text`."""
        with self._news:
            self._news.wait_for(lambda: self._ended or text in self.log, seconds)
        if text not in self.log:
            raise AssertionError(f"the server did not say {text!r}; it said:\n{self.log}")

    @property
    def log(self):
        return "".join(self._lines)

    def alive(self):
        return self.process.poll() is None

    def get(self, path):
        """HTTP status and body of a GET on the admin port, whatever its certificate."""
        try:
            with urllib.request.urlopen(f"{self._scheme}://{self.http_address}{path}", timeout=10,
                                        context=ssl._create_unverified_context()) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metric(self, series):
        """The sum of all series of /metrics that have the name and the labels of `series`."""
        name, _, labels = series.rstrip("}").partition("{")
        wanted = set(re.findall(r'\w+="[^"]*"', labels))
        _, text = self.get("/metrics")
        values = [value for labels, value in
                  re.findall(rf"^{re.escape(name)}(?:\{{(.*)\}})? (\S+)$", text, re.M)
                  if wanted <= set(re.findall(r'\w+="[^"]*"', labels))]
        if not values:
            raise AssertionError(f"no series {series} in:\n{text}")
        return sum(float(value) for value in values)

    def stop(self, by=signal.SIGTERM):
        """Asks the server to end and returns its exit code."""
        self.process.send_signal(by)
        code = self.process.wait(timeout=START_SECONDS)
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


def run_tool(*arguments, stdin=None, stdout=subprocess.PIPE):
    """Runs the command-line tool: exit code, stdout, stderr, all of bytes."""
    done = subprocess.run([TOOL, *map(str, arguments)], input=stdin if stdin is not None else b"",
                          stdout=stdout, stderr=subprocess.PIPE, timeout=120,
                          env=clean_environment())
    return done.returncode, done.stdout, done.stderr
