#!/usr/bin/python3
"""clang-tidy and clang's thread-safety analysis over the sources; ./run check calls it.

    scripts/tidy.py                 sources that changed since main, and those of changed headers
    scripts/tidy.py --all           all that git knows, the changed ones first
    scripts/tidy.py SOURCE...       these

A source is looked at again only when it, a header of the project that it includes,
a protocol that it uses, its compiler command or the checks have changed since it
passed: the first time takes some ten seconds each, the next time none. What passed
is kept in build/tidy. Reads build/check/compile_commands.json, where no header is
precompiled: so a source that does not include what it uses is found here.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSED = ROOT / "build" / "tidy"
TIDY = ["clang-tidy-14", "--quiet", "-p", "build/check", "--extra-arg=-Wthread-safety",
        "--extra-arg=-Wreserved-identifier", "--extra-arg=-Wno-unknown-warning-option"]
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


@functools.lru_cache(maxsize=None)
def contents(path):
    return path.read_bytes()


def with_headers(path, seen):
    """Adds `path` and the project's headers that it includes, directly or not, to `seen`."""
    if path in seen:
        return seen
    seen.add(path)
    for include in INCLUDE.findall(contents(path)):
        for folder in (ROOT, path.parent, ROOT / "tests"):
            header = (folder / include.decode()).resolve()
            if header.is_file():
                with_headers(header, seen)
                break
    return seen


def common_key():
    """What every source's result depends on: the tool."""
    digest = hashlib.sha256(" ".join(TIDY).encode())
    digest.update(subprocess.run(["clang-tidy-14", "--version"], stdout=subprocess.PIPE,
                                 check=True).stdout)
    return digest


def stamp(source, command, digest):
    """The file that exists once `source`, as it is now, has passed."""
    digest = digest.copy()
    digest.update(command.encode())
    checks = {ROOT / folder / ".clang-tidy" for folder in Path(source).parents}
    checks = {path for path in checks if path.is_file()}
    files = with_headers(ROOT / source, checks)
    if any(b".pb.h" in contents(path) for path in files):
        files.update((ROOT / "proto").rglob("*.proto"))
    for path in sorted(files):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + contents(path))
    return PASSED / f"{source.replace('/', '.')}-{digest.hexdigest()[:16]}"


def check(source):
    """The findings in one source; an empty text when there is none."""
    result = subprocess.run([*TIDY, source], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, check=False)
    return "" if result.returncode == 0 else result.stdout + result.stderr


def note_passed(path):
    """Keeps the stamp, and drops those of the source's earlier texts."""
    for old in PASSED.glob(path.name.rpartition("-")[0] + "-*"):
        old.unlink()
    path.touch()


def changed_sources(sources):
    """[(source, stamp)] of those that have not passed as they are."""
    PASSED.mkdir(parents=True, exist_ok=True)
    commands = json.loads((ROOT / "build/check/compile_commands.json").read_text())
    commands = {entry["file"]: entry["command"] for entry in commands}
    digest = common_key()
    stamps = [(source, stamp(source, commands.get(str(ROOT / source), ""), digest))
              for source in sources]
    return [(source, path) for source, path in stamps if not path.exists()]


def git(*arguments):
    """The lines that git answers; none when it fails."""
    result = subprocess.run(["git", *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False)
    return result.stdout.splitlines() if result.returncode == 0 else []


def touched_files():
    """What differs from main, or from the last commit when this is main; not yet added files too."""
    base = git("merge-base", "HEAD", "main") or git("merge-base", "HEAD", "origin/main") or ["HEAD"]
    return set(git("diff", "--name-only", "--diff-filter=d", base[0])
               + git("ls-files", "--others", "--exclude-standard"))


def of_header(header, sources):
    """The source and the test of a header, or the sources that include it where it has neither."""
    stem = header.removesuffix(".h")
    own = [source for source in (f"{stem}.cc", f"tests/{stem}_test.cc") if source in sources]
    text = f'#include "{header}"'.encode()
    return own or [source for source in sources if text in contents(ROOT / source)]


def sources_to_check(arguments):
    """The sources that the command line asks for, in the order to look at them."""
    if arguments and arguments != ["--all"]:
        return arguments
    everything = git("ls-files", "--cached", "--others", "--exclude-standard", "--", "*.cc")
    everything = [source for source in everything if (ROOT / source).is_file()]
    touched = touched_files()
    first = [source for source in everything if source in touched]
    for header in sorted(path for path in touched if path.endswith(".h")):
        first += [source for source in of_header(header, everything) if source not in first]
    if not arguments:
        return first
    return first + [source for source in everything if source not in first]


def main(arguments):
    sources = sources_to_check(arguments)
    todo = changed_sources(sources)
    print(f"{len(sources)} sources, {len(todo)} changed since they passed", flush=True)
    jobs = int(os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or os.cpu_count())
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = pool.map(check, [source for source, _ in todo])
        for number, ((source, path), findings) in enumerate(zip(todo, results), 1):
            print(f"[{number}/{len(todo)}] {source}", flush=True)
            if findings:
                failed += 1
                print(findings, flush=True)
            else:
                note_passed(path)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
