#!/usr/bin/env bash
# Format, linter, thread-safety analysis, layering; the first failure ends it.
# Called by ./run check, which has installed everything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t sources < <(git ls-files -- '*.cc')
mapfile -t headers < <(git ls-files -- '*.h')
jobs="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"

echo "== layering"
/usr/bin/python3 tests/layering_test.py

echo "== format"
clang-format-14 --dry-run -Werror "${sources[@]}" "${headers[@]}"

# Both tools below read compile_commands.json and need the generated protocols.
cmake --preset release >/dev/null
cmake --build --preset release --target convoy_proto >/dev/null

echo "== clang-tidy and thread-safety analysis"
printf '%s\0' "${sources[@]}" |
  xargs -0 -n 1 -P "$jobs" clang-tidy-14 --quiet -p build/release \
    --extra-arg=-Wthread-safety --extra-arg=-Wno-unknown-warning-option
echo "all checks passed"
