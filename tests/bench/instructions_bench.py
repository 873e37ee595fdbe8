"""Counts the instructions of a tiny ModelInfer request in the server's process, with callgrind of valgrind.

  instructions_bench.py --build build/release [--against BUILD] [--tokens] [--quick] [--json FILE]

One request in flight, computed by the thread that receives it. What a request costs is the
difference of two measurements in one run, of many and of few requests, so that whatever happens
once is left out. Only the busiest thread counts, the one that serves: the others look at things
a few times a second, whatever the load, and callgrind's seconds are long. With --against a second
build is measured the same way, round by round in turns, and the ratio is printed; with --tokens
the same build is, with a token asked for. Needs valgrind.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import grpc
import numpy as np
from tritonclient.grpc import service_pb2

from model_files import write_layer
from processes import Process

SHAPE = (1, 10, 128)
CONFIG = {"filters": 32, "kernel_size": 3}
INFER = "/inference.GRPCInferenceService/ModelInfer"
WARM = 300


class Counted(Process):
    """A convoy-server under callgrind."""

    def __init__(self, build, repository, folder, *flags):
        self.folder = Path(folder)
        self.dumps = 0
        super().__init__(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.folder}/out", "--separate-threads=yes",
             "--trace-children=no", Path(build) / "convoy-server", "--repository", repository,
             "--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", "--drain-seconds", "0",
             "--workers", "1", "--pollers", "1", "--tuning", "off", *flags],
            r"ready grpc=\S+:(\d+)")

    def instructions(self):
        """Executed by the busiest thread since the last time this was asked."""
        self.dumps += 1
        subprocess.run(["callgrind_control", "--dump", str(self.process.pid)], check=True, capture_output=True)
        threads = self.folder.glob(f"out.{self.dumps}-*")
        return max(int(re.search(r"^(?:totals|summary): (\d+)$", thread.read_text(), re.M).group(1))
                   for thread in threads)


def tiny_request():
    request = service_pb2.ModelInferRequest(model_name="tiny")
    request.inputs.add(name="input", datatype="FP32", shape=SHAPE)
    request.raw_input_contents.append(np.ones(SHAPE, "<f4").tobytes())
    return request.SerializeToString()


def new_token(build, path):
    """A token that may call, in a new token file."""
    made = subprocess.run([Path(build) / "convoy", "token", "bench", "--infer", "*", "--tokens", path],
                          check=True, capture_output=True, text=True)
    return made.stdout.strip()


def per_request(build, repository, few, many, with_token=False):
    """Instructions of one request on a server of its own."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as secrets:
        flags, metadata = [], None
        if with_token:
            path = Path(secrets) / "tokens.json"
            metadata = (("authorization", f"Bearer {new_token(build, path)}"),)
            flags = ["--tokens", path]
        return measured(Counted(build, repository, folder, *flags), metadata, few, many)


def measured(counted, metadata, few, many):
    """The instructions of a request to this server, which is ended."""
    with counted as server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        infer = channel.unary_unary(INFER)
        message = tiny_request()

        def measure(count):
            for _ in range(count):
                infer(message, timeout=60, metadata=metadata)
            return server.instructions()

        measure(WARM)
        return (measure(many) - measure(few)) / (many - few)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--against", type=Path, help="another build, the one to compare with")
    parser.add_argument("--tokens", action="store_true", help="compare calls with a token and without")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round of fewer requests")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed", file=sys.stderr)
        return
    few, many = (100, 600) if arguments.quick else (200, 2200)
    kinds = [(arguments.build, arguments.tokens)]
    if arguments.tokens:
        kinds.append((arguments.build, False))
    elif arguments.against:
        kinds.append((arguments.against, False))
    counts = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as repository:
        write_layer(Path(repository), "tiny", SHAPE[-1], CONFIG)
        for _ in range(1 if arguments.quick else arguments.rounds):
            for build, with_token in kinds:
                counts[build, with_token].append(per_request(build, repository, few, many, with_token))
    medians = [statistics.median(counts[kind]) for kind in kinds]
    report = {"instructions_per_request": medians[0], "rounds": counts[kinds[0]]}
    print(f"instructions of a tiny request: {medians[0]:,.0f}")
    if len(kinds) > 1:
        report["against"] = medians[1]
        report["ratio"] = medians[0] / medians[1]
        print(f"{'without a token' if arguments.tokens else 'of the other build'}: {medians[1]:,.0f}, ratio {report['ratio']:.4f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
