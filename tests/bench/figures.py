"""The command line of a benchmark that consists of figures with names."""

import argparse
import json
from pathlib import Path


def main(benches):
    """Runs {name: bench}, all or the one that is asked for, and prints their figures.

    `bench(build, quick)` returns a figure, a dict, or a list of them.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=benches)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = []
    for name, bench in benches.items():
        if arguments.only in (None, name):
            figures = bench(arguments.build, arguments.quick)
            for figure in figures if isinstance(figures, list) else [figures]:
                report.append(figure)
                print(json.dumps(figure), flush=True)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
