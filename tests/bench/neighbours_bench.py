"""Beside busy neighbours: what is left of Convoy's throughput, against its fair share.

  neighbours_bench.py --build build/release [--before OTHER_BUILD] [--quick] [--only NAME]

A neighbour is one loop a core at the server's own niceness: in its scheduling group, as a second process of one
container or service, or in a group of its own (another session, where Linux groups processes by session). The fair
share is half of what the server does alone. Rounds alternate, between --build and --before too; medians are printed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from model_files import write_layer
from processes import Convoy, load

# name, shape, config, requests in flight
CASES = [
    ("tiny", (1, 10, 128), {"filters": 32, "kernel_size": 3}, 64),
    ("documented", (4, 10, 128), {"filters": 32, "kernel_size": 3, "activation": "relu"}, 16),
    ("documented", (4, 10, 128), {"filters": 32, "kernel_size": 3, "activation": "relu"}, 64),
    ("features", (1, 1000, 64), {"filters": 128, "kernel_size": 5}, 16),
    ("tcn", (1, 4096, 64), {"filters": 64, "kernel_size": 3, "dilation_rate": 16, "padding": "causal"}, 16),
]
BUSY = [sys.executable, "-c", "while True: pass"]
BOUND = 0.8


@contextmanager
def neighbours(own_group):
    busy = [subprocess.Popen(BUSY, start_new_session=own_group) for _ in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def run_case(build, servers, case, rounds, seconds):
    """A row for each server."""
    name, shape, _, inflight = case

    def rates():
        return {server: load(build, convoy.port, name, shape, inflight, seconds)["requests_per_second"]
                for server, convoy in servers.items()}

    rates()  # warm
    alone, same, own = [], [], []
    for _ in range(rounds):
        alone.append(rates())
        with neighbours(own_group=False):
            same.append(rates())
        with neighbours(own_group=True):
            own.append(rates())

    def share(beside, server):
        return statistics.median(2 * there[server] / before[server] for there, before in zip(beside, alone))

    return [{"name": name, "inflight": inflight, "server": server,
             "alone_rate": statistics.median(rates[server] for rates in alone),
             "of_fair_share": share(same, server), "of_fair_share_own_group": share(own, server), "bound": BOUND}
            for server in servers]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--before", type=Path, help="a build of another state, measured in the same rounds")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rounds, seconds = (3, 1) if arguments.quick else (9, 2)
    rows = []
    print("beside busy neighbours, of the fair share (bound 0.8)")
    print(f"{'layer':13} {'in flight':>9} {'server':>9} {'alone/s':>9} {'one group':>9} {'own group':>9}", flush=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for name, shape, config in {case[0]: case[:3] for case in CASES}.values():
            write_layer(folder, name, shape[2], config)
        builds = {"now": arguments.build} | ({"before": arguments.before} if arguments.before else {})
        servers = {name: stack.enter_context(Convoy(build, folder)) for name, build in builds.items()}
        for case in CASES:
            if arguments.only not in case[0]:
                continue
            for row in run_case(arguments.build, servers, case, rounds, seconds):
                rows.append(row)
                print(f"{row['name']:13} {row['inflight']:9} {row['server']:>9} {row['alone_rate']:9.0f} "
                      f"{row['of_fair_share']:9.2f} {row['of_fair_share_own_group']:9.2f}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
