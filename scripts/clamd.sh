#!/bin/sh
# Starts and stops a clamd of our own with the configuration that the scanner needs.
#
#   sh scripts/clamd.sh start [--fresh]    installs clamav (as root), loads signatures, prints the endpoint
#   sh scripts/clamd.sh stop
#
# --fresh gets today's signatures with freshclam; without it those that are in CLAMAV_DATABASE
# (/var/lib/clamav) are loaded. CLAMAV_RUN (build/clamd) holds the configuration, the socket and the log.
set -eu

say() { echo "clamd: $*" >&2; }
die() { say "$@"; exit 1; }

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
run=${CLAMAV_RUN:-$root/build/clamd}
database=${CLAMAV_DATABASE:-/var/lib/clamav}
socket=$run/clamd.sock

install_clamav() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    say "installing clamav"
    log=$(mktemp)
    DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 || :
    if DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        clamav-daemon clamav-freshclam >>"$log" 2>&1; then
        rm -f -- "$log"
        return 0
    fi
    tail -n 20 -- "$log" >&2
    rm -f -- "$log"
    return 1
}

find_clamd() { command -v clamd 2>/dev/null || { [ -x /usr/sbin/clamd ] && echo /usr/sbin/clamd; }; }

stop() {
    [ -f "$run/clamd.pid" ] || return 0
    kill -- "$(cat -- "$run/clamd.pid")" 2>/dev/null || :
    rm -f -- "$run/clamd.pid" "$socket"
}

start() {
    find_clamd >/dev/null || install_clamav ||
        die "no clamd here; on Debian: sudo apt-get install clamav-daemon clamav-freshclam"
    mkdir -p -- "$run/tmp"
    if [ "${1:-}" = --fresh ]; then
        database=$run/database
        mkdir -p -- "$database"
        printf 'DatabaseDirectory %s\nDatabaseMirror database.clamav.net\nDatabaseOwner %s\n' \
            "$database" "$(id -un)" >"$run/freshclam.conf"
        freshclam --config-file="$run/freshclam.conf" --stdout >&2 || die "freshclam could not load signatures"
    fi
    [ -n "$(ls -A -- "$database" 2>/dev/null)" ] ||
        die "no signatures in $database; get today's with: sh scripts/clamd.sh start --fresh"
    # Zero means the most that ClamAV can do; what exceeds even that must be said and not be passed over.
    cat >"$run/clamd.conf" <<CONF
Foreground yes
LocalSocket $socket
DatabaseDirectory $database
TemporaryDirectory $run/tmp
StreamMaxLength 0
MaxFileSize 0
MaxScanSize 0
MaxScanTime 0
MaxRecursion 17
AlertExceedsMax yes
AlertEncryptedArchive yes
DisableCache yes
SelfCheck 0
CONF
    stop
    nohup "$(find_clamd)" --config-file="$run/clamd.conf" >"$run/clamd.log" 2>&1 &
    echo $! >"$run/clamd.pid"
    tries=0
    until [ -S "$socket" ]; do
        tries=$((tries + 1))
        kill -0 "$(cat -- "$run/clamd.pid")" 2>/dev/null || die "clamd ended: $(tail -n 3 -- "$run/clamd.log")"
        [ "$tries" -lt 600 ] || die "clamd does not answer after ten minutes; see $run/clamd.log"
        sleep 1
    done
    [ -z "${GITHUB_ENV:-}" ] || echo "BUDMODEL_CLAMD=unix:$socket" >>"$GITHUB_ENV"
    echo "unix:$socket"
}

case ${1:-} in
    start) shift; start "$@" ;;
    stop) stop ;;
    *) say "usage: clamd.sh start [--fresh] | stop"; exit 2 ;;
esac
