"""Runs the benchmarks: ./run bench [engine|peers|server|service] [--quick]. Without a name, all but the peers.

peers compares with other runtimes, which it installs into build/peers first.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "release"
PEERS = HERE.parent.parent / "build" / "peers"


def binary(name):
    return [str(BUILD / "bench" / f"{name}_bench"), "--json", str(BUILD / "bench" / f"{name}.json")]


def script(name, python=sys.executable):
    return [str(python), str(HERE / f"{name}_bench.py"), "--build", str(BUILD), "--json",
            str(BUILD / "bench" / f"{name}.json")]


def peers():
    python = PEERS / "bin" / "python"
    wanted = (HERE / "peers.txt").read_text()
    stamp = PEERS / "installed.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        "--requirement", str(HERE / "peers.txt")], check=True)
        stamp.write_text(wanted)
    return script("peers", python)


COMMANDS = {
    "engine": lambda: [binary("engine"), binary("batches")],
    "peers": lambda: [peers()],
    "server": lambda: [script("server")],
    "service": lambda: [script("service")],
}


def main():
    arguments = sys.argv[1:]
    named = arguments and not arguments[0].startswith("-")
    chosen = [arguments.pop(0)] if named else ["engine", "server", "service"]
    for name in chosen:
        if name not in COMMANDS:
            sys.exit(f"bench: expected {', '.join(COMMANDS)}, got {name!r}")
        for command in COMMANDS[name]():
            subprocess.run(command + arguments, check=True)


if __name__ == "__main__":
    main()
