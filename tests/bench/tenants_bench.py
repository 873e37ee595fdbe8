"""Two tenants, one flooding: the other's throughput against its share of what the server does alone.

  tenants_bench.py --build build/release [--quick] [--json FILE]

Rounds in turns: the modest tenant alone, with enough requests in flight to fill the server, and the
same beside a tenant that floods it over 1,000 connections, a request in flight on each. With equal weights its share
is half; 1 means that it got all of it. The figure is the median of the rounds.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

from figures import main
from model_files import write_layer
from processes import Convoy, halves, pinned

# Name: channels, configuration, shape of requests. Of the first most is computing, which is what tenants
# share; of the second a good part is receiving and refusing, which they do not.
LAYERS = {"heavy": (256, {"filters": 256, "kernel_size": 15}, "1,200,256"),
          "features": (64, {"filters": 128, "kernel_size": 5}, "1,1000,64")}
MODEST_IN_FLIGHT = 16
CONNECTIONS = 1000  # of the flood, each with a request in flight
RISE_SECONDS = 60


def new_token(build, path, name):
    made = subprocess.run([build / "convoy", "token", name, "--infer", "*", "--tokens", path], check=True,
                          capture_output=True, text=True)
    return made.stdout.strip()


def load(build, server, layer, token, seconds, cores, *arguments):
    command = [build / "convoy", "--server", f"127.0.0.1:{server.port}", "bench", layer, "--shape", LAYERS[layer][2],
               "--seconds", seconds, "--json", *arguments]
    return subprocess.Popen([*pinned(cores), *map(str, command)], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, env=os.environ | {"CONVOY_TOKEN": token})


def rate(process):
    return json.loads(process.communicate()[0])["requests_per_second"]


def wait_for_flood(server):
    """Until it has all of its connections."""
    end = time.monotonic() + RISE_SECONDS
    while server.metric("convoy_connections") < CONNECTIONS:
        if time.monotonic() > end:
            raise RuntimeError("the flood does not come about")
        time.sleep(0.1)


def bench(layer, build, quick):
    rounds, seconds = (1, 2) if quick else (5, 5)
    server_cores, client_cores = halves()
    with tempfile.TemporaryDirectory() as repository, tempfile.TemporaryDirectory() as secrets:
        channels, config, _ = LAYERS[layer]
        write_layer(Path(repository), layer, channels, config)
        tokens = Path(secrets) / "tokens.json"
        modest, flooding = (new_token(build, tokens, name) for name in ("modest", "flooding"))
        shares, floods = [], []
        with Convoy(build, repository, "--tokens", tokens, "--open-metrics", cores=server_cores) as server:
            for _ in range(rounds):
                alone = rate(load(build, server, layer, modest, seconds, client_cores, "--inflight", MODEST_IN_FLIGHT))
                flood = load(build, server, layer, flooding, seconds + 2 * RISE_SECONDS, client_cores,
                             "--inflight", CONNECTIONS, "--connections", CONNECTIONS)
                wait_for_flood(server)
                beside = rate(load(build, server, layer, modest, seconds, client_cores, "--inflight", MODEST_IN_FLIGHT))
                floods.append(server.metric("convoy_connections"))
                flood.kill()
                flood.wait()
                shares.append(beside / (alone / 2))
    return {"name": f"tenants/{layer}", "share": statistics.median(shares), "bound": "at least 0.8", "rounds": shares,
            "connections": floods}


if __name__ == "__main__":
    main({layer: partial(bench, layer) for layer in LAYERS})
