#!/usr/bin/env bash
# What streamed text and requests cost once everything is warm: deltas per second against a C program that writes the same
# frames, and the bytes that the gateway's own code allocates on the managed heap for a delta and for a request.
#
#     tests/Bench/steady.sh [rounds]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rounds=${1:-30}
build=$here/bin
deltas=200000
requests=10000

fail() {
  echo "steady.sh: $1" >&2
  exit 1
}

[[ $rounds =~ ^[1-9][0-9]*$ ]] || fail "not a number of rounds: $rounds"
command -v dotnet > /dev/null || fail "the .NET SDK is needed to build the benchmark"
command -v gcc > /dev/null || fail "gcc is needed to build the benchmark"
command -v taskset > /dev/null || fail "taskset is needed (package util-linux)"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$build" "$scratch/home"
export HERMES_HOME=$scratch/home DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

gcc -O2 -Wall -Wextra -Werror -o "$build/deltas" "$here/deltas.c"
gcc -O2 -Wall -Wextra -Werror -o "$build/stream" "$here/stream.c"
dotnet publish "$here/Steady" -c Release --use-current-runtime -o "$scratch/publish" > "$scratch/publish.log" 2>&1 \
  || { cat "$scratch/publish.log" >&2; fail "the build failed"; }
cp "$scratch/publish/steady" "$build/steady"
cd "$build"

./steady deltas 1 2> /dev/null | tail -n 1 > "$scratch/frame"
[[ $(stat -c %s "$scratch/frame") == 150 ]] || fail "a delta is not 150 bytes long"
measure() {
  "$@" ./stream -n "$rounds" "$scratch/frame" "$deltas" ./deltas "$scratch/frame" "$deltas" -- ./steady deltas "$deltas"
  echo
}
echo "on one core:"
measure taskset -c 0
echo "on all cores:"
measure

row() { printf '%-54s %s\n' "$1" "$(< "$scratch/figure")"; }

echo "allocated:"
# The reader stalls until the program waits for it, within the warm-up: what is pooled then has the size that it keeps.
streamed() {
  "${@:2}" ./steady deltas $((deltas * 25)) 2> "$scratch/figure" | { sleep 1; "${@:2}" cat; } > /dev/null
  row "$1"
}
streamed "message.delta, on one core (mostly joined)" taskset -c 0
streamed "message.delta, on all cores (mostly written at once)" env

# One at a time, as from a client that waits for each answer; SESSION stands for a session made before.
allocation() {
  local line session to from pid i
  coproc gateway { exec ./steady requests 2> "$scratch/figure"; }
  from=${gateway[0]} to=${gateway[1]} pid=$gateway_PID
  printf '%s\n' '{"jsonrpc":"2.0","id":"r0","method":"session.create","params":{}}' >&"$to"
  while IFS= read -r -t 20 line <&"$from" || fail "session.create is not answered"; do
    [[ $line != *'"session.info"'* ]] || break
    [[ ! $line =~ \"session_id\":\"([^\"]*)\" ]] || session=${BASH_REMATCH[1]}
  done
  for ((i = 0; i < requests; i++)); do
    printf '%s\n' "${2/SESSION/$session}" >&"$to"
    IFS= read -r -t 20 line <&"$from" || fail "$1 is not answered"
  done
  exec {to}>&-
  wait "$pid"
  row "$1"
}

allocation "voice.toggle (lane Inline)" '{"jsonrpc":"2.0","id":"r1","method":"voice.toggle","params":{"action":"status"}}'
allocation "an unknown method" '{"jsonrpc":"2.0","id":"r1","method":"no.such.method","params":{"text":"one hundred and fifty bytes of parameters that nobody is going to look at more than once"}}'
allocation "session.history, empty (lane Session)" '{"jsonrpc":"2.0","id":"r1","method":"session.history","params":{"session_id":"SESSION"}}'
allocation "session.usage (lane Session, looks at config.yaml)" '{"jsonrpc":"2.0","id":"r1","method":"session.usage","params":{"session_id":"SESSION"}}'
