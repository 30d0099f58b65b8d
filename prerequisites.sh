#!/usr/bin/env bash
# Sourced by the other scripts: makes sure that what a build needs is on the machine, or names what is missing.
set -euo pipefail

die() {
    echo "error: $*" >&2
    exit 1
}

# Installs Debian packages when that can be done without asking; otherwise says what to install.
install_or_name() {
    local what=$1
    shift
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "installing $* ($what)"
        if ! apt-get install -y -qq "$@" >/dev/null 2>&1; then
            apt-get update -qq && apt-get install -y -qq "$@" >/dev/null || die "$what is missing and could not be installed: apt-get install $*"
        fi
    else
        die "$what is missing; install it first, on Debian: sudo apt-get install $*"
    fi
}

has_header() {
    echo "#include <$1>" | gcc -E -o /dev/null - 2>/dev/null
}

require_build_tools() {
    command -v dotnet >/dev/null || die "the .NET 10 SDK is missing (dotnet is not on PATH); see https://dot.net/download"
    case "$(dotnet --version 2>/dev/null)" in
        10.*) ;;
        *) die "the .NET 10 SDK is missing; found '$(dotnet --version 2>&1 | head -n 1)'" ;;
    esac
    command -v gcc >/dev/null || install_or_name "the C compiler and linker" gcc libc6-dev
    has_header stdlib.h || install_or_name "the C library headers" libc6-dev
    has_header zlib.h || install_or_name "the zlib headers" zlib1g-dev
    command -v objcopy >/dev/null || install_or_name "binutils" binutils
}

# The runtime identifier of this machine.
host_rid() {
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) echo linux-x64 ;;
        Linux-aarch64) echo linux-arm64 ;;
        *) die "only Linux on x86-64 and arm64 is supported, this is $(uname -s) on $(uname -m)" ;;
    esac
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
