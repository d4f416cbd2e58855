#!/bin/sh
# Renders the layouts beside this file, repositories as people have them, and
# compares with what kustomize 5.7.1 prints: the text kept in LAYOUT/expected
# (DIR__DIR.yaml for DIR/DIR, root.yaml for the top), and, where kubectl 1.35 is
# at hand, what it prints now.
set -u
here=$(cd "$(dirname "$0")" && pwd)/layouts
real=
for k in ${KUBECTL-} kubectl /opt/peers/bin/kubectl; do
    "$k" version --client 2>/dev/null | grep -q 'Kustomize Version: v5.7.1' &&
        real=$k
done
got=$(mktemp -d) || exit 1
trap 'rm -rf "$got"' EXIT
n=0 failed=0

report() { # report STATUS NAME DIFF
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        failed=$((failed + 1))
        echo "not ok $n - $2"
        sed 's/^/# /' "$3"
    fi
}

for want in "$here"/*/expected/*.yaml; do
    layout=${want%/expected/*} name=${want##*/} name=${name%.yaml}
    dir=$(echo "$name" | sed 's|__|/|g')
    [ "$dir" = root ] && dir=.
    (cd "$layout" && "$PIPEC" render "$dir") >"$got/out" 2>"$got/err"
    diff -u "$want" "$got/out" >"$got/diff"
    status=$?
    [ $status = 0 ] || cat "$got/err" >>"$got/diff"
    report $status "${layout##*/} $dir as kept" "$got/diff"
    [ "$real" ] || continue
    (cd "$layout" && "$real" kustomize "$dir") >"$got/real" 2>/dev/null
    diff -u "$got/real" "$got/out" >"$got/diff"
    report $? "${layout##*/} $dir as kubectl prints it" "$got/diff"
done
echo "1..$n"
[ $failed = 0 ]
