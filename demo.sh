#!/usr/bin/env bash
# A conversation with the gateway from a fresh clone: no key, no account, nothing left behind.
#
#     ./demo.sh            against the scripted model server in tests/ModelServer
#     ./demo.sh --real     against OpenRouter or Anthropic, with OPENROUTER_API_KEY or ANTHROPIC_API_KEY
#                          (DEMO_MODEL names a model other than the default)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

root=$PWD
gateway=$root/dist/tui-gateway
scratch=
server_pid=

say() {
  printf '\n== %s\n' "$1"
}

fail() {
  printf 'demo.sh: %s\n' "$1" >&2
  exit 1
}

clean_up() {
  if [[ -n $server_pid ]]; then
    kill "$server_pid" 2> /dev/null || true
    wait "$server_pid" 2> /dev/null || true
  fi
  [[ -z $scratch ]] || rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

sources_are_newer() {
  [[ -n $(find . \( -path ./tests -o -path ./dist -o -path ./.git -o -name bin -o -name obj -o -name node_modules \) -prune \
    -o -type f \( -name '*.cs' -o -name '*.c' -o -name '*.csproj' -o -name '*.props' -o -name 'packages.lock.json' \) \
    -newer "$gateway" -print -quit) ]]
}

build_gateway() {
  if [[ -x $gateway ]] && ! sources_are_newer; then return; fi
  say "Building the gateway (once, takes a minute or two)"
  [[ -x ./publish.sh ]] || fail "publish.sh is missing"
  ./publish.sh || fail "publish.sh failed"
  [[ -x $gateway ]] || fail "publish.sh ended without dist/tui-gateway"
}

# Sets url. The server's input is descriptor 3: it ends with this script, however this script ends.
start_model_server() {
  command -v dotnet > /dev/null || fail "the .NET SDK (dotnet) is needed for the scripted model server"
  say "Starting the scripted model server"
  dotnet build tests/ModelServer -c Release --nologo -v quiet > "$scratch/build.log" 2>&1 \
    || { cat "$scratch/build.log" >&2; fail "the model server did not build"; }
  mkfifo "$scratch/server-in" "$scratch/server-out"
  dotnet tests/ModelServer/bin/Release/net10.0/model-server.dll demo --exit-with-stdin \
    < "$scratch/server-in" > "$scratch/server-out" &
  server_pid=$!
  exec 3> "$scratch/server-in" 4< "$scratch/server-out"
  IFS= read -r -t 60 url <&4 || fail "the model server did not start"
  echo "$url"
}

write_config() {
  printf 'model:\n  default: %s\n  provider: %s\n' "$1" "$2" > "$HERMES_HOME/config.yaml"
  if (($# > 2)); then printf '  base_url: %s\n  api_key: %s\n' "$3" "$4" >> "$HERMES_HOME/config.yaml"; fi
}

# From spawn to the first line, by the benchmark's harness where it can be built.
show_ready_time() {
  command -v gcc > /dev/null || return 0
  say "How long until it is ready"
  gcc -O2 -o "$scratch/spawn_ready" tests/Bench/spawn_ready.c || fail "the ready-time harness did not build"
  (cd dist && "$scratch/spawn_ready" -n 20 ./tui-gateway) || fail "the gateway did not become ready"
}

# Runs the client in a directory of its own, without the descriptors of the model server.
chat() {
  (cd "$scratch/work" && exec "$gateway" chat "$@" 3>&- 4<&-)
}

run_scripted() {
  local prompts=("Hello! Who are you?" "Please clean up the scratch directory.")
  start_model_server
  write_config demo-model custom "$url/v1" demo-key-not-secret
  unset OPENROUTER_API_KEY ANTHROPIC_API_KEY ANTHROPIC_TOKEN OPENAI_API_KEY OPENAI_BASE_URL
  mkdir "$scratch/work/tui-gateway-demo-scratch"
  touch "$scratch/work/tui-gateway-demo-scratch/left-over"
  show_ready_time

  say "A conversation (the removal needs an approval, which --approve once gives)"
  printf '%s\n' "${prompts[@]}" | chat --approve once 2>&1 | tee "$scratch/transcript" || fail "the conversation failed"

  grep -q "scripted" "$scratch/transcript" || fail "the greeting is not in the transcript"
  [[ ! -e $scratch/work/tui-gateway-demo-scratch ]] || fail "the approved command did not remove the scratch directory"
  say "Done: greeted, asked, approved, removed."
}

run_real() {
  if [[ -n ${OPENROUTER_API_KEY:-} ]]; then
    write_config "${DEMO_MODEL:-openrouter/auto}" openrouter
  elif [[ -n ${ANTHROPIC_API_KEY:-} ]]; then
    write_config "${DEMO_MODEL:-claude-sonnet-4-5}" anthropic
  else
    fail "--real needs OPENROUTER_API_KEY or ANTHROPIC_API_KEY"
  fi
  show_ready_time

  # Nobody approves a real model's commands in advance: at a terminal the user is asked, elsewhere they are denied.
  if [[ -t 0 ]]; then
    say "Your conversation (end it with Ctrl-D)"
    chat || fail "the conversation failed"
  else
    say "A conversation (commands that need an approval are denied)"
    printf '%s\n' "Hello! Who are you?" "Which directory are you in? Use your terminal tool." | chat || fail "the conversation failed"
  fi
}

case ${1:-} in
  "" | --real) ;;
  *) fail "usage: ./demo.sh [--real]" ;;
esac

build_gateway
scratch=$(mktemp -d)
mkdir "$scratch/home" "$scratch/work"
export HERMES_HOME=$scratch/home
if [[ ${1:-} == --real ]]; then run_real; else run_scripted; fi
