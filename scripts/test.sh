#!/bin/sh
# Linters, then all tests; pytest's summary is the last line. Arguments go to pytest.
# BUDMODEL_CHROMIUM=PATH names the browser; WORKERS=N the number of test processes.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$root"

say() { echo "test: $*" >&2; }

find_browser() {
    for name in ${BUDMODEL_CHROMIUM:+"$BUDMODEL_CHROMIUM"} chromium chromium-browser google-chrome \
        google-chrome-stable; do
        if path=$(command -v -- "$name"); then
            echo "$path"
            return 0
        fi
    done
    return 1
}

find_clamd() {
    PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v clamd >/dev/null
}

# Installs Debian packages where we may.
install() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    say "installing $*"
    log=$(mktemp)
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get update >"$log" 2>&1 || :
    if apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1; then
        rm -f -- "$log"
        return 0
    fi
    tail -n 20 -- "$log" >&2
    rm -f -- "$log"
    return 1
}

sh scripts/setup.sh test
if find_browser >/dev/null || install chromium; then :; fi
if BUDMODEL_CHROMIUM=$(find_browser); then
    export BUDMODEL_CHROMIUM
else
    unset BUDMODEL_CHROMIUM
    say "no chromium found: the browser tests are skipped; on Debian: sudo apt-get install chromium"
    set -- -m "not browser" "$@"
fi

if find_clamd || install clamav-daemon; then :; fi
if ! find_clamd; then
    say "no clamd found: the tests that scan with ClamAV are skipped; on Debian: sudo apt-get install clamav-daemon"
fi

failed=0
sh scripts/lint.sh || failed=1
[ "$failed" -eq 0 ] || say "a linter failed, see above; the tests run all the same"
.venv/bin/python -m pytest -n "${WORKERS:-auto}" --maxprocesses 8 "$@" || failed=1
exit "$failed"
