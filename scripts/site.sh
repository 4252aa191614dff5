#!/bin/sh
# Checks the catalog, builds the site into build/site and serves it.
# PORT=8000 chooses the port; SERVE=0 only builds. For publishing: SITE_URL=URL says where the site will be;
# STRICT=1 fails where a record had to be left out; NOW=DATE is the day for which states and badges are told.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$root"
port=${PORT:-8000}
case $port in
    '' | *[!0-9]*) echo "site: PORT must be a number, not '$port'" >&2; exit 2 ;;
esac
sh scripts/setup.sh run
unset BUDMODEL_ROOT

# Findings do not stop the site: it shows them. Anything else (2 usage, 3 a bug, 4 could not decide) does.
status=0
.venv/bin/budmodel --root "$root" check || status=$?
case $status in
    0) ;;
    1) echo "site: the check found errors, see above; building the site all the same" >&2 ;;
    *) exit "$status" ;;
esac

.venv/bin/budmodel --root "$root" site build ${SITE_URL:+--site-url "$SITE_URL"} ${NOW:+--now "$NOW"} ${STRICT:+--strict}
[ "${SERVE:-1}" != 0 ] || exit 0
exec .venv/bin/budmodel --root "$root" site serve --no-build --port "$port"
