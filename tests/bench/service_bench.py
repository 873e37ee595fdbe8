"""How Convoy treats its callers: fairness, long requests beside short ones, overload, memory, start.

  service_bench.py --build build/release [--quick] [--only NAME]

Every figure is a ratio of two measurements that alternate in one run, or a
difference of two readings of one process; medians are printed.
"""

import json
import random
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import figures
from model_files import write_layer
from processes import Convoy, Echo, halves, load

TINY = ("tiny", (1, 10, 128), {"filters": 32, "kernel_size": 3})
FEATURES = ("features", (1, 1000, 64), {"filters": 128, "kernel_size": 5})
LOGMEL = ("logmel", (1, 9_600_000, 1), {"filters": 80, "kernel_size": 400, "strides": 160})
WIDE = ("wide", (1, 60, 512), {"filters": 512, "kernel_size": 9})
LONGEST_BATCH_MS = 2  # docs/batching.md
ONE = ("one", (1, 0, 1), {"filters": 8, "kernel_size": 3, "padding": "same"})
MANY = ("many", (1, 0, 64), {"filters": 64, "kernel_size": 3, "padding": "same"})


def write(folder, *layers):
    for name, shape, config in layers:
        write_layer(folder, name, shape[2], config)


def together(*calls):
    """Runs the calls at once; their results in order."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def long_beside_short(build, quick, worker_nice=0):
    """p99 of tiny requests while 10-minute signals go through, against without."""
    rounds, seconds = (3, 3) if quick else (7, 8)
    ratios, alone_ms, beside_ms = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        write(folder, TINY, LOGMEL)
        with Convoy(build, folder, "--worker-nice", worker_nice) as convoy:
            def tiny():
                return load(build, convoy.port, TINY[0], TINY[1], 4, seconds)["latency_ms"]["p99"]

            def signals():
                return load(build, convoy.port, LOGMEL[0], LOGMEL[1], 1, seconds)

            signals(), tiny()  # warm
            for _ in range(rounds):
                alone_ms.append(tiny())
                beside_ms.append(together(tiny, signals)[0])
                ratios.append(beside_ms[-1] / alone_ms[-1])
    return {"name": f"p99 beside 10-minute signals, --worker-nice {worker_nice}", "ratio": statistics.median(ratios),
            "bound": "at most 3", "alone_ms": statistics.median(alone_ms), "beside_ms": statistics.median(beside_ms)}


def two_layers(build, quick):
    """Throughput of a layer with 4 in flight beside one with 64, against its fair share."""
    rounds, seconds = (3, 2) if quick else (7, 5)
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        name, shape, config = FEATURES
        write(folder, ("flooded", shape, config), ("other", shape, config))
        with Convoy(build, folder) as convoy:
            def rate(layer, inflight):
                return load(build, convoy.port, layer, shape, inflight, seconds)["requests_per_second"]

            rate("flooded", 64), rate("other", 4)  # warm
            for _ in range(rounds):
                capacity, alone = rate("flooded", 64), rate("other", 4)
                _, other = together(lambda: rate("flooded", 64), lambda: rate("other", 4))
                ratios.append(other / min(alone, capacity / 2))
    return {"name": "two layers, 64 and 4 in flight", "ratio": statistics.median(ratios), "bound": "at least 0.8"}


def small_beside_large(build, quick):
    """Requests of 100 frames while three callers have 60,000 frames each in flight, all of one layer.

    The bound of their median is five times what it is alone and the longest batch.
    """
    rounds, seconds = (3, 3) if quick else (7, 8)
    large, small = (1, 60_000, 64), (1, 100, 64)
    alone, beside, kept, throughput = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        write(folder, ("mixed", large, {"filters": 256, "kernel_size": 5}))
        with Convoy(build, folder) as convoy:
            def run(shape, inflight, *arguments):
                return load(build, convoy.port, "mixed", shape, inflight, seconds, *arguments, may_fail=True)

            run(small, 1), run(large, 3)  # warm
            for _ in range(rounds):
                alone.append(run(small, 1)["latency_ms"]["p50"])
                before = run(large, 3)["requests_per_second"]
                ours, theirs = together(lambda: run(small, 1, "--timeout", 0.05), lambda: run(large, 3))
                beside.append(ours["latency_ms"]["p50"])
                kept.append(ours["answered"] / (ours["answered"] + ours["failed"]))
                throughput.append(theirs["requests_per_second"] / before)
    bound = [5 * ms + LONGEST_BATCH_MS for ms in alone]
    return {"name": "small requests beside large ones of their layer",
            "ratio": statistics.median(b / most for b, most in zip(beside, bound)), "bound": "at most 1",
            "alone_ms": statistics.median(alone), "beside_ms": statistics.median(beside),
            "within 50 ms": statistics.median(kept), "their bound": "at least 0.99",
            "large ones, against without": statistics.median(throughput)}


def overload(build, quick):
    """Answers per second at 5 times capacity, the time to answer the last of them included, against capacity.

    The deadline is a second. Capacity is measured before and after each flood.

    Server and client have half of the cores each in both measurements: the flood costs the client far more than the
    load that measures capacity does, and on shared cores the server would pay for that.
    """
    rounds, seconds = (3, 4) if quick else (5, 10)
    ratios, refused = [], []
    name, shape, _ = WIDE
    theirs, ours = halves()
    with tempfile.TemporaryDirectory() as folder:
        write(folder, WIDE)
        with Convoy(build, folder, cores=theirs) as convoy:
            def run(inflight, *arguments):
                return load(build, convoy.port, name, shape, inflight, seconds, "--timeout", 1, *arguments,
                            cores=ours, may_fail=True)

            run(16)  # warm
            capacity = run(16)["requests_per_second"]
            for _ in range(rounds):
                before = capacity
                flood = run(8192, "--rate", 5 * before)
                capacity = run(16)["requests_per_second"]
                due = flood["answered"] + flood["failed"] + flood["dropped"]
                ratios.append(flood["requests_per_second"] / ((before + capacity) / 2))
                refused.append(flood["failed"] / due)
                if flood["dropped"] > 0.01 * due:
                    raise RuntimeError(f"the client could not send 5 times {before} requests per second")
    return {"name": "goodput at 5 times capacity", "ratio": statistics.median(ratios), "bound": "at least 0.9",
            "capacity": capacity, "refused": statistics.median(refused), "errors": flood["errors"],
            "p99_ms": flood["latency_ms"]["p99"]}


def refusal(build, quick):
    """Server CPU of a refused request against an echo server that refuses, with the same status and trailer.

    A request waits for an hour's company all the time, and no byte more than it has may wait.
    """
    rounds, seconds = (3, 2) if quick else (9, 3)
    ratios, ours, theirs = [], [], []
    name, shape, config = WIDE
    with tempfile.TemporaryDirectory() as folder:
        write(folder, WIDE)
        write_layer(folder, "waits", 1, ONE[2], {"max_queue_delay_microseconds": 3_600_000_000})
        with Convoy(build, folder, "--max-queue-bytes", 40, "--shutdown-seconds", 0) as convoy, \
                Echo(build, (1, 52, 512), "--refuse") as echo:
            def cpu(server):
                before = server.cpu_seconds()
                report = load(build, server.port, name, shape, 16, seconds, may_fail=True)
                if list(report["errors"]) != ["RESOURCE_EXHAUSTED"] or report["answered"] > 0:
                    raise RuntimeError(f"not all were refused: {report}")
                return (server.cpu_seconds() - before) / report["failed"]

            with ThreadPoolExecutor(1) as pool:
                waits = pool.submit(load, build, convoy.port, "waits", (1, 10, 1), 1, 1, "--timeout", 3600)
                while convoy.metric("convoy_queue_requests") == 0:
                    time.sleep(0.01)
                cpu(echo), cpu(convoy)  # warm
                for _ in range(rounds):
                    theirs.append(cpu(echo))
                    ours.append(cpu(convoy))
                    ratios.append(ours[-1] / theirs[-1])
                convoy.stop()
                waits.exception()
    return {"name": "CPU of a refusal", "ratio": statistics.median(ratios), "bound": "at most 1.3",
            "echo_us": 1e6 * statistics.median(theirs), "convoy_us": 1e6 * statistics.median(ours)}


def memory(build, quick, layer, count):
    """Growth of resident memory from the first 10,000 requests of random lengths 1..4000 to `count`."""
    count = count // 20 if quick else count
    name, shape, config = layer
    lengths = random.Random(1).sample(range(1, 4001), 400)
    with tempfile.TemporaryDirectory() as folder:
        write(folder, layer)
        with Convoy(build, folder) as convoy:
            def send(requests):
                command = [build / "convoy", "--server", f"127.0.0.1:{convoy.port}", "bench", name, "--shape",
                           f"1,1,{shape[2]}", "--lengths", ",".join(map(str, lengths)), "--inflight", "16",
                           "--requests", str(requests), "--seconds", "900", "--json"]
                done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
                return json.loads(done.stdout)["answered"]

            warm = send(min(10_000, count // 2))
            before = convoy.resident_bytes()
            answered = warm + send(count - warm)
            grown = convoy.resident_bytes() - before
    return {"name": f"memory after {answered} requests of {shape[2]} channels", "mib": grown / 2**20,
            "bound": "under 32 MiB"}


def start(build, quick):
    """Seconds from the start of the process to ready with 100 layers of 10 kinds, timed before."""
    name, shape, config = FEATURES
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for i in range(100):
            write_layer(folder, f"{name}{i}", shape[2], config | {"filters": 64 + 8 * (i % 10)})
        for _ in range(4 if quick else 8):
            began = time.monotonic()
            with Convoy(build, folder, "--tuning-file", Path(folder) / ".tuning.json"):
                times.append(time.monotonic() - began)
    return {"name": "start with 100 layers, timed before", "first_s": times[0],
            "next_s": statistics.median(times[1:]), "bound": "under 1 s"}


BENCHES = {
    "long": long_beside_short,
    "long_nice": lambda build, quick: long_beside_short(build, quick, worker_nice=19),
    "fairness": two_layers,
    "mixed": small_beside_large,
    "overload": overload,
    "refusal": refusal,
    "memory1": lambda build, quick: memory(build, quick, ONE, 1_000_000),
    "memory64": lambda build, quick: memory(build, quick, MANY, 100_000),
    "start": start,
}


if __name__ == "__main__":
    figures.main(BENCHES)
