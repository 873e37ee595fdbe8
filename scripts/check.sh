#!/usr/bin/env bash
# Layering, format, linter, thread-safety analysis; the first failure ends it.
# Called by ./run check, which has installed everything.
#   check.sh [--all]   the linter reads what changed since main; with --all every source
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t sources < <(git ls-files -- '*.cc' '*.h')

echo "== layering"
/usr/bin/python3 tests/layering_test.py

echo "== format"
clang-format-14 --dry-run -Werror "${sources[@]}"

# clang-tidy reads compile_commands.json and needs the generated protocols.
cmake --preset check >/dev/null
cmake --build --preset check --target convoy_protocols >/dev/null

echo "== clang-tidy and thread-safety analysis"
/usr/bin/python3 scripts/tidy.py "$@"
echo "all checks passed"
