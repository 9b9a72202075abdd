# shellcheck shell=bash
# What run, test, bench and ledger share: progress lines, and a build that is skipped when nothing changed.
# Sourced from the repository's root.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# A build's nodes would outlive the command, and hold its files and locks.
export MSBUILDDISABLENODEREUSE=1

fail() { printf '%s\n' "$*" >&2; exit 1; }

# The command that a step waits for, so that whoever is interrupted can end it.
STEP_PID=

# step TEXT LOG COMMAND...: one line while it goes on, with the seconds it takes; on failure the end of its log.
step() {
    local text=$1 log=$2 began=$SECONDS status=0
    shift 2
    mkdir -p "$(dirname "$log")"
    printf '  %s …\n' "$text"
    "$@" >"$log" 2>&1 8>&- 9>&- &
    STEP_PID=$!
    (
        trap 'kill "$!"; exit 0' TERM
        while sleep 15 & wait "$!"; do
            printf '  … %s, %d s so far\n' "$text" "$((SECONDS - began))"
        done
    ) 8>&- 9>&- &
    local ticker=$!
    wait "$STEP_PID" || status=$?
    STEP_PID=
    kill "$ticker" 2>/dev/null
    wait "$ticker" 2>/dev/null || true
    [ "$status" -eq 0 ] && return 0
    printf '  %s: failed after %d s. The end of %s:\n' "$text" "$((SECONDS - began))" "$log" >&2
    tail -n 25 "$log" >&2
    return "$status"
}

# Names, sizes and times of everything a build reads: cheap, and it notices deleted files too.
sources_fingerprint() {
    find "$@" Directory.*.props .editorconfig -name bin -prune -o -name obj -prune -o -name node_modules -prune -o -name _framework -prune \
        -o -type f -printf '%p %T@ %s\n' 2>/dev/null | LC_ALL=C sort | sha256sum | cut -d' ' -f1
}

# apt_install PACKAGE...: installs Debian packages, with a fresh list of them if the old one does not serve. Root only.
apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }
}

# An SDK that was unpacked from its archive brings none of the system's libraries, and a minimal Debian has neither ICU nor OpenSSL.
sdk_provide() {
    local said
    said=$(dotnet --version 2>&1) && return 0
    if [[ $said == *libicu* ]] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        # Their names carry a version that differs from one Debian to the next.
        step "installing libraries for .NET" artifacts/install-libraries.log apt_install '^libicu[0-9]+$' '^libssl3(t64)?$' || exit 1
        said=$(dotnet --version 2>&1) && return 0
    fi
    fail "The .NET SDK does not start. On Debian it needs the packages libicu and libssl; run this as root once, or install them. It says:
$(head -n 5 <<<"$said")"
}

# compile TARGET: one compiler serves all projects of a build, since starting it anew for each is a third of the time. It ends with the build, or it would hold files and locks.
compile() {
    local pipe=eventledger-$BASHPID version status=0
    version=$(dotnet --version)
    trap 'kill "$!" 2>/dev/null' TERM INT
    dotnet build "$1" -c Release --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=true -p:SharedCompilationId="$pipe" &
    wait "$!" || status=$?
    dotnet "$(dotnet --list-sdks | sed -n "s|^$version \[\(.*\)\]$|\1|p" | head -n 1)/$version/Roslyn/bincore/VBCSCompiler.dll" -pipename:"$pipe" -shutdown
    return "$status"
}

# build NAME TARGET SOURCES...: builds a project, solution or solution filter in Release unless its sources are as they were.
build() {
    local name=$1 target=$2 now
    shift 2
    mkdir -p artifacts
    command -v dotnet >/dev/null || fail "The .NET SDK is not installed (dotnet is not on PATH); version 10 is needed."
    exec 8>artifacts/build.lock
    flock 8
    now=$(sources_fingerprint "$@")
    if [ "$(cat "artifacts/$name.built" 2>/dev/null)" != "$now" ]; then
        rm -f "artifacts/$name.built"
        sdk_provide
        step "building $name" "artifacts/$name.log" compile "$target" || exit 1
        # The fingerprint is of before the build: what was edited meanwhile is built next time.
        printf '%s\n' "$now" >"artifacts/$name.built"
    fi
    exec 8>&-
}

# What the command line is built from: a change elsewhere need not wait for it.
CLI_SOURCES=(src/Cli src/Client src/EventStore src/Domain src/Validator/Gateway)

build_cli() { build cli src/Cli/Cli.csproj "${CLI_SOURCES[@]}"; }

# All programs that ./run starts, the command line among them.
build_product() {
    build product eng/Product.slnf src
    sources_fingerprint "${CLI_SOURCES[@]}" >artifacts/cli.built
}

# The programs' files, by project name.
binary() { printf '%s/src/%s/bin/Release/net10.0/EventLedger.%s.dll' "$ROOT" "$1" "$1"; }

port_is_free() { ! (exec 7<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
    local port=$1
    until port_is_free "$port"; do port=$((port + 1)); done
    printf '%s' "$port"
}

# http_get PORT PATH: prints the status code, then the body. Bash alone, since a new machine may lack curl.
http_get() {
    local version status line
    exec 7<>"/dev/tcp/localhost/$1" || return 1
    printf 'GET %s HTTP/1.0\r\nHost: localhost:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&7
    # shellcheck disable=SC2034
    IFS=' ' read -r -t 10 version status line <&7 || { exec 7<&-; return 1; }
    printf '%s\n' "$status"
    while IFS= read -r -t 10 line <&7 && [ "$line" != $'\r' ]; do :; done
    timeout 10 cat <&7
    exec 7<&-
}
