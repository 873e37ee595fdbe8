"""Starts the servers that are measured, and reads what they cost."""

import json
import os
import re
import signal
import subprocess
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")


class Process:
    """A server on the loopback interface; `port` is where it takes calls."""

    def __init__(self, command, ready, **options):
        self.process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
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
    def __init__(self, build, repository, *arguments):
        super().__init__(
            [build / "convoy-server", "--repository", repository, "--grpc-address", "127.0.0.1:0",
             "--http-address", "127.0.0.1:0", "--drain-seconds", "0", *arguments],
            r"ready grpc=\S+:(\d+)",
        )
        self.http_port = int(re.search(r"http=\S+:(\d+)", self.line).group(1))

    def metric(self, name, layer):
        """The value of one series of a layer."""
        url = f"http://127.0.0.1:{self.http_port}/metrics"
        with urllib.request.urlopen(url) as response:
            text = response.read().decode()
        found = re.search(rf'^{name}{{layer="{layer}"}} (\S+)$', text, re.M)
        return float(found.group(1)) if found else 0.0


class Echo(Process):
    """Answers `output`-shaped tensors."""

    def __init__(self, build, output, *arguments):
        super().__init__(
            [build / "bench" / "echo_server", "--output", ",".join(map(str, output)), *arguments],
            r"^(\d+)$",
        )


def load(build, port, layer, shape, inflight, seconds):
    """Closed-loop load; the report of `convoy bench` as a dict."""
    command = [build / "convoy", "--server", f"127.0.0.1:{port}", "bench", layer, "--shape",
               ",".join(map(str, shape)), "--inflight", str(inflight), "--seconds", str(seconds), "--json"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"the load on {layer} failed: {done.stderr[-500:]}")
    return json.loads(done.stdout)
