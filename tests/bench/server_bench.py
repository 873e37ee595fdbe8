"""What a call costs: Convoy beside a raw gRPC echo and the bare engine.

  server_bench.py --build build/release [--quick] [--only NAME] [--before DIR]

The echo copies the request once and answers as many bytes as Convoy does; the
engine runs the same work in a process of its own, in batches of the size that
the server reached. Rounds alternate between the three; medians are printed.
CPU is user plus system time of the server's process for one request. Then the
same with one request in flight: its median latency beside the echo's plus the
engine's time, over the workers that share one request. At the end what the server
keeps in memory (resident_memory.py), beside that of another build if one is given.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
from pathlib import Path

import resident_memory
from model_files import write_layer
from processes import Convoy, Echo, load

# name, shape, output shape, config, requests in flight, the most that CPU may be of echo + engine
CASES = [
    ("tiny", (1, 10, 128), (1, 8, 32), {"filters": 32, "kernel_size": 3}, (1, 16, 64, 256), 1.15),
    ("documented", (4, 10, 128), (4, 8, 32), {"filters": 32, "kernel_size": 3, "activation": "relu"},
     (1, 16, 64, 256), 1.15),
    ("features", (1, 1000, 64), (1, 996, 128), {"filters": 128, "kernel_size": 5}, (16,), 1.1),
    ("tcn", (1, 4096, 64), (1, 4096, 64),
     {"filters": 64, "kernel_size": 3, "dilation_rate": 16, "padding": "causal"}, (16,), 1.1),
    ("depthwise", (1, 1000, 256), (1, 970, 256), {"filters": 256, "kernel_size": 31, "groups": 256}, (16,), 1.1),
    ("whisper", (1, 3000, 80), (1, 2998, 384), {"filters": 384, "kernel_size": 3, "activation": "gelu"}, (16,), 1.1),
    ("wav2vec", (1, 16000, 1), (1, 3199, 512), {"filters": 512, "kernel_size": 10, "strides": 5}, (16,), 1.1),
]


class Sample:
    """One round of load on one server."""

    def __init__(self, server, report, cpu):
        self.rate = report["requests_per_second"]
        self.p50 = 1e-3 * report["latency_ms"]["p50"]
        self.cpu = cpu / max(1, report["answered"])


def measure(build, server, layer, shape, inflight, seconds):
    before = server.cpu_seconds()
    report = load(build, server.port, layer, shape, inflight, seconds)
    return Sample(server, report, server.cpu_seconds() - before)


def engine_seconds(build, repository, layer, shape, batch):
    command = [build / "bench" / "engine_time", "--repository", repository, "--layer", layer,
               "--shape", ",".join(map(str, shape)), "--batch", str(batch), "--seconds", "0.5"]
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return float(done.stdout)


def mean_batch(convoy, layer):
    batches = convoy.metric("convoy_batch_requests_count", layer)
    return convoy.metric("convoy_batch_parts_total", layer) / max(1.0, batches)


def run_case(build, repository, convoy, case, inflight, rounds, seconds):
    name, shape, output, _, _, bound = case
    echoes, convoys, engines = [], [], []
    with Echo(build, output) as echo:
        for server in (echo, convoy):
            measure(build, server, name, shape, inflight, 0.5)  # warm
        for _ in range(rounds):
            echoes.append(measure(build, echo, name, shape, inflight, seconds))
            convoys.append(measure(build, convoy, name, shape, inflight, seconds))
            batch = max(1, round(mean_batch(convoy, name)))
            engines.append(engine_seconds(build, repository, name, shape, batch))
    ratios = [c.cpu / (e.cpu + g) for c, e, g in zip(convoys, echoes, engines)]
    return {
        "name": name,
        "inflight": inflight,
        "echo_cpu_us": 1e6 * statistics.median(s.cpu for s in echoes),
        "engine_us": 1e6 * statistics.median(engines),
        "convoy_cpu_us": 1e6 * statistics.median(s.cpu for s in convoys),
        "cpu_ratio": statistics.median(ratios),
        "bound": bound,
        "echo_rate": statistics.median(s.rate for s in echoes),
        "convoy_rate": statistics.median(s.rate for s in convoys),
        "echo_p50_us": 1e6 * statistics.median(s.p50 for s in echoes),
        "convoy_p50_us": 1e6 * statistics.median(s.p50 for s in convoys),
        "batch": batch,
    }


def sharers(engine, workers):
    """How many workers compute one request: parts take at least 0.2 ms (docs/batching.md)."""
    return max(1, min(workers, int(engine / 200e-6)))


def run_alone(build, repository, convoy, case, rounds, seconds):
    """One request in flight."""
    name, shape, output = case[:3]
    echoes, convoys, engines, ratios = [], [], [], []
    workers = len(os.sched_getaffinity(0))
    with Echo(build, output) as echo:
        for server in (echo, convoy):
            measure(build, server, name, shape, 1, 0.5)  # warm
        for _ in range(rounds):
            echoes.append(measure(build, echo, name, shape, 1, seconds).p50)
            convoys.append(measure(build, convoy, name, shape, 1, seconds).p50)
            engines.append(engine_seconds(build, repository, name, shape, 1))
            ratios.append(convoys[-1] / (echoes[-1] + engines[-1] / sharers(engines[-1], workers)))
    return {
        "name": name,
        "inflight": 1,
        "echo_p50_us": 1e6 * statistics.median(echoes),
        "engine_us": 1e6 * statistics.median(engines),
        "workers": sharers(statistics.median(engines), workers),
        "convoy_p50_us": 1e6 * statistics.median(convoys),
        "latency_ratio": statistics.median(ratios),
        "bound": 1.25,
    }


def print_titles(first, *others):
    print(f"{first:13}" + "".join(f" {title:>9}" for title in others))


def print_loaded(row):
    print(f"{row['name']:13} {row['inflight']:9} {row['echo_cpu_us']:9.1f} {row['engine_us']:9.1f} "
          f"{row['convoy_cpu_us']:9.1f} {row['cpu_ratio']:9.3f} {row['bound']:9} "
          f"{row['echo_rate']:9.0f} {row['convoy_rate']:9.0f} {row['echo_p50_us']:9.0f} "
          f"{row['convoy_p50_us']:9.0f} {row['batch']:9}", flush=True)


def print_alone(row):
    print(f"{row['name']:13} {row['echo_p50_us']:9.0f} {row['engine_us']:9.1f} {row['workers']:9} "
          f"{row['convoy_p50_us']:9.0f} {row['latency_ratio']:9.3f} {row['bound']:9}", flush=True)


def measure_calls(arguments, rounds, seconds):
    """The rows of what calls cost, many at a time and one at a time."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shape, _, config, _, _ in CASES:
            write_layer(folder, name, shape[2], config)
        cases = [case for case in CASES if arguments.only in case[0]]
        with Convoy(arguments.build, folder) as convoy:
            if not arguments.alone:
                print_titles("layer", "in flight", "echo us", "engine us", "convoy us", "CPU ratio", "bound", "echo/s",
                             "convoy/s", "p50 echo", "p50", "batch")
            for case in [] if arguments.alone else cases:
                for inflight in [arguments.inflight] if arguments.inflight else case[4]:
                    rows.append(run_case(arguments.build, folder, convoy, case, inflight, rounds, seconds))
                    print_loaded(rows[-1])
            print_titles("one at a time", "echo p50", "engine us", "workers", "p50", "ratio", "bound")
            for case in cases:
                rows.append(run_alone(arguments.build, folder, convoy, case, rounds, seconds))
                print_alone(rows[-1])
    return rows


def measure_memory(arguments, seconds):
    """The rows of resident memory, one a build."""
    print_titles("memory, MiB", "idle", "load", "after", "bound", "first", "slowest", "bound")
    builds = {"before": arguments.before, "now": arguments.build}
    rows = []
    for name, build in builds.items():
        if build is None:
            continue
        rows.append({"build": name} | resident_memory.run(build, seconds))
        resident_memory.print_row(rows[-1])
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--alone", action="store_true", help="only with one request in flight")
    parser.add_argument("--memory", action="store_true", help="only what it keeps in memory")
    parser.add_argument("--before", type=Path, help="the folder of another build, for the memory")
    parser.add_argument("--inflight", type=int, help="instead of the cases' own numbers")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rounds, seconds = (3, 1) if arguments.quick else (9, 3)
    rows = []
    if not arguments.memory:
        rows += measure_calls(arguments, rounds, seconds)
    if not arguments.only and not arguments.alone:
        rows += measure_memory(arguments, seconds)
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": platform.processor(), "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
