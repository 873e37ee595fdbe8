"""Runs the benchmarks: ./run bench [engine|server|service|instructions|repository|tenants|attackers|tls|peers|peers-server] [--quick].

Without a name, engine, server, service and repository. instructions counts those of a tiny
request, with valgrind; peers compares the engine with other runtimes and peers-server the
server with a general one; they install them into build/ first.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "release"


def binary(name):
    return [str(BUILD / "bench" / f"{name}_bench"), "--json", str(BUILD / "bench" / f"{name}.json")]


def script(name, python=sys.executable):
    return [str(python), str(HERE / f"{name}_bench.py"), "--build", str(BUILD), "--json",
            str(BUILD / "bench" / f"{name}.json")]


def peers(name):
    """The script of that name in a virtual environment with what NAME.txt lists."""
    environment = BUILD.parent / name
    python = environment / "bin" / "python"
    packages = HERE / f"{name}.txt"
    stamp = environment / "installed.txt"
    if not stamp.exists() or stamp.read_text() != packages.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        "--requirement", str(packages)], check=True)
        stamp.write_text(packages.read_text())
    return script(name, python)


COMMANDS = {
    "attackers": lambda: [script("attackers")],
    "engine": lambda: [binary("engine"), binary("algorithms"), binary("batches")],
    "instructions": lambda: [script("instructions")],
    "peers": lambda: [peers("peers")],
    "peers-server": lambda: [peers("peers_server")],
    "repository": lambda: [script("repository")],
    "server": lambda: [script("server"), script("neighbours")],
    "service": lambda: [script("service")],
    "tenants": lambda: [script("tenants")],
    "tls": lambda: [script("tls")],
}


def main():
    arguments = sys.argv[1:]
    named = arguments and not arguments[0].startswith("-")
    chosen = [arguments.pop(0)] if named else ["engine", "server", "service", "repository"]
    for name in chosen:
        if name not in COMMANDS:
            sys.exit(f"bench: expected {', '.join(COMMANDS)}, got {name!r}")
        for command in COMMANDS[name]():
            subprocess.run(command + arguments, check=True)


if __name__ == "__main__":
    main()
