#!/bin/bash
# The examples as a user runs them.
. "$(dirname "$0")/lib.sh"
examples=$support/../../examples
export PIPEC_PARAM_PYTHON=/usr/bin/python3

own() { # own EXAMPLE: a repository of its own, entered
    cp -R "$examples/$1" "$work/$1" && cd "$work/$1" || exit 1
    rm -rf build run .pipec app.db
    git init -q -b main && git add -A && git commit -qm "$1"
}
for f in "$examples"/*/*.pipeline "$examples"/*/ci/*.pipeline; do
    "$PIPEC" fmt --check "$f" >"$work/log" 2>&1; ok "${f#"$examples"/} is in the usual layout"
done
[ "$(wc -l <"$examples/payments/payments.pipeline")" -le 60 ]; ok 'the payments pipeline has at most 60 lines'

awk '/^```pipeline/ { f = 1; next } /^```/ { f = 0 } f' "$examples/../README.md" >readme.pipeline
"$PIPEC" check readme.pipeline >"$work/log" 2>&1; ok 'the pipeline in the README compiles'

own ledger
pipe; ended 0 '6 passed'; ok 'ledger passes'
[ -s build/ledger.tar.gz ]; ok 'and leaves its bundle'
pipe; ended 0 'cached'; ok 'what did not change is not run again'

own migrations
pipe; ended 0 'applied 2, now at version 2' 'schema at version 2'; ok 'migrations brings the database up'
pipe; ended 0 'skipped'; ok 'and has nothing to do the second time'
echo 'this is no SQL;' >schema/003-broken.sql
pipe; ended 1 'the database is as it was'; ok 'a broken migration fails, and its hook runs'

cd "$work" || exit 1
"$examples/payments/demo/run" "$work/demo" >"$work/log" 2>&1
status=$?
ended 0 'promoted' 'aborted at its first weight' 'as it should be'; ok 'the demo: a good version promoted, a bad one taken back'
done_testing
