#!/bin/sh
# Renders trees whose output is known from the reference itself, and compares
# byte for byte. Where the reference refuses, so must pipec: exit 1, nothing on
# stdout, and a message.
#
# A case is a folder: in/ (the tree), path (the directory to render), flags,
# and expected.yaml or error.txt. They stand in tests/kustomize/cases and,
# where that exists, in $PIPEC_SHARED/cases/kustomize (../shared beside the
# checkout). Charts are rendered by the real helm, which tests/peers brings.
set -u
here=$(cd "$(dirname "$0")" && pwd)
shared=${PIPEC_SHARED:-$here/../../../shared}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
helm=$("$here/../peers" helm) || exit 1
PATH=$(dirname "$helm"):$PATH

n=0
not_ok() { # not_ok NAME REASON
    echo "not ok $n - $1"
    echo "# $2"
    [ -s "$scratch/diff" ] && sed 's/^/# /' "$scratch/diff" | head -40
    sed 's/^/# /' "$scratch/err" | head -5
}
run() { # run CASE
    name=$(basename "$1") n=$((n + 1))
    : >"$scratch/diff"
    # shellcheck disable=SC2046 # flags are words
    (cd "$1/in" && timeout 60 "$PIPEC" render \
        "$(cat "$1/path" 2>/dev/null || echo .)" \
        $(cat "$1/flags" 2>/dev/null)) >"$scratch/out" 2>"$scratch/err"
    status=$?
    if [ -e "$1/error.txt" ]; then
        if [ $status -ne 1 ]; then not_ok "$name" "exit $status, wanted 1"
        elif [ -s "$scratch/out" ]; then not_ok "$name" "printed something"
        elif ! [ -s "$scratch/err" ]; then not_ok "$name" "no message"
        else echo "ok $n - $name is refused"; fi
    elif [ $status -ne 0 ]; then
        not_ok "$name" "exit $status, wanted 0"
    elif ! diff -u "$1/expected.yaml" "$scratch/out" >"$scratch/diff"; then
        not_ok "$name" "printed something else"
    else
        echo "ok $n - $name"
    fi
}
for c in "$here"/cases/*/ "$shared"/cases/kustomize/*/; do
    [ -d "${c}in" ] && run "${c%/}"
done
echo "1..$n"
