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
start() { # a rollout at half of its way
    echo 0 >weight
    "$PIPEC" run r.pipeline --format plain >out 2>&1 </dev/null &
    pid=$!
    weight_is 50 && sleep 0.3
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
"$PIPEC" promote >/dev/null
wait $pid
[ $? = 0 ] && weight_is 100; ok 'a promoted one goes to its end, exit 0'
"$PIPEC" show --format json | jq -es '[.[] | select(.what == "effect" and .effect == "traffic")] | length > 0 and all(.[]; .state == "done")' >out; ok 'each change of traffic is recorded as done'
echo "1..$n"
