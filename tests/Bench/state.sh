#!/usr/bin/env bash
# What lists and resumes of stored sessions cost, against the sqlite3 shell running the same queries in the same run.
#
#     tests/Bench/state.sh [rounds] [gateway]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rounds=${1:-15}
gateway=${2:-$here/../../dist/tui-gateway}
build=$here/bin

fail() {
  echo "state.sh: $1" >&2
  exit 1
}

command -v gcc > /dev/null || fail "gcc is needed to build the benchmark"
command -v sqlite3 > /dev/null || fail "the sqlite3 shell is needed (package sqlite3)"
[[ -x $gateway ]] || fail "$gateway does not exist; build it with ./publish.sh"
gateway=$(realpath "$gateway")
sqlite=$(command -v sqlite3)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$build"
gcc -O2 -Wall -Wextra -Werror -o "$build/state" "$here/state.c"

# A database as the gateway makes it. The rows go in before the triggers, or the search index would be most of the work.
database() {
  export HERMES_HOME=$scratch/$1
  mkdir -p "$HERMES_HOME"
  echo '{"id":"a","method":"session.create","params":{}}' | "$gateway" > /dev/null 2>&1
  triggers=$("$sqlite" "$HERMES_HOME/state.db" "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'")
  "$sqlite" "$HERMES_HOME/state.db" "PRAGMA synchronous = OFF; $triggers $2" > /dev/null
}

numbers() { echo "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"; }

many="$(numbers 10000) INSERT INTO sessions(id, source, started_at, message_count, title) SELECT printf('s%06d', i), 'cli', 1700000000 + i, 10, CASE i % 3 WHEN 0 THEN 'title ' || i END FROM n;
$(numbers 100000) INSERT INTO messages(session_id, role, content, timestamp) SELECT printf('s%06d', 1 + i / 10 % 10000), CASE i % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, 'message ' || i || ' ' || hex(randomblob(200)), 1700000000 + i FROM n;"
large="INSERT INTO sessions(id, source, started_at, message_count) VALUES ('large', 'cli', 1700000000, 20000);
$(numbers 5000) INSERT INTO messages(session_id, role, content, tool_calls, tool_call_id, timestamp)
SELECT 'large', column1,
  CASE column1 WHEN 'user' THEN 'question ' || i || hex(randomblob(100)) WHEN 'tool' THEN hex(randomblob(9500)) WHEN 'assistant' THEN CASE column2 WHEN 3 THEN hex(randomblob(400)) ELSE '' END END,
  CASE column2 WHEN 1 THEN '[{\"id\":\"c' || i || '\",\"type\":\"function\",\"function\":{\"name\":\"terminal\",\"arguments\":\"{\\\"command\\\":\\\"ls ' || i || '\\\"}\"}}]' END,
  CASE column1 WHEN 'tool' THEN 'c' || i END, 1700000000 + i * 4 + column2
FROM n JOIN (VALUES ('user', 0), ('assistant', 1), ('tool', 2), ('assistant', 3));"

# The gateway's own list query, as Storage/SessionDatabase.cs has it, for so many rows.
list() {
  sed -n '/ListSql = """/,/"""/p' "$here/../../Storage/SessionDatabase.cs" | sed '1d;$d' | sed "s/\$fetch/$2/; s/\$limit/$1/" | tr '\n' ' '
}

database many "$many"
echo "session.list, 200 of 10,000 sessions"
"$build/state" "$rounds" '{"id":"b","method":"session.list","params":{}}' "$(list 200 400)" "$gateway" "$sqlite" "$HERMES_HOME/state.db"
echo "session.list, all of 10,000 sessions"
"$build/state" "$rounds" '{"id":"b","method":"session.list","params":{"limit":10000}}' "$(list 10000 20000)" "$gateway" "$sqlite" "$HERMES_HOME/state.db"
echo "session.most_recent among 10,000 sessions"
"$build/state" "$rounds" '{"id":"b","method":"session.most_recent","params":{}}' "$(list 1 200)" "$gateway" "$sqlite" "$HERMES_HOME/state.db"

database large "$large"
columns="role, content, tool_call_id, tool_name, tool_calls, finish_reason, reasoning, reasoning_details"
echo "session.resume, $("$sqlite" "$HERMES_HOME/state.db" "SELECT printf('%.0f MB in %d messages', SUM(length(content)) / 1e6, COUNT(*)) FROM messages")"
"$build/state" "$rounds" '{"id":"b","method":"session.resume","params":{"session_id":"large"}}' \
  "SELECT $columns FROM messages WHERE session_id = 'large' ORDER BY timestamp, id" "$gateway" "$sqlite" "$HERMES_HOME/state.db"
