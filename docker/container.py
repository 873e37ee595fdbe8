"""A container of the image that docker/test_image.sh has built."""

import datetime
import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

IMAGE = "localhost/convoy-server"
NAME = "convoy-test"
PATIENCE_SECONDS = 120
# The host's network, and no limits above those that a container may be given on a small machine.
RUN = ["--network=host", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024", "--read-only",
       "--cap-drop=all", "--security-opt=no-new-privileges"]


def report(what, value):
    print(f"{what:44} {value}", flush=True)


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


class Container:
    """An image that runs; removed at the end of a `with`. `podman` is the command with its options."""

    def __init__(self, podman, image, *options):
        self._podman = podman
        self.remove()
        self.podman("run", "--detach", f"--name={NAME}", *RUN, *options, image)

    def podman(self, *arguments, may_fail=False):
        done = subprocess.run([*self._podman, *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        check(may_fail or done.returncode == 0, f"podman {arguments}: {done.stdout}{done.stderr}")
        return done

    def exec(self, *command, may_fail=False):
        return self.podman("exec", NAME, *command, may_fail=may_fail)

    def inspect(self, template):
        return self.podman("inspect", "--format", template, NAME).stdout.strip()

    def log(self):
        done = self.podman("logs", NAME)
        return done.stdout + done.stderr

    def process(self):
        """Of /proc."""
        return Path("/proc") / self.inspect("{{.State.Pid}}")

    def status(self, field):
        (value,) = re.findall(rf"^{field}:\s*(.*)$", (self.process() / "status").read_text(), re.M)
        return value

    def wait_for(self, holds, what):
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            check(time.monotonic() < end and self.inspect("{{.State.Running}}") == "true",
                  f"{what}; it said:\n{self.log()}")
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        self.podman("rm", "--force", "--time=0", NAME, may_fail=True)


class Served(Container):
    """Serves a repository on two free ports of this machine."""

    def __init__(self, podman, repository, *options):
        grpc, http = free_port(), free_port()
        self.grpc_address, self.http_address = f"127.0.0.1:{grpc}", f"127.0.0.1:{http}"
        super().__init__(podman, IMAGE, f"--volume={repository}:/layers:ro", "--env=CONVOY_LOG_FORMAT=json",
                         f"--env=CONVOY_GRPC_ADDRESS=[::]:{grpc}", f"--env=CONVOY_HTTP_ADDRESS=[::]:{http}",
                         f"--env=CONVOY_SERVER={self.grpc_address}", *options)
        try:
            self.wait_for(lambda: "convoy ready" in self.log(), "not ready")
        except AssertionError:
            self.remove()
            raise

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.http_address}{path}", timeout=30) as answer:
            return answer.read().decode()

    def metric(self, name):
        return sum(map(float, re.findall(rf"^{name}(?:{{.*}})? (\S+)$", self.get("/metrics"), re.M)))

    def resident_bytes(self):
        return self.metric("process_resident_memory_bytes")

    def peak_mib(self):
        return int(self.status("VmHWM").split()[0]) / 1024

    def bench(self, layer, shape, inflight, seconds, *arguments):
        """The report of `convoy bench`, run by a container of its own."""
        done = self.podman("run", "--rm", *RUN, "--no-healthcheck", "--entrypoint=/usr/bin/convoy", IMAGE, "--server",
                           self.grpc_address, "bench", layer, "--shape", ",".join(map(str, shape)), "--inflight",
                           inflight, "--seconds", seconds, "--json", *arguments, may_fail=True)
        check(done.stdout, done.stderr)
        return json.loads(done.stdout)

    def seconds_from_start_to_ready(self):
        """From the start of the process, which the kernel keeps in hundredths, to its line in the log."""
        (line,) = [line for line in self.log().splitlines() if "convoy ready" in line]
        ready = datetime.datetime.fromisoformat(json.loads(line)["time"]).timestamp()
        ticks = int((self.process() / "stat").read_text().rsplit(")", 1)[1].split()[19])
        boot = time.time() - float(Path("/proc/uptime").read_text().split()[0])
        return ready - (boot + ticks / os.sysconf("SC_CLK_TCK"))
