#!/bin/bash
# Whatever dies in the middle of a rollout: traffic ends on stable.
set -u
PIPEC=$(readlink -f "${PIPEC:-build/release/pipec}")
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
cat >r.pipeline <<'P'
environment prod { branch "main" }
rollout prod environment=prod {
  router exec set="echo $WEIGHT >weight; echo $WEIGHT >>weights" get="cat weight"
  canary { weight 10%; weight 50% hold=60s; weight 100% }
  on abort { run "echo hook-abort" }
}
P
git init -q -b main . && git -c user.name=t -c user.email=t@example.com commit -q --allow-empty -m x
mine() { # pids of pipec $1 that work here
    for p in $(pgrep -f "pipec $1"); do
        [ "$(readlink "/proc/$p/cwd")" = "$PWD" ] &&
            [ "$(readlink "/proc/$p/exe")" = "$PIPEC" ] && echo "$p"
    done
}
weight_is() { # weight_is N: within 20 s
    for _ in $(seq 200); do
        [ "$(cat weight 2>/dev/null)" = "$1" ] && return 0
        sleep 0.1
    done
    return 1
}
told() { # told N: the router took that weight, and the run knows
    weight_is "$1" && for _ in $(seq 200); do
        grep -q "weight $1%" out && sleep 0.3 && return
        sleep 0.1
    done
    return 1
}
start() { # a rollout at half of its way
    echo 0 >weight; rm -f weights
    "$PIPEC" run r.pipeline --format plain >out 2>&1 </dev/null &
    pid=$!
    told 50
}

start; ok 'the canary gets half of the traffic'
kill -9 $(pgrep -P $pid)
wait $pid
[ $? = 1 ] && weight_is 0 && grep -q hook-abort out; ok 'its worker dies: another one brings traffic back'

start
kill -9 $pid
wait $pid 2>/dev/null
weight_is 0; ok 'the supervisor dies: the worker brings traffic back'
"$PIPEC" status >out; grep -q died out; ok 'and the run is known to have died'

start
kids=$(pgrep -P $pid)
kill -STOP $kids # it must not notice
kill -9 $pid $kids
wait $pid 2>/dev/null
[ "$(cat weight)" = 50 ]; ok 'both die: nobody is there to bring it back'
timeout 60 "$PIPEC" resume --format plain >out 2>&1 </dev/null
[ $? = 1 ] && weight_is 0; ok 'resume brings it back'

start
kill -TERM $pid # the shell has made it deaf to INT
wait $pid
[ $? = 130 ] && weight_is 0; ok 'an interrupted one brings it back, exit 130'

start
"$PIPEC" abort >/dev/null
wait $pid
[ $? = 1 ] && weight_is 0; ok 'an aborted one brings it back, exit 1'

start
"$PIPEC" abort --reason 'orders fail' --by ann >/dev/null
wait $pid
[ $? = 1 ] && grep -q 'aborted by ann: orders fail' out; ok 'and says why'

start
"$PIPEC" promote >/dev/null
wait $pid
[ $? = 0 ] && weight_is 100; ok 'a promoted one goes on, exit 0'
sed -i 's/weight 50% hold=60s/weight 50% hold=60s; hold 60s; weight 60% hold=60s/' r.pipeline
start
"$PIPEC" promote --full >/dev/null
wait $pid
[ $? = 0 ] && weight_is 100 && ! grep -q 60 weights; ok 'with --full to its end at once'
sed -i 's/; hold 60s; weight 60% hold=60s//' r.pipeline
"$PIPEC" show --format json | jq -es '[.[] | select(.what == "effect" and .effect == "traffic")] | length > 0 and all(.[]; .state == "done")' >out; ok 'each change of traffic is recorded as done'

