#!/usr/bin/env bash
# The test command: formatting, build, unit and scenario tests, publish, tests against the published binary.
# Ends with one line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")"
. ./prerequisites.sh
set +e

passed=0
failed=0
skipped=0
export TUNIT_DISABLE_HTML_REPORTER=true

step() {
    local name=$1
    shift
    echo
    echo "== $name"
    if "$@"; then
        passed=$((passed + 1))
        return 0
    fi
    failed=$((failed + 1))
    echo "FAILED: $name"
    return 1
}

finish() {
    echo
    [ "$skipped" = 0 ] || echo "$skipped skipped; their reasons stand above"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
    exit
}

# Runs a test project that is built already and adds its counts.
suite() {
    local name=$1 project=$2 output status
    echo
    echo "== $name"
    output=$(mktemp)
    dotnet run --project "$project" -c Release --no-build -- --progress off --no-ansi 2>&1 | tee "$output"
    status=${PIPESTATUS[0]}
    local count
    count() { sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" "$output" | tail -n 1; }
    local succeeded broken
    succeeded=$(count succeeded)
    broken=$(count failed)
    local left_out
    left_out=$(count skipped)
    skipped=$((skipped + ${left_out:-0}))
    rm -f "$output"
    passed=$((passed + ${succeeded:-0}))
    failed=$((failed + ${broken:-0}))
    if [ "$status" != 0 ] && [ "${broken:-0}" = 0 ]; then
        echo "FAILED: $name ended with status $status"
        failed=$((failed + 1))
    fi
}

step "prerequisites" require_build_tools || finish
step "restore" dotnet restore tui-gateway.slnx --locked-mode -v quiet || finish
step "formatting" dotnet format tui-gateway.slnx --no-restore --verify-no-changes
step "build" dotnet build tui-gateway.slnx -c Release --no-restore -v quiet || finish
suite "unit and scenario tests" tests/Gateway.Tests
step "publish" ./publish.sh || finish
suite "tests against dist/tui-gateway" tests/Gateway.ProcessTests
finish
