#!/bin/sh
# Runs every linter, all of them even when one fails.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$root"
sh scripts/setup.sh test

failed=
run() {
    name=$1
    shift
    output=$("$@" 2>&1) && { echo "lint: $name ok"; return; }
    printf '%s\n' "$output"
    echo "lint: $name FAILED"
    failed="$failed $name"
}

run ruff .venv/bin/python -m ruff check .
run mypy .venv/bin/python -m mypy
run lint-imports .venv/bin/lint-imports
[ -z "$failed" ]
