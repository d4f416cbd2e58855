#!/bin/sh
# The router git: weights in a repository's file, for a controller to apply.
. "$(dirname "$0")/lib.sh"
git init -q --bare -b main ops.git
git clone -q ops.git seed 2>/dev/null
mkdir seed/app
cat >seed/app/route.yaml <<'X'
# What the mesh is told.
kind: Service   # not this one
---
kind: VirtualService
spec:
  http:
  - name: main     # ünïcödé — kept
    route:
    - destination: {host: shop, subset: stable}
      weight: 100  # of the old
    - {destination: {host: shop, subset: canary}, weight: '0'} # of the new

  timeouts: &t {request: 5}
  other: *t
X
cp seed/app/route.yaml before
git -C seed add -A && git -C seed commit -qm seed && git -C seed push -q origin HEAD:main
url=file://$work/ops.git
now() { git -C ops.git show main:app/route.yaml; }
conf() { # conf FIELDS STEPS
    cat >t.pipeline <<X
rollout prod {
  router git "$url" file="app/route.yaml" document=2 $1
  canary { $2 }
  watch 200ms
}
X
}
paths='canary="spec.http[0].route[?(@.destination.subset==\"canary\")].weight" stable="spec.http[?(@.name==\"main\")].route[0].weight"'
keep="git -C $work/ops.git show main:app/route.yaml"
conf "$paths" "weight 10%; run \"$keep > ten\"; weight 100%"
pipe t.pipeline; ended 0 promoted; ok 'a rollout is promoted through a repository'
sed "s/weight: 100 /weight: 90 /; s/weight: '0'/weight: '10'/" before | cmp -s - ten; ok 'which has each weight, and is else as it was, comments and quotes too'
sed "s/weight: 100 /weight: 0 /; s/weight: '0'/weight: '100'/" before >all; now | cmp -s - all; ok 'to the end'
git -C ops.git log --format=%s main | head -1 | grep -qx 'rollout: new version at 100%'; ok 'by a commit that says so'
conf "$paths" "weight 25%; run \"false\"; weight 100%"
pipe t.pipeline; ended 1 aborted; now | cmp -s - before; ok 'an abort commits the way back'

# Somebody else commits to the same file all the time.
git clone -q ops.git theirs
cat >pusher <<'X'
#!/bin/sh
cd theirs || exit 1
i=0
while [ ! -f ../enough ]; do
    git fetch -q && git reset -q --hard origin/main
    i=$((i + 1)); echo "# line $i" >>app/route.yaml
    git commit -qam "theirs $i" && git push -q origin HEAD:main 2>/dev/null && echo $i >>../pushed
done
X
chmod +x pusher; ./pusher & pusher=$!
for _ in $(seq 200); do [ -s pushed ] && break; sleep 0.05; done
steps=
for w in 10 20 30 40 50 60 70 80 90; do steps="$steps weight $w% hold=200ms;"; done
conf "$paths" "$steps weight 100%"
pipe t.pipeline; ended 0 promoted; ok 'it is promoted while somebody else commits to that file'
: >enough; wait $pusher
now >after
[ "$(grep -c '^# line' after)" = "$(wc -l <pushed)" ] && grep -q "weight: '100'" after; ok 'and nobody loses a line'

weigh() { # weigh WEIGHT: what somebody else sets
    git -C theirs fetch -q && git -C theirs reset -q --hard origin/main
    sed -i "s/weight: '[0-9]*'/weight: '$1'/" theirs/app/route.yaml
    git -C theirs commit -qam meddle && git -C theirs push -q origin HEAD:main
}
weigh 0
cat >meddle <<X
#!/bin/sh
cd $work/theirs && git fetch -q && git reset -q --hard origin/main && sed -i "s/weight: '[0-9]*'/weight: '70'/" app/route.yaml &&
    git commit -qam meddle && git push -q origin HEAD:main
X
chmod +x meddle
conf "$paths" "weight 10%; run \"$work/meddle\"; hold 1m; weight 100%"
pipe t.pipeline; ended 1 'someone else changed the router'; now | grep -q "weight: '0'"; ok "somebody else's weight is noticed, and taken back"

# What counts is what the controller has made of it, where one can be asked.
cat >controller <<X
#!/bin/sh
git -C $work/ops.git show main:app/route.yaml | sed -n "s/.*weight: '\\([0-9]*\\)'.*/\\1/p" >$work/next; cat $work/applied; mv $work/next $work/applied
X
chmod +x controller; echo 0 >applied
conf "$paths verify=\"$work/controller\"" "weight 10%; run \"cp applied seen\"; weight 100%"
pipe t.pipeline; ended 0 promoted && [ "$(cat seen)" = 10 ]; ok 'a weight counts when the controller shows it'

conf 'canary="spec.http[0].route[5].weight"' 'weight 100%'
pipe t.pipeline; ended 1 "'app/route.yaml': path 'spec.http[0].route[5].weight' leads nowhere"; ok 'a path that leads nowhere is told'
conf 'canary="spec.http[*].route[*].weight"' 'weight 100%'
pipe t.pipeline; ended 1 'leads to 2 places'; ok 'and one that leads to several'
conf 'canary="spec.http[0].name"' 'weight 100%'
pipe t.pipeline; ended 1 "is no number"; ok 'and one that leads to no number'
conf 'canary="spec.other.request"' 'weight 100%'
pipe t.pipeline; ended 1 'cannot be changed alone'; ok 'and one that stands for others too'
conf "canary=\"spec.timeouts.request\" branch=\"none\"" 'weight 100%'
pipe t.pipeline; ended 1 "none"; ok 'a branch that is not there is told'
sed 's|app/route|app/none|' t.pipeline >u.pipeline; sed -i 's/branch="none"//' u.pipeline
pipe u.pipeline; ended 1 "no file 'app/none.yaml' on main"; ok 'and a file'
done_testing
