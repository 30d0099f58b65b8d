#!/usr/bin/env bash
# Memory over many turns: once in one session, once in a fresh session each. Prints resident memory, descriptors, threads and
# the size of the write-ahead log as it goes.
#
#     tests/Bench/soak.sh [turns] [gateway]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
turns=${1:-1000}
gateway=${2:-$here/../../dist/tui-gateway}
[[ -x $gateway ]] || { echo "soak.sh: $gateway does not exist; build it with ./publish.sh" >&2; exit 1; }
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$scratch"' EXIT

paragraph=$(printf 'A sentence of some length that a model might say. %.0s' {1..20})
cat > "$scratch/script.json" << SCRIPT
{"replies":[{"when":{"last_user_contains":"tool","last_role":"user"},"steps":[{"tool_call":{"name":"terminal","arguments":{"command":"echo out"}}}]}],
 "fallback":{"steps":[{"text":"$paragraph","chunk":40}]}}
SCRIPT
dotnet build "$here/../ModelServer" -c Release -v q > "$scratch/build.log" 2>&1 || { cat "$scratch/build.log" >&2; exit 1; }
coproc MODEL { exec dotnet run --project "$here/../ModelServer" -c Release --no-build -- "$scratch/script.json"; }
read -r url <&"${MODEL[0]}"

ask() {
  printf '%s\n' "$1" >&"$to"
  local line
  while read -r line <&"$from"; do
    [[ $line == *"$2"* ]] && { answer=$line; return; }
    [[ $line == *'"type":"error"'* || $line == *'"error":{'* ]] && { echo "soak.sh: $line" >&2; exit 1; }
  done
  echo "soak.sh: the gateway ended" >&2
  exit 1
}

create() {
  ask '{"id":"c","method":"session.create","params":{}}' '"id":"c"'
  session=${answer#*'"session_id":"'}
  session=${session:0:8}
}

report() {
  printf '  %5d turns: resident %6d kB, %d descriptors, %d threads, log %d kB\n' "$1" \
    "$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")" "$(ls "/proc/$pid/fd" | wc -l)" "$(awk '/^Threads/ { print $2 }' "/proc/$pid/status")" \
    "$(($(stat -c %s "$HERMES_HOME/state.db-wal" 2> /dev/null || echo 0) / 1024))"
}

soak() {
  export HERMES_HOME=$scratch/$1
  mkdir -p "$HERMES_HOME"
  echo "model: {default: m, provider: custom, base_url: \"$url/v1\", api_key: k-1234567890}" > "$HERMES_HOME/config.yaml"
  mkfifo "$scratch/$1.in" "$scratch/$1.out"
  "$gateway" < "$scratch/$1.in" > "$scratch/$1.out" 2> /dev/null &
  pid=$!
  exec {to}> "$scratch/$1.in" {from}< "$scratch/$1.out"
  create
  report 0
  for ((turn = 1; turn <= turns; turn++)); do
    [[ $1 == fresh ]] && create
    local kind=plain
    ((turn % 5 == 0)) && kind=tool
    ask "{\"id\":\"p\",\"method\":\"prompt.submit\",\"params\":{\"session_id\":\"$session\",\"text\":\"$kind $turn\"}}" '"message.complete"'
    [[ $1 == fresh ]] && ask "{\"id\":\"x\",\"method\":\"session.close\",\"params\":{\"session_id\":\"$session\"}}" '"id":"x"'
    ((turn == turns / 10 || turn == turns / 4 || turn == turns / 2 || turn == turns * 3 / 4 || turn == turns)) && report "$turn"
  done
  exec {to}>&- {from}<&-
  wait "$pid" || true
}

echo "one session"
soak one
echo "a session for each turn"
soak fresh
