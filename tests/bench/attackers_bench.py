"""An attacker that has a quarter of a core: what a good caller notices, against a harmless peer in its place.

  attackers_bench.py --build build/release [--quick] [--only ATTACK] [--json FILE]

Rounds in turns: the good caller, at a fixed rate, beside a harmless peer, and beside the attacker; both peers
are held to a quarter of a core. Figures are medians over the rounds:

  ratio         p99 of the good caller beside the attacker over that beside the harmless peer, before and after it
  after         p99 beside the harmless peer after the attacks over that before the first
  peak_mib      the most resident memory during attacks; bound_mib is the sum of docs/operations.md
"""

import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from attackers import ATTACKS, MIB, Peer
from figures import main
from model_files import write_layer
from processes import Convoy, halves, load
from support import memory

LAYER, SHAPE, CONFIG = "tiny", (1, 10, 128), {"filters": 32, "kernel_size": 3}
RATE = 500  # of some 10,000 that the server can do on a core
SHARE = 0.25
RISE_SECONDS = 0.5  # until the peer is at full work; the figure needs no exact moment

# Small ones, so that the sum bounds something.
LIMITS_MIB = {"--primitive-cache-bytes": 64, "--max-received-bytes": 256, "--max-message-bytes": 4,
              "--max-upload-bytes": 1, "--max-queue-bytes": 64, "--max-run-bytes": 64, "--max-unread-bytes": 64}
MAX_CONNECTIONS = 2000
# docs/operations.md: connections, a loaded and idle server, and floods before they are noticed.
BOUND_MIB = sum(LIMITS_MIB.values()) + 0.1 * MAX_CONNECTIONS + 64 + 64
FLAGS = [word for flag, mib in LIMITS_MIB.items() for word in (flag, f"{mib}MiB")] + [
    "--max-connections", MAX_CONNECTIONS, "--pollers", 1]


class Rounds:
    """A server, a good caller and peers beside it."""

    def __init__(self, build, server, seconds, cores):
        self._build, self._server, self._seconds, self._cores = build, server, seconds, cores
        self.failed = 0
        self.shares = []

    def p99_beside(self, peer):
        cores = {int(core) for core in self._cores.split(",")}
        address = f"127.0.0.1:{self._server.port}"
        with Peer(peer, address, LAYER, SHAPE, SHARE, cores) as running:
            time.sleep(RISE_SECONDS)
            report = load(self._build, self._server.port, LAYER, SHAPE, 1024, self._seconds, "--rate", RATE,
                          cores=self._cores, may_fail=True)
        self.shares.append(running.core)
        self.failed += report["failed"] + report["dropped"]
        return report["latency_ms"]["p99"]


def cut(server):
    """Connections that the server has refused or cut."""
    return sum(server.metric(f'convoy_refused_connections_total{{reason="{reason}"}}')
               for reason in ("limit", "flood", "memory"))


def bench(attack, build, quick):
    rounds, seconds = (1, 2) if quick else (5, 5)
    server_cores, client_cores = halves()
    with tempfile.TemporaryDirectory() as repository:
        write_layer(Path(repository), LAYER, SHAPE[-1], CONFIG)
        with Convoy(build, repository, *FLAGS, cores=server_cores) as server:
            run = Rounds(build, server, seconds, client_cores)
            run.p99_beside("harmless")  # warm
            run.failed = 0
            idle = server.resident_bytes()
            calm, attacked, peaks = [run.p99_beside("harmless")], [], []
            for _ in range(rounds):
                memory.forget_peak(server.process.pid)
                attacked.append(run.p99_beside(attack))
                peaks.append(memory.peak_resident_bytes(server.process.pid))
                calm.append(run.p99_beside("harmless"))
            if server.process.poll() is not None:
                raise RuntimeError("the server has ended")
            left, refused = server.resident_bytes(), cut(server)
    ratios = [one / ((before + after) / 2) for one, before, after in zip(attacked, calm, calm[1:])]
    return {"name": f"attackers/{attack}", "ratio": statistics.median(ratios), "bound": "at most 3",
            "harmless_ms": statistics.median(calm), "attacked_ms": statistics.median(attacked), "ratios": ratios,
            "after": statistics.median(calm[1:]) / calm[0], "failed": run.failed, "connections_cut": refused,
            "peak_mib": max(peaks) / MIB, "bound_mib": BOUND_MIB, "idle_mib": idle / MIB, "left_mib": left / MIB,
            "core": max(run.shares)}


if __name__ == "__main__":
    main({attack: partial(bench, attack) for attack in ATTACKS})
