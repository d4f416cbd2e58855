#!/bin/bash
# Taking back what was rolled out, and refusing it from then on: a Git remote
# as GitOps has it, and a router that is two files.
. "$(dirname "$0")/lib.sh"
export TOKEN=t0p-s3cret-token
git init -q --bare -b main ops.git
git clone -q ops.git seed 2>/dev/null
mkdir seed/prod
printf 'images:\n- name: app   # ours\n  newTag: "0"\n' >seed/prod/kustomization.yaml
(cd seed && git checkout -qb main && git add -A && git commit -qm seed && git push -q origin main)
echo 0 >weight
pipeline() { # pipeline TAG METRIC
    cat >r.pipeline <<P
environment prod { freeze "2020-01-01 00:00" until="2020-01-02 00:00" }
secret token = env("TOKEN")
commit ops environment=prod {
  repo "ops.git" branch="main" password=token
  set-image "prod", "app", "registry.example.com/app:$1"
  message "deploy $1"
}
rollout go environment=prod needs=ops {
  router exec set="[ ! -e broken ] && echo \$WEIGHT >weight && echo \$WEIGHT >>weights" get="cat weight"
  canary { weight 20% hold=300ms; weight 100% }
  analyze ok every=200ms failures=0 { exec "echo $2"; pass result >= 0.9 }
  on abort { run "echo hook: \(rollout.reason)" }
}
P
}
tag() { git --git-dir=ops.git show main:prod/kustomization.yaml | sed -n 's/.*newTag: *//p' | tr -d '"'; }
titles() { git --git-dir=ops.git log --format=%s main; }
weight_is() { [ "$(cat weight)" = "$1" ]; }
back() { "$PIPEC" rollback "$@" >log 2>&1 </dev/null; status=$?; }
commits() { git --git-dir=ops.git rev-list --count main; }

# ---- an aborted rollout -------------------------------------------------------
pipeline 1.0 1; pipe r.pipeline; ended 0 && weight_is 100 && [ "$(tag)" = 1.0 ]
ok 'a good version goes out'
echo 0 >weight
"$PIPEC" status >log; grep -q '^  go  *passed ' log; ok 'status tells of it'
pipeline 1.1 0.5; pipe r.pipeline
ended 1 aborted 'hook: analysis' && weight_is 0 && [ "$(tag)" = 1.0 ]
ok 'a bad one is taken back, in Git too'
[ "$(titles | head -1)" = 'Revert "deploy 1.1"' ]; ok 'by a revert of its commit'
had=$(commits)
pipeline 1.1 1; pipe r.pipeline
ended 1 "'app=registry.example.com/app:1.1' was rolled back in run 2: analysis 'ok' failed" --allow-rejected
ok 'the same version is refused, and why'
[ "$(commits)" = "$had" ] && weight_is 0; ok 'before anything is committed or moved'
pipe --allow-rejected r.pipeline; ended 0 && [ "$(tag)" = 1.1 ] && weight_is 100
ok 'unless it is allowed'
echo 0 >weight
pipe r.pipeline; ended 0; ok 'which lifts it, once it has proved good'
echo 0 >weight
pipeline 1.2 1; pipe r.pipeline; ended 0; ok 'another version was never refused'

# ---- afterwards -----------------------------------------------------------------
back prod --dry-run
ended 0 'prod back to before run 6' 'traffic  of go to stable, through exec' \
    'revert ' '"deploy 1.2" on main of ops.git' 'refuse   app=registry.example.com/app:1.2'
ok 'a rollback says what it would do'
weight_is 100 && [ "$(tag)" = 1.2 ]; ok 'and does not do it'
back prod --reason 'orders fail' --by ann
ended 0 && weight_is 0 && [ "$(tag)" = 1.1 ]; ok 'it brings traffic back, and reverts the commit'
git --git-dir=ops.git log -1 --format=%B main >log
says 'Revert "deploy 1.2"' 'rolled back by ann: orders fail'; ok 'with the reason in the message'
"$PIPEC" show --format json | jq -es '[.[] | select(.what == "effect")]
    | map(.effect) == ["traffic", "commit", "push"] and all(.[]; .state == "done")' >log
ok 'each effect is recorded as done'
pipe r.pipeline; ended 1 'was rolled back' 'orders fail'; ok 'the version that was rolled back is refused'
back prod; ended 0 && [ "$(tag)" = 1.0 ]; ok 'a second one goes one further back'
back prod; ended 0 && [ "$(tag)" = 0 ]; ok 'and a third'
back prod; ended 2 "nothing of 'prod' is left"; ok 'until nothing is left'
had=$(commits)
back prod --to 6; ended 0 && [ "$(tag)" = 1.2 ]; ok 'a rollback can be taken back, by naming the run'
back prod --to 1; ended 0 && [ "$(tag)" = 1.0 ]; ok 'and to any other'
back prod --to 1; ended 2 'already at what run 1 left'; ok 'once'

