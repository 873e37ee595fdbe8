#!/usr/bin/env bash
# Feeds a reader bytes that libFuzzer makes from the corpus. Called by ./run fuzz, which
# has installed everything.
#   fuzz.sh                          lists the targets
#   fuzz.sh TARGET [--seconds S]     for S seconds (60)
# What reaches new code is kept in build/fuzz/corpus/TARGET. Input that breaks the reader
# ends it; it lies in build/fuzz/crashes. Copied to tests/fuzz/corpus/TARGET, under a name
# that says what it is, it becomes a test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# == 0)); then
  echo "targets:"
  ls tests/fuzz/corpus | sed -n '/README/!s/^/  /p'
  exit 0
fi
target="$1"
seconds=60
shift
if [[ "${1:-}" == --seconds && "${2:-}" =~ ^[0-9]+$ ]]; then
  seconds="$2"
  shift 2
fi
if (($# > 0)) || [[ ! -d "tests/fuzz/corpus/$target" ]]; then
  echo "fuzz: expected TARGET [--seconds S]; ./run fuzz lists the targets" >&2
  exit 2
fi

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "fuzz_$target"
found="build/fuzz/corpus/$target"
mkdir -p "$found" build/fuzz/crashes
"build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
  -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/crashes/$target-" \
  "$found" "tests/fuzz/corpus/$target"
