#!/usr/bin/env bash
# Format, linter, thread-safety analysis, layering; the first failure ends it.
# Called by ./run check, which has installed everything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t sources < <(git ls-files -- '*.cc')
mapfile -t headers < <(git ls-files -- '*.h')

echo "== layering"
/usr/bin/python3 tests/layering_test.py

echo "== format"
clang-format-14 --dry-run -Werror "${sources[@]}" "${headers[@]}"

# clang-tidy reads compile_commands.json and needs the generated protocols.
cmake --preset release >/dev/null
cmake --build --preset release --target convoy_proto >/dev/null

echo "== clang-tidy and thread-safety analysis"
/usr/bin/python3 scripts/tidy.py
echo "all checks passed"
