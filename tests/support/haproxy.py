"""HAProxy in front of several servers, as docs/operations.md configures it."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from support import ROOT

PATIENCE_SECONDS = 120


def installed():
    return shutil.which("haproxy") is not None


def documented():
    """The configuration of the document."""
    text = (ROOT / "docs" / "operations.md").read_text()
    (found,) = re.findall(r"```haproxy\n(.*?)```", text, re.S)
    return found


def connections_only(config):
    """The same for a balancer that spreads connections and does not look into them."""
    config = config.replace("mode http", "mode tcp").replace(" proto h2", "")
    return config.replace("balance leastconn", "balance roundrobin")


def for_servers(config, servers):
    """`config` with these `servers`, pairs of a gRPC and an HTTP address, instead of its own."""
    template = re.findall(r"(?m)^  server a .*$", config)[0]
    lines = [template.replace(" a ", f" s{i} ").replace("10.0.0.1:8001", grpc)
             .replace("8002", http.rsplit(":", 1)[1]) for i, (grpc, http) in enumerate(servers)]
    return re.sub(r"(?m)(^  server .*\n)+", "\n".join(lines) + "\n", config)


class HaProxy:
    """Balances over `servers`; runs when it is made, wait_for() says when it has seen them."""

    def __init__(self, servers, config):
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self._admin = folder / "admin.sock"
        # A port that is free and stays so: it is handed over as it is.
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.address = "127.0.0.1:%d" % listening.getsockname()[1]
            assert "bind :8001" in config, config
            config = for_servers(config, servers).replace("bind :8001", f"bind fd@{listening.fileno()}")
            (folder / "haproxy.cfg").write_text(f"global\n  stats socket {self._admin}\n{config}")
            self._log = (folder / "log").open("w+")
            self.process = subprocess.Popen(
                ["haproxy", "-db", "-f", folder / "haproxy.cfg"], stdin=subprocess.DEVNULL,
                stdout=self._log, stderr=subprocess.STDOUT, pass_fds=[listening.fileno()])

    def up(self):
        """How many servers it sends calls to."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(PATIENCE_SECONDS)
            admin.connect(str(self._admin))
            admin.sendall(b"show stat\n")
            answer = b"".join(iter(lambda: admin.recv(65536), b"")).decode()
        rows = [line.split(",") for line in answer.splitlines()[1:] if line]
        return sum(row[1] not in ("FRONTEND", "BACKEND") and row[17] == "UP" for row in rows)

    def wait_for(self, count):
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if self.up() == count:
                    return
            except (OSError, IndexError):
                pass  # not there yet, or an answer that was cut off
            if time.monotonic() > end or self.process.poll() is not None:
                self._log.seek(0)
                raise AssertionError(f"not {count} servers are up; HAProxy said:\n{self._log.read()}")
            time.sleep(0.02)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self._log.close()
        self._folder.cleanup()
