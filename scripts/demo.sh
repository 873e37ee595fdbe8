#!/usr/bin/env bash
# Serves the speech example and finds speech in recordings. Called by ./run demo,
# which has built and installed everything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

example=build/speech
.venv/bin/python examples/speech/make_repository.py "$example"

# Ports are the system's choice; the server names them in its line "ready".
coproc server {
  exec build/release/convoy-server --repository "$example/repository" \
    --grpc-address 127.0.0.1:0 --http-address 127.0.0.1:0 --drain-seconds 0 2>&1
}
# bash forgets both when the process ends.
server_pid=$server_PID
exec {log}<&"${server[0]}"
trap 'kill "$server_pid" 2>/dev/null || true' EXIT

address=
while IFS= read -r -u "$log" line; do
  echo "server: $line"
  if [[ "$line" =~ ready.*grpc=([^[:space:]]+) ]]; then
    address="${BASH_REMATCH[1]}"
    break
  fi
done
if [[ -z "$address" ]]; then
  echo "demo: the server ended before it was ready" >&2
  exit 1
fi

echo
.venv/bin/python examples/speech/vad.py --server "$address" --lstm "$example/lstm.npz"
echo

kill -TERM "$server_pid"
sed 's/^/server: /' <&"$log"
wait "$server_pid"
