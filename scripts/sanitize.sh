#!/usr/bin/env bash
# Builds with sanitizers and runs the tests: address and undefined behaviour over
# everything, threads over the kernel and the batching. Called by ./run sanitize,
# which has installed everything.
#   sanitize.sh [asan|tsan]   one of them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

asan() {
  echo "== address and undefined-behaviour sanitizers: everything"
  cmake --preset asan >/dev/null
  cmake --build --preset asan
  ctest --preset asan -j "$(nproc)"
}

# Debian's gRPC, Abseil and Prometheus are not built with it: beyond these folders
# it would report races that are none.
tsan() {
  echo "== thread sanitizer: kernel and batching"
  cmake --preset tsan >/dev/null
  cmake --build --preset tsan --target convoy_thread_tests
  ctest --preset tsan --label-regex threads
}

case "${1:-all}" in
  all)
    asan
    tsan
    ;;
  asan | tsan) "$1" ;;
  *)
    echo "sanitize: '$1' is none of asan, tsan" >&2
    exit 2
    ;;
esac
