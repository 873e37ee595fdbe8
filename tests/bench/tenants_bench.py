"""Two tenants, one flooding: the other's throughput against its share of what the server does alone.

  tenants_bench.py --build build/release [--quick] [--json FILE]

Rounds in turns: the modest tenant alone, with enough requests in flight to fill the server, and the
same beside a tenant that floods it over many connections. With equal weights its share is half; 1
means that it got all of it. The figure is the median of the rounds.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from figures import main
from model_files import write_layer
from processes import Convoy, halves, pinned

LAYER, CHANNELS, CONFIG, SHAPE = "features", 64, {"filters": 128, "kernel_size": 5}, "1,1000,64"
MODEST_IN_FLIGHT = 16
PROCESSES = 10


def new_token(build, path, name):
    made = subprocess.run([build / "convoy", "token", name, "--infer", "*", "--tokens", path], check=True,
                          capture_output=True, text=True)
    return made.stdout.strip()


def load(build, server, token, inflight, seconds, cores):
    command = [build / "convoy", "--server", f"127.0.0.1:{server.port}", "bench", LAYER, "--shape", SHAPE,
               "--inflight", inflight, "--seconds", seconds, "--json"]
    return subprocess.Popen([*pinned(cores), *map(str, command)], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, env=os.environ | {"CONVOY_TOKEN": token})


def rate(process):
    return json.loads(process.communicate()[0])["requests_per_second"]


def bench(build, quick):
    rounds, seconds, flood = (1, 2, 20) if quick else (5, 5, 100)
    server_cores, client_cores = halves()
    with tempfile.TemporaryDirectory() as repository, tempfile.TemporaryDirectory() as secrets:
        write_layer(Path(repository), LAYER, CHANNELS, CONFIG)
        tokens = Path(secrets) / "tokens.json"
        modest, flooding = (new_token(build, tokens, name) for name in ("modest", "flooding"))
        shares = []
        with Convoy(build, repository, "--tokens", tokens, "--open-metrics", cores=server_cores) as server:
            for _ in range(rounds):
                alone = rate(load(build, server, modest, MODEST_IN_FLIGHT, seconds, client_cores))
                floods = [load(build, server, flooding, flood, seconds + 3, client_cores)
                          for _ in range(PROCESSES)]
                time.sleep(1.5)  # until the flood stands; the figure needs no exact moment
                beside = rate(load(build, server, modest, MODEST_IN_FLIGHT, seconds, client_cores))
                for one in floods:
                    one.communicate()
                shares.append(beside / (alone / 2))
    return {"name": "tenants/share", "share": statistics.median(shares), "rounds": shares,
            "flood_in_flight": flood * PROCESSES}


if __name__ == "__main__":
    main({"share": bench})
