#!/usr/bin/env bash
# What a request costs over pipes, against a C program that answers every line with the bytes the gateway answers.
#
#     tests/Bench/exchange.sh [rounds] [gateway]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rounds=${1:-30}
gateway=${2:-$here/../../dist/tui-gateway}
build=$here/bin

fail() {
  echo "exchange.sh: $1" >&2
  exit 1
}

command -v gcc > /dev/null || fail "gcc is needed to build the benchmark"
command -v taskset > /dev/null || fail "taskset is needed (package util-linux)"
[[ -x $gateway ]] || fail "$gateway does not exist; build it with ./publish.sh"
gateway=$(realpath "$gateway")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$build" "$scratch/home"
export HERMES_HOME=$scratch/home

gcc -O2 -Wall -Wextra -Werror -o "$build/echo" "$here/echo.c"
gcc -O2 -Wall -Wextra -Werror -o "$build/exchange" "$here/exchange.c"
ln -sf "$gateway" "$build/gateway"
cd "$build"

measure() {
  echo "$1"
  printf '%s\n' "$1" > "$scratch/request"
  "$gateway" < "$scratch/request" 2> /dev/null | tail -n 1 > "$scratch/answer"
  [[ -s $scratch/answer ]] || fail "the gateway does not answer this"
  # On one core a round trip is the work of both sides; on several it is mostly the wake-up from core to core.
  echo "on one core:"
  taskset -c 0 ./exchange -n "$rounds" "$scratch/request" ./echo "$scratch/answer" -- ./gateway
  echo "on all cores:"
  ./exchange -n "$rounds" "$scratch/request" ./echo "$scratch/answer" -- ./gateway
  echo
}

measure '{"jsonrpc":"2.0","id":"r1","method":"voice.toggle","params":{"action":"status"}}'
measure '{"jsonrpc":"2.0","id":"r1","method":"no.such.method","params":{"text":"one hundred and fifty bytes of parameters that nobody is going to look at more than once"}}'
