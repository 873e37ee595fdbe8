"""The repository that changes: swaps under load, the time of a change, many layers.

  repository_bench.py --build build/release [--quick] [--only NAME]

Ratios are of measurements that alternate in one run; medians are printed.
"""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tritonclient.grpc as triton

import figures
from model_files import write_layer
from processes import Convoy, load

TINY = ("tiny", (1, 10, 128), {"filters": 32, "kernel_size": 3})
FEATURES = ("features", (1, 1000, 64), {"filters": 128, "kernel_size": 5})


def next_version(repository, name, channels, config):
    """Writes one more version beside, and renames it into place. Returns its number."""
    versions = [int(entry.name) for entry in (repository / name).iterdir() if entry.name.isdigit()]
    version = max(versions) + 1
    with tempfile.TemporaryDirectory(dir=repository.parent) as made:
        write_layer(made, name, channels, config)
        with open(Path(made) / name / "1" / "weights.safetensors", "r+b") as file:
            file.seek(-4, os.SEEK_END)
            file.write(np.float32(version).tobytes())  # other bytes: a real swap
        (Path(made) / name / "1").rename(repository / name / str(version))
    for old in versions:
        if old < version - 2:
            shutil.rmtree(repository / name / str(old))
    return version


class Caller:
    """Asks which version answers, with a layer of one weight's worth of work."""

    def __init__(self, port):
        self.client = triton.InferenceServerClient(f"127.0.0.1:{port}")

    def version(self, name, shape):
        tensor = triton.InferInput("input", list(shape), "FP32")
        tensor.set_data_from_numpy(np.zeros(shape, np.float32))
        try:
            return int(self.client.infer(name, [tensor]).get_response().model_version)
        except triton.InferenceServerException:
            return 0

    def seconds_until(self, name, shape, version):
        start = time.monotonic()
        while self.version(name, shape) != version:
            time.sleep(0.002)
        return time.monotonic() - start


def swaps_under_load(build, quick):
    """p99 in seconds with swaps of both layers against seconds without; failures of all."""
    rounds = 20 if quick else 100
    ratios, failed, swapped = {TINY[0]: [], FEATURES[0]: []}, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "repository"
        for name, shape, config in (TINY, FEATURES):
            write_layer(repository, name, shape[2], config)
        with Convoy(build, repository) as convoy, ThreadPoolExecutor(3) as pool:
            def second():
                runs = [pool.submit(load, build, convoy.port, name, shape, inflight, 1, may_fail=True)
                        for (name, shape, _), inflight in ((TINY, 16), (FEATURES, 4))]
                return [run.result() for run in runs]

            def swap():
                time.sleep(0.3)
                for name, shape, config in (TINY, FEATURES):
                    next_version(repository, name, shape[2], config)

            second()
            for _ in range(rounds):
                between = second()
                swapping = pool.submit(swap)
                during = second()
                swapping.result()
                swapped += 2
                for (name, _, _), before, beside in zip((TINY, FEATURES), between, during):
                    failed += before["failed"] + beside["failed"]
                    ratios[name].append(beside["latency_ms"]["p99"] / before["latency_ms"]["p99"])
            loads = convoy.metric('convoy_loads_total{result="loaded"}')
    return [{"name": f"p99 of {name} in seconds with swaps against without", "ratio": statistics.median(all_),
             "bound": "at most 1.5", "swaps": swapped, "loads": loads, "failed": failed}
            for name, all_ in ratios.items()]


def time_of_a_change(build, quick):
    """From the last byte of 5 MB by `cp -r`, and from a switched link, to the first answer."""
    rounds = 5 if quick else 20
    config = {"filters": 512, "kernel_size": 5}
    shape = (1, 5, 512)  # 5 MB of weights
    copied, switched = [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for release in ("a", "b"):
            write_layer(folder / release, "conv", 512, config)
        (folder / "b/conv/1").rename(folder / "b/conv/2")
        (folder / "current").symlink_to("a")
        with Convoy(build, folder / "current") as convoy:
            caller = Caller(convoy.port)
            for i in range(rounds):
                release, version = ("b", 2) if i % 2 == 0 else ("a", 1)
                (folder / "next").symlink_to(release)
                os.replace(folder / "next", folder / "current")
                switched.append(caller.seconds_until("conv", shape, version))
        write_layer(folder / "repository", "conv", 512, config)
        with Convoy(build, folder / "repository") as convoy:
            caller = Caller(convoy.port)
            for version in range(2, rounds + 2):
                subprocess.run(["cp", "-r", folder / "a/conv/1",
                                folder / "repository/conv" / str(version)], check=True)
                copied.append(caller.seconds_until("conv", shape, version))
    return [{"name": "cp -r of 5 MB to first answer", "seconds": statistics.median(copied),
             "most": max(copied), "bound": "at most 1"},
            {"name": "switched link to first answer", "seconds": statistics.median(switched),
             "most": max(switched), "bound": "at most 1"}]


def many_layers(build, quick):
    """1,000 layers: start, memory, and one update against one among 10."""
    many = 200 if quick else 1000
    config, shape = {"filters": 32, "kernel_size": 3}, (1, 10, 32)
    weights = 3 * 32 * 32 * 4 + 32 * 4
    report = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for i in range(many):
            write_layer(folder / "many", f"layer{i:04}", 32, config)
        for i in range(10):
            write_layer(folder / "few", f"layer{i:04}", 32, config)
        with Convoy(build, folder / "few") as few:
            resident_few = few.resident_bytes()
        for label, flags in (("without tuning file", ()), ("writing one", ("--tuning-file", folder / "t")),
                             ("with tuning file", ("--tuning-file", folder / "t"))):
            start = time.monotonic()
            with Convoy(build, folder / "many", *flags) as convoy:
                report.append({"name": f"{many} layers ready, {label}", "seconds": time.monotonic() - start})
                resident = convoy.resident_bytes()
        report.append({"name": f"memory of one of {many} layers over its weights",
                       "bytes": (resident - resident_few) / (many - 10) - weights})
        with Convoy(build, folder / "few") as few, Convoy(build, folder / "many") as convoy:
            idle = convoy.cpu_seconds()
            time.sleep(35)
            report.append({"name": f"processor time of watching {many} layers",
                           "share_of_a_core": (convoy.cpu_seconds() - idle) / 35, "bound": "at most 0.01"})
            times = {"few": [], "many": []}
            callers = {"few": Caller(few.port), "many": Caller(convoy.port)}
            for _ in range(5 if quick else 20):
                for where, caller in callers.items():
                    version = next_version(folder / where, "layer0005", 32, config)
                    times[where].append(caller.seconds_until("layer0005", shape, version))
        medians = {where: statistics.median(all_) for where, all_ in times.items()}
        report.append({"name": f"one update among {many} layers against one among 10",
                       "ratio": medians["many"] / medians["few"], "seconds": medians["many"],
                       "bound": "at most 2"})
    return report


BENCHES = {"swaps": swaps_under_load, "change": time_of_a_change, "many": many_layers}


if __name__ == "__main__":
    figures.main(BENCHES)
