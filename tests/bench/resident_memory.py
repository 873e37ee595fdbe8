"""Resident memory: loaded and idle, at its peak under load, and some seconds later.

Eight layers of shapes.h, each loaded in turn with 16 requests in flight. Then nobody calls
for ten seconds, and one request of each layer finds the server as it is then: beside the
median of the load.
"""

import statistics
import tempfile
import time

from model_files import write_layer
from processes import Convoy, load

# name in shapes.h, shape, config
LAYERS = [
    ("documented example", (4, 10, 128), {"filters": 32, "kernel_size": 3}),
    ("speech features", (1, 1000, 64), {"filters": 128, "kernel_size": 5}),
    ("whisper conv1", (1, 3000, 80), {"filters": 384, "kernel_size": 3, "padding": "same"}),
    ("wav2vec conv0", (1, 16000, 1), {"filters": 512, "kernel_size": 10, "strides": 5}),
    ("sinc filters K=251", (1, 16000, 1), {"filters": 80, "kernel_size": 251}),
    ("depthwise K=31", (1, 1000, 256), {"filters": 256, "kernel_size": 31, "groups": 256, "padding": "same"}),
    ("tcn d=16", (1, 4096, 64), {"filters": 64, "kernel_size": 3, "dilation_rate": 16, "padding": "causal"}),
    ("ecg deep", (1, 312, 256), {"filters": 256, "kernel_size": 17, "strides": 2, "padding": "same"}),
]
INFLIGHT = 16
# What is not used is given back within a few seconds; the aim speaks of ten.
IDLE_SECONDS = 10
BOUND_MIB = 120
BOUND_FIRST = 1.5


def folder_name(layer):
    return layer.replace(" ", "_").replace("=", "")


def settled(server):
    """Resident bytes once they do not fall any more."""
    least = server.resident_bytes()
    lower_at = time.monotonic()
    while time.monotonic() - lower_at < 5:
        time.sleep(0.25)
        now = server.resident_bytes()
        if now < least - (1 << 20):
            least, lower_at = now, time.monotonic()
    return server.resident_bytes()


def run(build, seconds):
    """One server's row."""
    with tempfile.TemporaryDirectory() as folder:
        for name, shape, config in LAYERS:
            write_layer(folder, folder_name(name), shape[2], config)
        with Convoy(build, folder) as convoy:
            idle = settled(convoy)
            medians, most = {}, 0
            for name, shape, _ in LAYERS:
                report = load(build, convoy.port, folder_name(name), shape, INFLIGHT, seconds)
                medians[name] = report["latency_ms"]["p50"]
                most = max(most, convoy.resident_bytes())
            time.sleep(IDLE_SECONDS)
            after = convoy.resident_bytes()
            firsts = {}
            for name, shape, _ in LAYERS:
                report = load(build, convoy.port, folder_name(name), shape, 1, 60, "--requests", "1")
                firsts[name] = report["latency_ms"]["max"] / medians[name]
    slowest = max(firsts, key=firsts.get)
    return {"name": "resident memory", "idle_mib": idle / 2**20, "loaded_mib": most / 2**20, "after_mib": after / 2**20,
            "first_ratio": statistics.median(firsts.values()), "slowest_first": slowest,
            "slowest_ratio": firsts[slowest], "bound_mib": BOUND_MIB, "bound_ratio": BOUND_FIRST}


def print_row(row):
    print(f"{row['build']:13} {row['idle_mib']:9.0f} {row['loaded_mib']:9.0f} {row['after_mib']:9.0f} {row['bound_mib']:9} "
          f"{row['first_ratio']:9.2f} {row['slowest_ratio']:9.2f} {row['bound_ratio']:9}  {row['slowest_first']}", flush=True)
