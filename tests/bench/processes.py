"""Starts the servers that are measured, and reads what they cost."""

import json
import os
import re
import signal
import subprocess
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")


def halves():
    """The cores of this process as two lists for taskset: the server's and the client's. One core serves both."""
    cores = [str(core) for core in sorted(os.sched_getaffinity(0))]
    half = len(cores) // 2
    return ",".join(cores[:half] or cores), ",".join(cores[half:])


def pinned(cores):
    """What to put before a command so that it runs on these cores."""
    return ["taskset", "-c", cores] if cores else []


class Process:
    """A server on the loopback interface; `port` is where it takes calls. `cores` is a list for taskset."""

    def __init__(self, command, ready, cores=None, **options):
        self.process = subprocess.Popen(
            [*pinned(cores), *(str(part) for part in command)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,
        )
        self.line = ""
        for self.line in self.process.stdout:
            found = re.search(ready, self.line)
            if found:
                self.port = int(found.group(1))
                return
        raise RuntimeError(f"{command[0]} ended before it was ready: {self.line}")

    def cpu_seconds(self):
        """User and system time so far."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.read()
        return self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


class Convoy(Process):
    def __init__(self, build, repository, *arguments, cores=None):
        super().__init__(
            [build / "convoy-server", "--repository", repository, "--grpc-address", "127.0.0.1:0",
             "--http-address", "127.0.0.1:0", "--drain-seconds", "0", *arguments],
            r"ready grpc=\S+:(\d+)",
            cores,
        )
        self.http_port = int(re.search(r"http=\S+:(\d+)", self.line).group(1))

    def metric(self, name, layer=None):
        """The value of one series, of a layer or of the server."""
        url = f"http://127.0.0.1:{self.http_port}/metrics"
        with urllib.request.urlopen(url) as response:
            text = response.read().decode()
        labels = f'{{layer="{layer}"}}' if layer else ""
        found = re.search(rf"^{re.escape(name + labels)} (\S+)$", text, re.M)
        return float(found.group(1)) if found else 0.0


class Echo(Process):
    """Answers `output`-shaped tensors."""

    def __init__(self, build, output, *arguments, cores=None):
        super().__init__(
            [build / "bench" / "echo_server", "--output", ",".join(map(str, output)), *arguments],
            r"^(\d+)$",
            cores,
        )


def load(build, port, layer, shape, inflight, seconds, *arguments, cores=None, may_fail=False):
    """Closed-loop load unless the arguments say otherwise; the report of `convoy bench` as a dict."""
    command = [build / "convoy", "--server", f"127.0.0.1:{port}", "bench", layer, "--shape",
               ",".join(map(str, shape)), "--inflight", inflight, "--seconds", seconds, "--json", *arguments]
    done = subprocess.run([*pinned(cores), *(str(part) for part in command)], capture_output=True, text=True)
    if done.returncode != 0 and not (may_fail and done.stdout):
        raise RuntimeError(f"the load on {layer} failed: {done.stderr[-500:]}")
    return json.loads(done.stdout)
