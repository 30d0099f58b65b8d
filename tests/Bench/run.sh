#!/usr/bin/env bash
# Spawn-to-ready of the gateway against the least a process can cost on this machine.
#
#     tests/Bench/run.sh [rounds] [gateway]
#
# Prints times from spawn to the first line, their ratio, and the memory held at that moment.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rounds=${1:-200}
gateway=${2:-$here/../../dist/tui-gateway}
build=$here/bin

fail() {
  echo "run.sh: $1" >&2
  exit 1
}

[[ $rounds =~ ^[1-9][0-9]*$ ]] || fail "not a number of rounds: $rounds"
command -v gcc > /dev/null || fail "gcc is needed to build the benchmark"
[[ -x $gateway ]] || fail "$gateway does not exist; build it with ./publish.sh"
gateway=$(realpath "$gateway")

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$build" "$scratch/home"
export HERMES_HOME=$scratch/home

# The floor writes the bytes that the gateway writes. The gateway's input stays open until they have been read.
mkfifo "$scratch/in" "$scratch/out"
"$gateway" < "$scratch/in" > "$scratch/out" 2> /dev/null &
gateway_pid=$!
exec 3> "$scratch/in" 4< "$scratch/out"
IFS= read -r -t 20 line <&4 || fail "$gateway wrote no line"
exec 3>&-
wait "$gateway_pid" || fail "$gateway ended with status $?"
exec 4<&-
printf '%s\n' "$line" > "$build/ready.line"

gcc -O2 -Wall -Wextra -Werror -DREADY_LINE="\"$build/ready.line\"" -o "$build/floor" "$here/floor.c"
gcc -O2 -Wall -Wextra -Werror -o "$build/spawn_ready" "$here/spawn_ready.c"

# Side by side, for names of the same kind in the table.
ln -sf "$gateway" "$build/gateway"
cd "$build"
./spawn_ready -n "$rounds" ./floor -- ./gateway
