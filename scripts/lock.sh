#!/bin/sh
# Writes requirements/*.txt from pyproject.toml: every version and hash, for every platform.
# Arguments go to uv, such as --upgrade or --upgrade-package NAME.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$root"
uv=$(command -v uv || :)
if [ -z "$uv" ]; then
    sh scripts/setup.sh run
    [ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
    uv=.venv/bin/uv
fi

compile() {
    output=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --no-emit-find-links pyproject.toml -o "$output" "$@"
    echo "lock: wrote $output"
}

compile requirements/test.txt --group test "$@"
# What runs is what was tested.
compile requirements/run.txt --constraint requirements/test.txt "$@"
