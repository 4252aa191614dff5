#!/bin/sh
# Measures the speed of the main operations on a made-up catalog. Arguments go to benchmarks/run.py.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$root"
sh scripts/setup.sh run
exec .venv/bin/python benchmarks/run.py "$@"