# ---- going on instead -----------------------------------------------------------
sed -e 's/hold=60s/hold=4s/; s/on abort.*/on crash resume/' r.pipeline >on.pipeline
go_on() { # as start, of on.pipeline
    echo 0 >weight; rm -f weights
    "$PIPEC" run on.pipeline --format plain >out 2>&1 </dev/null &
    pid=$!
    told 50
}
in_order() { [ "$(tr '\n' ' ' <weights)" = '10 50 100 ' ] || { echo "# $(tr '\n' ' ' <weights)"; false; }; }
go_on
kill -9 $(pgrep -P $pid)
wait $pid
[ $? = 0 ] && in_order; ok 'on crash resume: another worker goes on, and sets nothing twice'
go_on
kids=$(pgrep -P $pid)
kill -STOP $kids
kill -9 $pid $kids
wait $pid 2>/dev/null
timeout 120 "$PIPEC" resume --format plain >out 2>&1 </dev/null
[ $? = 0 ] && in_order; ok 'and so does resume, when both died'

# ---- what it leans on goes away ---------------------------------------------------
cat >m.pipeline <<'P'
rollout prod {
  router exec set="[ ! -e broken ] && echo $WEIGHT >weight" get="[ ! -e broken ] && cat weight"
  canary { weight 50% hold=60s; weight 100% }
  watch 200ms
  analyze ok every=100ms { exec "cat rate"; pass result > 0; no-data hold for=1s }
}
P
begin() { # begin: m.pipeline, when it has been measured
    echo 0 >weight; echo 1 >rate
    "$PIPEC" run m.pipeline --format plain >out 2>&1 </dev/null &
    pid=$!
    for _ in $(seq 600); do grep -q 'ok passed' out && return; sleep 0.05; done
    return 1
}
begin; rm rate; wait $pid
[ $? = 1 ] && weight_is 0 && grep -q 'could not be measured 5 times' out; ok 'what measures goes away: errors, and back'
begin; : >rate; wait $pid
[ $? = 1 ] && weight_is 0; ok 'it answers nothing'
begin; touch broken
for _ in $(seq 600); do grep -q aborting out && break; sleep 0.05; done
[ "$(cat weight)" = 50 ] && grep -q 'the router did not answer' out; ok 'the router goes away: that aborts'
rm broken; wait $pid
[ $? = 1 ] && weight_is 0; ok 'and brings traffic back once it is there again'

echo 0 >weight; echo 1 >rate; rm -rf .pipec
sed -i 's/every=100ms/every=20ms/' m.pipeline
(trap '' XFSZ; ulimit -f 700; exec timeout 120 "$PIPEC" run m.pipeline --format plain) >out 2>&1 </dev/null
[ $? = 4 ] && weight_is 0; ok 'the disk is full: traffic goes back all the same, exit 4'
echo 50 >weight # whatever happened since
timeout 60 "$PIPEC" resume --format plain >out 2>&1 </dev/null
[ $? = 1 ] && weight_is 0; ok 'and resume finds out'

# ---- a clock that jumps -------------------------------------------------------------
cat >clock.c <<'C'
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
    long r = syscall(SYS_clock_gettime, id, t), by = 0;
    FILE *f = id == CLOCK_REALTIME ? fopen("jump", "r") : NULL;
    if (f && fscanf(f, "%ld", &by) == 1)
        t->tv_sec += by;
    if (f)
        fclose(f);
    return (int)r;
}
C
if cc -shared -fPIC -o clock.so clock.c 2>/dev/null; then
    sed -i 's/every=20ms/every=200ms/; s/hold=60s/hold=3s/' m.pipeline
    for by in 86400 -86400; do
        rm -f jump weights; echo 0 >weight
        LD_PRELOAD=$PWD/clock.so ASAN_OPTIONS=verify_asan_link_order=0 timeout 120 "$PIPEC" run m.pipeline --format plain >out 2>&1 </dev/null &
        pid=$!
        weight_is 50; began=$(date +%s)
        echo $by >jump
        wait $pid
        [ $? = 0 ] && weight_is 100 && [ $(($(date +%s) - began)) -ge 2 ]
        ok "the clock jumps by $by s: the hold is as long as it was"
    done
fi
echo "1..$n"
