#!/usr/bin/env bash
# Builds dist/tui-gateway: one file, ready to ship. With --pie, the hardened variant (position independent, slower to start).
set -euo pipefail
cd "$(dirname "$0")"
. ./prerequisites.sh

pie=false
for argument in "$@"; do
    case $argument in
        --pie) pie=true ;;
        *) die "unknown argument '$argument'; usage: ./publish.sh [--pie]" ;;
    esac
done

require_build_tools
rid=$(host_rid)
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

echo "publishing for $rid (pie: $pie)"
log=$staging/publish.log
if ! dotnet publish gateway.csproj -c Release -r "$rid" -p:HardenedPie=$pie -o "$staging/out" >"$log" 2>&1; then
    cat "$log" >&2
    die "publish failed"
fi
if grep -E 'warning|IL[23][0-9]{3}' "$log" >&2; then
    die "publish printed warnings"
fi

mkdir -p dist
rm -f dist/tui-gateway dist/tui-gateway.dbg
mv "$staging/out/tui-gateway" dist/tui-gateway
mv "$staging/out/tui-gateway.dbg" dist/tui-gateway.dbg
leftover=$(ls -A "$staging/out")
[ -z "$leftover" ] || die "publish left more than one file: $leftover"

kind=$(head -c 18 dist/tui-gateway | od -An -tx1 | tr -d ' \n')
case $kind in
    7f454c46*) ;;
    *) die "dist/tui-gateway is not an ELF file" ;;
esac
case $pie:${kind:32:4} in
    false:0200 | true:0300) ;;
    *) die "dist/tui-gateway has ELF type ${kind:32:4}, which is not what --pie=$pie asks for" ;;
esac

echo "smoke conversation"
./smoke.sh dist/tui-gateway

size=$(stat -c %s dist/tui-gateway)
[ "$size" -gt 1000000 ] || die "dist/tui-gateway is absurdly small: $size bytes"
echo "dist/tui-gateway: $((size / 1024)) KiB"
