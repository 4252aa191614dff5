#!/bin/sh
# Scans what a branch adds or changes, shows SCANNING while it runs, and pushes the signed records to the branch.
#
#   sh scripts/scan-branch.sh CLONE BRANCH BASE       what the branch changes against the commit BASE
#   sh scripts/scan-branch.sh CLONE BRANCH --stale    every version whose verdict is missing or grows old
#
# CLONE is a clone with BRANCH checked out. It is read as data: nothing in it is run, and its hooks are not
# called. The code, the policy and the signers that count are those of this script's own checkout and of BASE.
# The key is in BUDMODEL_SIGNING_KEY. Further arguments go to `budmodel scan`.
# Exit code: that of the scan (0 passed, 1 found, 4 undecided), or 70 where the branch could not be pushed.
set -eu

die() { echo "scan-branch: $*" >&2; exit 2; }

[ $# -ge 3 ] || die "usage: scan-branch.sh CLONE BRANCH BASE|--stale [OPTION ...]"
clone=$1 branch=$2 base=$3
shift 3
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
budmodel=${BUDMODEL:-$here/.venv/bin/budmodel}
remote=${REMOTE:-origin}
[ -d "$clone/.git" ] || die "$clone is no clone"
case $branch in -* | *..* | '') die "'$branch' is no branch" ;; esac

# The clone is hostile: no hooks, no file system monitor, no LFS download, no prompts.
export GIT_TERMINAL_PROMPT=0 GIT_LFS_SKIP_SMUDGE=1
export GIT_CONFIG_COUNT=3
export GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/dev/null
export GIT_CONFIG_KEY_1=core.fsmonitor GIT_CONFIG_VALUE_1=false
export GIT_CONFIG_KEY_2=commit.gpgSign GIT_CONFIG_VALUE_2=false
: "${GIT_AUTHOR_NAME:=budmodel scan}" "${GIT_AUTHOR_EMAIL:=scan@budmodel.invalid}"
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
export GIT_COMMITTER_NAME="${GIT_COMMITTER_NAME:-$GIT_AUTHOR_NAME}"
export GIT_COMMITTER_EMAIL="${GIT_COMMITTER_EMAIL:-$GIT_AUTHOR_EMAIL}"

case $base in
    --stale) set -- --all --stale "$@" ;;
    -*) die "'$base' is no commit" ;;
    *) set -- --changed --base "$base" "$@" ;;
esac

# The branch may have moved meanwhile: what was scanned is laid on top of that, and checked by the gate again.
push() {
    for try in 1 2 3; do
        if git -C "$clone" push --quiet "$remote" "HEAD:refs/heads/$branch"; then return 0; fi
        git -C "$clone" fetch --quiet "$remote" "refs/heads/$branch" || return 70
        git -C "$clone" rebase --quiet FETCH_HEAD || { git -C "$clone" rebase --abort || :; return 70; }
        sleep "$try"
    done
    return 70
}

cd -- "$clone"
clone=$PWD
before=$(git rev-parse --verify 'HEAD^{commit}')
"$budmodel" -C "$clone" scan "$@" --begin --commit || die "the scan could not begin"
[ "$(git rev-parse HEAD)" = "$before" ] || push || exit 70

before=$(git rev-parse HEAD)
status=0
"$budmodel" -C "$clone" scan "$@" --commit || status=$?
[ "$(git rev-parse HEAD)" = "$before" ] || push || exit 70
exit "$status"
