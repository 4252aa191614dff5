#!/bin/sh
# Makes .venv with the locked dependencies. Usage: sh scripts/setup.sh [run|test]
# Does nothing when it is up to date. PYTHON=... names the Python to use.
set -eu

what=${1:-run}
case $what in
    run | test) ;;
    *) echo "setup: unknown argument '$what'; use run or test" >&2; exit 2 ;;
esac
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$root"
venv=$root/.venv
stamp=$venv/.budmodel-setup
unfinished=$venv/.budmodel-unfinished

say() { echo "setup: $*" >&2; }
die() { say "$@"; exit 1; }

# A venv cannot be moved, so its place belongs to the key.
key() {
    version=$("$venv/bin/python" -c 'import sys; print(sys.version)' 2>/dev/null) || return 1
    locks=$("$venv/bin/python" - requirements/run.txt requirements/test.txt scripts/setup.sh <<'PY'
import hashlib, pathlib, sys
digest = hashlib.sha256()
for name in sys.argv[1:]:
    digest.update(pathlib.Path(name).read_bytes() + b"\0")
print(digest.hexdigest())
PY
    ) || return 1
    printf '%s\n%s\n%s\n' "$root" "$version" "$locks"
}

# up_to_date WHAT...: the stamp was written for one of these.
up_to_date() {
    [ -f "$stamp" ] && [ ! -e "$unfinished" ] && [ -x "$venv/bin/budmodel" ] || return 1
    present=$(cat -- "$stamp")
    current=$(key) || return 1
    for kind in "$@"; do
        [ "$present" = "$kind
$current" ] && return 0
    done
    return 1
}

# The locks for tests hold everything that running needs.
if [ "$what" = run ] && up_to_date run test; then exit 0; fi
if [ "$what" = test ] && up_to_date test; then exit 0; fi

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
complete() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        recent "$PYTHON" || die "PYTHON=$PYTHON is not a working Python 3.11 or newer"
        echo "$PYTHON"
        return
    fi
    for candidate in python3.13 python3.12 python3.11 python3; do
        if recent "$candidate" && complete "$candidate"; then echo "$candidate"; return; fi
    done
    for candidate in python3.13 python3.12 python3.11 python3; do
        if recent "$candidate"; then echo "$candidate"; return; fi
    done
    found=$(python3 --version 2>/dev/null) || found="no python3"
    die "needs Python 3.11 or newer, found $found; on Debian 12 and later: apt-get install python3 python3-venv"
}

install_venv_module() {
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        die "the venv module of $1 is missing; on Debian: sudo apt-get install $package"
    fi
    say "installing $package"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    apt-get update >"$log" 2>&1 || :
    if ! apt-get install -y --no-install-recommends "$package" >>"$log" 2>&1 &&
        ! apt-get install -y --no-install-recommends python3-venv >>"$log" 2>&1; then
        cat -- "$log" >&2
        rm -f -- "$log"
        die "could not install $package; see apt-get's output above"
    fi
    rm -f -- "$log"
    complete "$1" || die "the venv module of $1 is still missing after installing $package"
}

# Keep a working venv, even one that somebody else made; remake a broken, half-made, moved or other one.
usable() {
    [ ! -e "$unfinished" ] || return 1
    recent "$venv/bin/python" || return 1
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || return 1
    if [ -f "$stamp" ]; then
        [ "$(sed -n 2p -- "$stamp")" = "$root" ] || return 1
    fi
    if [ -n "${PYTHON:-}" ]; then
        ask='import sys; print(sys.version)'
        [ "$("$PYTHON" -c "$ask" 2>/dev/null)" = "$("$venv/bin/python" -c "$ask")" ] || return 1
    fi
}

if ! usable; then
    python=$(find_python)
    complete "$python" || install_venv_module "$python"
    [ ! -e "$venv" ] || say "remaking .venv"
    rm -rf -- "$venv"
    say "making .venv with $("$python" --version 2>&1)"
    mkdir -- "$venv"
    : >"$unfinished"
    "$python" -m venv "$venv"
fi
: >"$unfinished"
rm -f -- "$stamp"

say "installing requirements/$what.txt"
log=$(mktemp)
if ! "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
    --require-hashes --no-deps -r "requirements/$what.txt" >"$log" 2>&1; then
    tail -n 40 -- "$log" >&2
    rm -f -- "$log"
    die "could not install requirements/$what.txt; see the end of pip's output above"
fi
rm -f -- "$log"

# The project itself needs no build: a path file makes it importable, a small script makes it a command.
packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$root/tools" >"$packages/budmodel.pth"
cat >"$venv/bin/budmodel" <<'SH'
#!/bin/sh
# -P: never import from the current folder, which may hold somebody else's files.
exec "$(dirname -- "$(readlink -f -- "$0")")/python" -P -m budmodel "$@"
SH
chmod 755 "$venv/bin/budmodel"
"$venv/bin/python" -P -c 'import budmodel' || die "budmodel cannot be imported from $root/tools"

current=$(key) || die "$venv/bin/python does not run"
printf '%s\n%s\n' "$what" "$current" >"$stamp.new"
mv -f -- "$stamp.new" "$stamp"
rm -f -- "$unfinished"
