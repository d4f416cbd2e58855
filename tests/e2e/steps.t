#!/bin/bash
# Commands as steps of a rollout: it goes on being measured and steered
# meanwhile, and takes them along when it ends.
. "$(dirname "$0")/lib.sh"
roll() { # roll STEP [MORE]: a rollout with that step at 10%
    cat >r.pipeline <<P
rollout prod {
  router exec set="echo \$WEIGHT >weight" get="cat weight"
  canary { weight 10%; $1; weight 100% }
  analyze ok every=100ms failures=0 { exec "cat rate"; pass result >= 0.9 }
  ${2:-}
}
P
    echo 0 >weight; echo 1 >rate; rm -f up ended pid
}
weight_is() { [ "$(cat weight)" = "$1" ]; }
comes() { for _ in $(seq 600); do [ -e "$1" ] && return; sleep 0.05; done; echo "# no $1"; return 1; }
gone() { for _ in $(seq 600); do kill -0 "$(cat pid)" 2>/dev/null || return 0; sleep 0.05; done; echo '# still there'; return 1; }
begin() { "$PIPEC" run --format plain r.pipeline >log 2>&1 </dev/null & run=$!; comes up; }
end() { wait "$run"; status=$?; }
long='echo $$ >pid; echo >up; while [ ! -e ended ]; do sleep 0.1 || :; done'

roll "run <<~'SH'
    $long
SH
"
begin; sleep 0.5; echo >ended; end
ended 0 promoted && weight_is 100; ok 'a command is waited for'
[ "$(grep -c 'ok passed' log)" -ge 3 ]; ok 'and the rollout measured meanwhile'
roll "run <<~'SH'
    trap 'echo >ended; exit' TERM; $long
SH
"
begin; echo 0.5 >rate; end
ended 1 "analysis 'ok' failed" && weight_is 0; ok 'a bad version aborts in the middle of it'
comes ended && gone; ok 'and ends it'
roll "run <<~'SH'
    trap '' TERM; $long
SH
"
begin; "$PIPEC" abort >/dev/null
for _ in $(seq 80); do weight_is 0 && break; sleep 0.05; done
weight_is 0 && kill -0 "$(cat pid)"; ok 'a command that will not end holds no traffic up'
end; ended 1 'aborted by' && gone; ok 'and is killed in the end'
roll "run <<~'SH' timeout=300ms
    $long
SH
"
begin; end; ended 1 && weight_is 0 && gone; ok 'one that takes too long is ended'
roll 'run "exit 3"'; pipe r.pipeline
ended 1 'exited with 3' && weight_is 0; ok 'one that fails aborts'
roll "run 'kill -9 \$PPID'"; pipe r.pipeline
ended 1 aborted && weight_is 0; ok 'its process may die'
roll "lua <<~LUA
    local r = ctx.effect('http', 'call', {}, function() return { n = 7 } end)
    ctx.log('effect gave %d', r.n)
    ctx.log('said %s', ctx.wait { ['for'] = 'approval', what = 'the step' }.action)
  LUA
"
"$PIPEC" run --wait --format plain r.pipeline >log 2>&1 </dev/null & run=$!
for _ in $(seq 600); do grep -q 'effect gave 7' log && break; sleep 0.05; done
"$PIPEC" approve >/dev/null; end
ended 0 'effect gave 7' 'said approve' promoted; ok 'Lua in a step has effects, and may ask'
"$PIPEC" show --format json | jq -es '[.[] | select(.what == "effect" and .effect == "http")] | length == 1 and .[0].state == "done"' >log
ok 'which are on record'
roll 'lua "error(\"no good\")"'; pipe r.pipeline; ended 1 'no good' && weight_is 0; ok 'its error aborts'
roll "run <<~'SH'
    $long
SH
"
begin; kill -9 $run; wait $run 2>/dev/null
gone && for _ in $(seq 200); do weight_is 0 && break; sleep 0.1; done; weight_is 0
ok 'the supervisor dies: the command ends, traffic is back'
# What holds it is told, and who let it go on.
roll 'hold 2s' ''
sed -i 's/failures=0 {/failures=0 { on failed hold;/' r.pipeline
echo 0 >rate; "$PIPEC" run --format plain r.pipeline >log 2>&1 </dev/null & run=$!
for _ in $(seq 600); do "$PIPEC" status >state 2>/dev/null; grep -q 'is held: analysis' state && break; sleep 0.05; done
grep -q "is held: analysis 'ok' failed" state; ok 'status tells what holds a rollout'
echo 1 >rate; "$PIPEC" resume --by ann >/dev/null
wait "$run"; status=$?
ended 0 promoted 'resume: asked by ann'; ok 'and who asked it to go on is told'
done_testing
