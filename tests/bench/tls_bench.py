"""What TLS costs: the server's processor time per request with TLS and without, side by side.

  tls_bench.py --build build/release [--quick] [--json FILE]

Two servers, one with TLS, are loaded in turns by `convoy bench`; a figure is the median of the
rounds. Connections stand: handshakes are not in it.
"""

import statistics
import subprocess
import tempfile
from pathlib import Path

from figures import main
from model_files import write_layer
from processes import Convoy, halves, load

# Layer: input channels, config, shape of a request, requests in flight.
LOADS = {
    "tiny": (128, {"filters": 32, "kernel_size": 3}, (1, 10, 128), 16),
    "features": (64, {"filters": 128, "kernel_size": 5}, (1, 1000, 64), 8),
}


def new_certificate(folder):
    """A certificate of P-256 and its key, good for this machine."""
    certificate, key = Path(folder) / "server.pem", Path(folder) / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key


def cpu_per_request(build, server, layer, seconds, cores, flags):
    _, _, shape, inflight = LOADS[layer]
    before = server.cpu_seconds()
    report = load(build, server.port, layer, shape, inflight, seconds, *flags, cores=cores)
    return (server.cpu_seconds() - before) / report["answered"]


def bench(build, quick):
    rounds, seconds = (1, 1) if quick else (5, 3)
    server_cores, client_cores = halves()
    with tempfile.TemporaryDirectory() as repository, tempfile.TemporaryDirectory() as secrets:
        for name, (channels, config, _, _) in LOADS.items():
            write_layer(Path(repository), name, channels, config)
        certificate, key = new_certificate(secrets)
        with Convoy(build, repository, cores=server_cores) as plain, \
                Convoy(build, repository, "--tls-cert", certificate, "--tls-key", key, cores=server_cores) as tls:
            servers = {"plain": (plain, ()), "tls": (tls, ("--tls", "--ca", certificate))}
            for layer in LOADS:
                times = {kind: [] for kind in servers}
                for _ in range(rounds):
                    for kind, (server, flags) in servers.items():
                        times[kind].append(cpu_per_request(build, server, layer, seconds, client_cores, flags))
                medians = {kind: statistics.median(values) for kind, values in times.items()}
                yield {"name": f"tls/{layer}", "plain_us": medians["plain"] * 1e6, "tls_us": medians["tls"] * 1e6,
                       "ratio": medians["tls"] / medians["plain"]}


if __name__ == "__main__":
    main({"tls": lambda build, quick: list(bench(build, quick))})