# ---- what may be in the way -------------------------------------------------------
pipeline 2.0 1; echo 0 >weight; pipe r.pipeline; ended 0; ok 'a next version'
git -C seed pull -q origin main
sed -i 's/2.0/2.0-hotfix/' seed/prod/kustomization.yaml
(cd seed && git commit -qam 'by hand' && git push -q origin HEAD:main)
back prod; ended 1 'was changed again since' && weight_is 0
ok 'a file that someone else has changed since is left alone; traffic is back'
back; ended 2 'which environment'; ok 'an environment has to be named'
back nosuch; ended 2 "no run did anything to 'nosuch'"; ok 'one that was never touched'
back prod --to 999; ended 2 '999'; ok 'a run that never was'
back prod --to x; ended 2 "'x' is not the number of a run"; ok 'a run that is no number'
back prod extra; ended 2; ok 'too many words'
cat >plain.pipeline <<'P'
rollout only { router exec set="echo $WEIGHT >weight" get="cat weight"; canary { weight 100% } }
P
pipe plain.pipeline; ended 0 && weight_is 100; ok 'a rollout without environment and commits'
"$PIPEC" plan plain.pipeline >log; says 'no commit, build or version= names what is rolled out'; ok 'of which the plan says that it is not refused'
back only; ended 0 'refuse   nothing' && weight_is 0; ok 'is rolled back by its own name'
"$PIPEC" show >log; says "rollback of run $(("$("$PIPEC" history --format json -n 1 | jq .run)" - 1))"; ok 'show tells whose rollback a run is'
"$PIPEC" history -n 2 >log; says 'rollback of run' 'taken back by run'; ok 'and history, of both'
"$PIPEC" history --format json -n 2 | jq -es '.[0].rollback == [.[1].run] and .[1].taken_back_by == .[0].run' >/dev/null; ok 'in JSON too'
pipe plain.pipeline; ended 0; ok 'and not refused: nothing names its version'
sed -i 's/canary/version "v7"; canary/' plain.pipeline; echo 0 >weight
pipe plain.pipeline; ended 0; ok 'a version may be named'
"$PIPEC" plan plain.pipeline >log; ! grep -q 'no commit, build' log; ok 'then the plan has nothing to say'
back only; ended 0 'refuse   v7' && weight_is 0; ok 'a rollback takes it at its word'
pipe plain.pipeline; ended 1 "'v7' was rolled back"; ok 'and it is refused'
pipe --allow-rejected plain.pipeline; ended 0; ok 'unless it is allowed'

grep -rq t0p-s3cret-token .pipec; [ $? -eq 1 ]; ok 'no secret of the commit is on disk'
sed -i 's/canary {/analyze ok { exec "echo 0"; pass result > 0 }; canary {/' plain.pipeline
pipe plain.pipeline; ended 1 aborted; ok 'when it is bad'
pipe plain.pipeline; ended 1 "'v7' was rolled back"; ok 'it is refused by that name'

# What was built is a version too, where nothing is committed.
echo one >app
cat >built.pipeline <<'P'
build image { from scratch; copy "app", "/app"; layout "app.oci" }
rollout made needs=image { router exec set="echo $WEIGHT >weight" get="cat weight"; canary { weight 100% } }
P
pipe built.pipeline; ended 0 && weight_is 100; ok 'an image that is built and rolled out'
back made; ended 0 'refuse   image@sha256:' && weight_is 0; ok 'is refused by its digest'
pipe built.pipeline; ended 1 'was rolled back'; ok 'when it is the same again'
echo two >app; pipe built.pipeline; ended 0 && weight_is 100; ok 'another one is not'

# Several runs at once: what the plan says, and nothing else.
echo 0 >weight; rm -rf .pipec
git -C seed pull -q origin main
for v in 1 2 3 4; do pipeline 3.$v 1; pipe r.pipeline; done; ended 0 && [ "$(tag)" = 3.4 ]; ok 'four versions, one after the other'
back prod --to 1 --dry-run; ended 0 'prod back to what run 1 left'
sed -n 's/^  revert   \([0-9a-f]*\) .*/\1/p' log >planned; sed -n 's/^  refuse   .*://p' log >refused
[ "$(wc -l <planned) $(tr '\n' ' ' <refused)" = '3 3.4 3.3 3.2 ' ]; ok 'going three back is planned'
git --git-dir=ops.git log --format=%H main >had
back prod --to 1; ended 0 && [ "$(tag)" = 3.1 ] && weight_is 0; ok 'and done'
git --git-dir=ops.git log --reverse --format=%B "$(head -1 had)..main" | sed -n 's/^This reverts commit \(.\{12\}\).*/\1/p' | cmp -s - planned; ok 'commit by commit, as planned'
"$PIPEC" show >log; says 'rollback of runs 4, 3 and 2'; ok 'and remembered'
for v in 2 3 4; do pipeline 3.$v 1; pipe r.pipeline; ended 1 'was rolled back' || break; done; ok 'each of them is refused'
pipeline 3.1 1; pipe r.pipeline; ended 0; ok 'but not the one that was gone back to'
pipeline 3.5 1; pipe r.pipeline; ended 0; pipeline 3.1 1; pipe r.pipeline; ended 0
back prod --to 1; ended 0 'refuse   app=registry.example.com/app:3.5' && ! grep -q 'refuse .*3.1' log && [ "$(tag)" = 3.1 ]; ok 'though a later run brought it too'
pipe r.pipeline; ended 0; ok 'it is not refused'

# ---- death --------------------------------------------------------------------------
sed -i 's/analyze[^}]*}; //; s/set="/set="echo x >>began; while [ -e slow ]; do sleep 0.1; done; /' plain.pipeline
rm -rf .pipec; echo 0 >weight; pipe plain.pipeline
touch slow; rm -f began
"$PIPEC" rollback only >log 2>&1 </dev/null & pid=$!
for _ in $(seq 200); do [ -e began ] && break; sleep 0.05; done
kids=$(pgrep -P $pid)
kill -STOP $kids; kill -9 $pid $kids 2>/dev/null; wait $pid 2>/dev/null
weight_is 100; ok 'a rollback that dies in the middle'
rm slow
"$PIPEC" resume --format plain >log 2>&1 </dev/null; status=$?
ended 0 && weight_is 0; ok 'is finished by resume'
done_testing
