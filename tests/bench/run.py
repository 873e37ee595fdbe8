"""Runs the benchmarks: ./run bench [engine|server|service] [--quick]. Without a name, all of them."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "release"


def main():
    arguments = sys.argv[1:]
    chosen = [arguments.pop(0)] if arguments and not arguments[0].startswith("-") else ["engine", "server", "service"]
    for name in chosen:
        if name == "engine":
            command = [str(BUILD / "bench" / "engine_bench"), "--json", str(BUILD / "bench" / "engine.json")]
        elif name in ("server", "service"):
            command = [sys.executable, str(HERE / f"{name}_bench.py"), "--build", str(BUILD)]
        else:
            sys.exit(f"bench: expected engine, server or service, got {name!r}")
        subprocess.run(command + arguments, check=True)


if __name__ == "__main__":
    main()
