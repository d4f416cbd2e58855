#!/bin/bash
# Runs that are interrupted, killed, resumed, and steered from elsewhere.
set -u
PIPEC=${PIPEC:-$PWD/build/release/pipec}
work=$(mktemp -d) && cd "$work" || exit 1
trap 'rm -rf "$work"' EXIT
export NO_COLOR=1
unset GITHUB_ACTIONS GITLAB_CI
n=0
ok() {
    local code=$?
    n=$((n + 1))
    if [ $code = 0 ]; then echo "ok $n - $1"; else
        echo "not ok $n - $1"
        sed 's/^/# /' out 2>/dev/null
    fi
}
has() { grep -qF -- "$1" out; }
hasnt() { ! grep -qF -- "$1" out; }
await() { # await TEXT [FILE]: at most 20 s
    for _ in $(seq 200); do
        grep -qF -- "$1" "${2:-out}" 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}
gone() { # gone PID: it has ended, and somebody waits for it within 5 s
    for _ in $(seq 50); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    return 1
}
start() { # start ARGUMENTS...: in the background, its pid in $pid
    timeout 90 "$PIPEC" "$@" --format plain >out 2>&1 </dev/null &
    pid=$!
    sleep 0.1
}

cat >slow.pipeline <<'P'
run quick { run "echo quick-ran; touch quick.done" }
run slow needs=quick {
  run "trap 'echo tidy; exit 1' TERM; echo $$ >slow.pid; echo waiting; while :; do sleep 0.1; done"
  on failure { run "echo hook-failure" }
  always { run "echo hook-always" }
}
run later needs=slow { run "echo later-ran" }
P
start run slow.pipeline
await waiting
kill -INT "$(pgrep -P $pid)"
wait $pid 2>/dev/null
[ $? = 130 ] && has tidy && has hook-always && hasnt hook-failure && hasnt later-ran; ok 'Ctrl-C stops in order'
"$PIPEC" status | grep -q 'run 1: .*, interrupted'; ok 'and is remembered as interrupted'

cat >deaf.pipeline <<'P'
run deaf { run "trap '' TERM INT; echo waiting; while :; do sleep 0.1; done" }
P
start run deaf.pipeline
await waiting
began=$SECONDS
kill -INT "$(pgrep -P $pid)"; sleep 0.3; kill -INT "$(pgrep -P $pid)"
wait $pid 2>/dev/null
[ $? = 130 ] && [ $((SECONDS - began)) -lt 4 ]; ok 'twice, at once'

start run slow.pipeline
await waiting
kill -9 "$(pgrep -P $pid)"
wait $pid 2>/dev/null
"$PIPEC" status >out; has 'died'; ok 'a run that was killed has died'
kill "$(cat slow.pid)"
sed -i 's/while :; do sleep 0.1; done/true/' slow.pipeline
timeout 20 "$PIPEC" run slow.pipeline --format plain >/dev/null 2>&1
cat >twice.pipeline <<'P'
run once { run "echo once-ran >>trace" }
run wait needs=once { run "echo waiting; test -e go || sleep 60; echo wait-ran >>trace" }
P
rm -f trace
start run twice.pipeline
await waiting
kill -9 "$(pgrep -P $pid)"
wait $pid 2>/dev/null
touch go
timeout 30 "$PIPEC" resume --format plain >out 2>&1 </dev/null
[ $? = 0 ] && [ "$(cat trace)" = "once-ran
wait-ran" ]; ok 'resume does what had not passed, and nothing twice'
timeout 30 "$PIPEC" resume >out 2>&1; [ $? = 2 ] && has 'nothing to go on with'; ok 'a run that passed is not resumed'

cat >left.pipeline <<'P'
run left {
  run <<~SH
    if test -e first; then echo "second of $PIPEC_STAGE"; exit; fi
    echo $$ >first; echo waiting
    exec 2>/dev/null; trap 'echo >ended' TERM
    while ! test -e ended; do sleep 0.1 || true; done
  SH
}
P
start run left.pipeline
await waiting
kill -9 "$(pgrep -P $pid)"
wait $pid 2>/dev/null
kill -0 "$(cat first)" &&
    timeout 30 "$PIPEC" resume --format plain >out 2>&1 </dev/null &&
    test -e ended && has 'second of left' && has 'left running' &&
    gone "$(cat first)"
ok 'what a killed run left running is ended before it is run again'

cat >gate.pipeline <<'P'
run build { run "echo built" }
approve go-live needs=build { message "ship it?" }
run ship needs=go-live { run "echo shipped" }
P
timeout 30 "$PIPEC" run gate.pipeline --format plain >out 2>&1 </dev/null
[ $? = 3 ] && hasnt shipped; ok 'with nobody to approve, the run ends as waiting'
"$PIPEC" approve >out && has 'pipec resume'; ok 'an approval is noted'
timeout 30 "$PIPEC" resume --format plain >out 2>&1 </dev/null
[ $? = 0 ] && has shipped && hasnt built; ok 'and resume goes on behind it'
start run gate.pipeline --wait
await 'ship it?'
"$PIPEC" approve go-live --by ann >/dev/null
wait $pid 2>/dev/null
[ $? = 0 ] && has shipped && has ann; ok 'a run that waits hears an approval'
start run gate.pipeline --wait
await 'ship it?'
"$PIPEC" abort >/dev/null
wait $pid 2>/dev/null
[ $? != 0 ] && hasnt shipped; ok 'and an abort'
"$PIPEC" approve 9999 >out 2>&1; [ $? = 2 ] && has 'no run 9999'; ok 'a run that is not there is named'

mkdir full && cd full && printf 'run a { run "head -c 300000 /dev/zero; sleep 0.3; echo on" }\n' >f.pipeline
if unshare -rm true 2>/dev/null; then
    unshare -rm sh -c 'mkdir state; mount -t tmpfs -o size=200k t state; timeout 30 "$0" run f.pipeline --state state --format plain' "$PIPEC" >../out 2>&1 </dev/null
    [ $? = 4 ] && (cd .. && grep -qiE 'disk is full|No space left' out); ok 'a full disk is told, exit 4'
else
    n=$((n + 1)); echo "ok $n - # SKIP no user namespaces here"
fi
cd ..
echo "1..$n"
