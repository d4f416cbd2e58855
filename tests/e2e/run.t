#!/bin/bash
# pipec run: what happens to stages, their output and their processes.
set -u
PIPEC=${PIPEC:-$PWD/build/release/pipec}
work=$(mktemp -d) && cd "$work" || exit 1
trap 'rm -rf "$work"' EXIT
export NO_COLOR=1
unset GITHUB_ACTIONS GITLAB_CI
n=0
ok() { # ok NAME: the last command's status
    local code=$?
    n=$((n + 1))
    if [ $code = 0 ]; then echo "ok $n - $1"; else
        echo "not ok $n - $1"
        sed 's/^/# /' out 2>/dev/null
    fi
}
run() { # run FILE ARGUMENTS...: output in out, status in code
    timeout 60 "$PIPEC" run "$@" --format plain >out 2>&1 </dev/null
    code=$?
}
has() { grep -qF -- "$1" out; }
hasnt() { ! grep -qF -- "$1" out; }

cat >chain.pipeline <<'P'
run lint { run "echo linting"; run ["echo", "$HOME  two"] }
run test needs=lint { run "echo about to fail; exit 3" }
run deploy needs=test { run "echo deployed" }
run other { run "echo other" }
P
run chain.pipeline -j1
[ $code = 1 ] && has 'lint | $HOME  two' && hasnt 'deployed'; ok 'a failure fails the run'
has 'deploy | skipped: test failed:' && has 'ended with exit code 3'; ok 'a skip says the whole chain'
run chain.pipeline -k
[ $code = 1 ] && has 'other | other'; ok 'keep-going runs what does not depend on the failure'
run chain.pipeline --only lint,other
[ $code = 0 ] && hasnt 'test |'; ok '--only runs just these'
run chain.pipeline --until lint
[ $code = 0 ] && hasnt 'other |'; ok '--until runs what comes before'
run chain.pipeline --only nope
[ $code = 2 ] && has "no stage 'nope'"; ok 'a stage that is not there is named'

cat >children.pipeline <<'P'
run background { run "sleep 5 & echo started" }
run closes     { run "exec >&- 2>&-; sleep 0.5; exit 4"; optional }
run stubborn   { run "trap '' TERM; sleep 61.73 & sleep 61.73"; timeout 300ms; optional }
P
start=$SECONDS
run children.pipeline -j3
[ $code = 0 ] && [ $((SECONDS - start)) -lt 20 ]; ok 'no child holds the run up'
has 'passed in' && has ': 1 passed, 2 failed but optional'; ok 'a failure that is optional is told apart'
has 'started' && has 'timed out after 300ms' && has 'exit code 4'; ok 'each ends as it should'
! pgrep -f 'sleep 61[.]73' >/dev/null; ok 'a timeout leaves no process of its group behind'

cat >hooks.pipeline <<'P'
run a { run "echo from a; echo $$ >pids"; after { lua "seen = 1; string.rep = nil; print = nil" } }
run b needs=a { dir "/tmp"; run "echo from b"; after { lua "assert(not pcall(function() return seen end) and string.rep('x', 2) == 'xx')" } }
run c needs=b { run "printf 'no end'; sleep 1.57 & exit 0"; after { lua "ctx.log('left one')" } }
run d needs=c { run "kill -9 $PPID"; after { lua "" }; optional }
run e needs=c { run "pwd"; after { lua "ctx.log('in e')" } }
run f needs=e { run "exit 3"; on failure { lua "ctx.log(stage.error)" } }
P
run hooks.pipeline -j1
[ $code = 1 ] && has 'b | from b' && has "f | 'exit 3': exit code 3" &&
    has 'e | in e' && has "e | $PWD" && has 'c | no end'; ok 'stages with hooks do not meet in their process'
has 'd | failed' && [ "$("$PIPEC" logs a --raw)" = 'from a' ]; ok 'what one prints is its own'

cat >secret.pipeline <<'P'
secret token = env("TOKEN")
secret word  = exec("echo noise >&2; echo 'pass word'")
run show {
  env { T token; W word }
  run "printf '%s' \"$T\" | base64; echo \"[$T] [$W]\"; printf '%.6s' \"$T\"; sleep 0.1; printf '%s\\n' \"$T\" | tail -c +7"
}
P
TOKEN=hunter2-secret run secret.pipeline
[ $code = 0 ] && has '[***] [***]' && hasnt 'hunter2-secret' && hasnt "$(printf hunter2-secret | base64)"; ok 'secrets are masked, cut or encoded'
! grep -rqa 'hunter2-secret' .pipec; ok 'and are nowhere in the store'
cat >inside.pipeline <<'P'
secret token = env("TOKEN")
run a { env { AUTH "Bearer \(token)" }; run 'test "$AUTH" = "Bearer $TOKEN" && echo "sent $AUTH"' }
P
TOKEN=hunter2-secret run inside.pipeline
[ $code = 0 ] && has 'sent Bearer ***' && hasnt 'hunter2-secret'; ok 'a secret inside a text is filled in, and masked'
(unset TOKEN; run secret.pipeline; [ $code != 0 ] && has 'TOKEN'); ok 'a secret that is not there is named'

cat >retry.pipeline <<'P'
run flaky { run "n=$(cat n 2>/dev/null || echo 0); echo $((n+1)) >n; [ $n -ge 2 ]"; retry 3 backoff=50ms factor=2 }
run hooks {
  before { run "echo hook-before" }
  run "exit 5"
  on failure { run "echo hook-failure" }
  on success { run "echo hook-success" }
  always { run "echo hook-always" }
  optional
}
P
run retry.pipeline
[ $code = 0 ] && [ "$(cat n)" = 3 ]; ok 'a stage is tried again until it passes'
has hook-before && has hook-failure && has hook-always && hasnt hook-success; ok 'hooks run by how it went'

cat >lock.pipeline <<'P'
run a { lock "x"; run "test ! -e held; touch held; sleep 0.3; rm held" }
run b { lock "x"; run "test ! -e held; touch held; sleep 0.3; rm held" }
P
timeout 60 "$PIPEC" run lock.pipeline --format plain >out2 2>&1 </dev/null & other=$!
run lock.pipeline
wait $other && [ $code = 0 ]; ok 'a lock is held by one stage of all runs'

mkdir src && echo 1 >src/a
cat >cache.pipeline <<'P'
run gen { inputs "src/**"; outputs "gen/*"; run "mkdir -p gen; cp src/a gen/b; echo RAN" }
P
run cache.pipeline; has RAN; ok 'a stage with inputs runs once'
rm -r gen; run cache.pipeline; hasnt RAN && [ "$(cat gen/b)" = 1 ]; ok 'unchanged, its outputs are put back'
echo 2 >src/a; run cache.pipeline; has RAN && [ "$(cat gen/b)" = 2 ]; ok 'one changed byte runs it again'

cat >freeze.pipeline <<'P'
environment cold { branch "main"; freeze "2020-01-01 00:00" until="2999-01-01 00:00" zone="UTC" }
environment warm { branch "main"; freeze "2020-01-01 00:00" until="2020-01-02 00:00" zone="UTC" }
run a environment=cold { retry 5 backoff=1h; run "echo into-cold" }
run b environment=warm { run "echo into-warm" }
P
git init -q -b main . && git -c user.name=t -c user.email=t@example.com commit -q --allow-empty -m x
run freeze.pipeline -k
[ $code = 1 ] && hasnt into-cold && has 'frozen until 2999-01-01 00:00' && has into-warm; ok 'a freeze lets nothing in while it lasts'

mkdir bin && printf '#!/bin/sh\necho "client $*; TOK=$TOK"\n' >bin/docker && chmod +x bin/docker
cat >box.pipeline <<'P'
run a { container "python:3.12"; env { TOK "a b" }; run ["python", "-V"] }
P
PATH=$PWD/bin:$PATH run box.pipeline
has "--workdir $PWD --env PIPEC_RUN --env TOK python:3.12 python -V; TOK=a b"; ok 'a container runs the command in its place'
cat >>box.pipeline <<'P'
test b { container "python:3.13"; env { TOK "c" }; dir "sub"; run "make" }
scan c { container "lint:1"; sarif "c.sarif" from=["lint", "--sarif"] }
run d {
  container "tools:2"
  run "true"
  after { lua "ctx.exec { 'cat', stdin = 'x', env = { OWN = '1' } }" }
}
P
mkdir -p sub
PATH=$PWD/bin:$PATH run box.pipeline -k
has "--workdir $PWD/sub --env PIPEC_RUN --env TOK python:3.13 sh -euc make; TOK=c" && has "$PWD --env PIPEC_RUN --env OWN tools:2 cat" && has --interactive
ok 'and what Lua starts'
"$PIPEC" show --format json >out; grep -q "'lint --sarif' exited with 0 and wrote no 'c.sarif'" out; ok 'a scanner too'

cat >gone.pipeline <<'P'
run a { run "yes | head -100000; sleep 0.2" }
run b needs=a { run "touch gone.done" }
P
rm -f gone.done; "$PIPEC" run gone.pipeline --format plain 2>out </dev/null | head -1 >/dev/null
[ "${PIPESTATUS[0]}" = 0 ] && [ -e gone.done ]; ok 'a reader that goes away stops nothing'

echo >nofolder; "$PIPEC" run gone.pipeline --state nofolder >out 2>&1 </dev/null
[ $? = 4 ] && has "nofolder': it is no folder"; ok 'a store that cannot be is named'

cat >order.pipeline <<'P'
run mixed { run "for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done" }
P
run order.pipeline
"$PIPEC" logs --raw >got
printf 'out%s\nerr%s\n' 1 1 2 2 3 3 4 4 5 5 | cmp -s - got; ok 'stdout and stderr keep their order'
cat >long.pipeline <<'P'
run long { run "head -c 100000000 /dev/zero | tr '\\0' x; printf end" }
P
run long.pipeline
[ "$("$PIPEC" logs --raw | wc -c)" = 100000003 ] && [ "$("$PIPEC" logs --raw | tail -c 3)" = end ]; ok 'a line of 100 MB arrives whole'

"$PIPEC" run chain.pipeline --format json 2>&1 </dev/null | jq -es '(map(.seq) == [range(1; length + 1)]) and .[0].event == "run.started" and .[-1].result == "failed" and .[-1].cause.stage == "test"' >out; ok '--format json is one event a line, numbered'
"$PIPEC" history --format json | jq -es '.[0].result == "failed"' >out; ok 'history has the run'
"$PIPEC" status --format json | jq -e '.stages | map(select(.state == "passed")) | length >= 1' >out; ok 'status has its stages'
"$PIPEC" show --format json | jq -es 'any(.[]; .what == "attempt" and .stage == "test" and .code == 3)' >out; ok 'show has the exit code'

"$PIPEC" plan chain.pipeline --out saved.json >out 2>&1
run saved.json; [ $code = 1 ] && has 'lint | passed'; ok 'a saved plan runs'
echo '# changed' >>chain.pipeline
run saved.json; [ $code = 2 ] && has "chain.pipeline"; ok 'and is refused when its file changed'
cat >tell.pipeline <<'P'
run plain { run "exit 3"; before { run "echo before \(stage.kind)" }; on failure { run "echo \(stage.name): \(stage.error)" } }
run lua { run "exit 4"; on failure { notify "\(stage.id): \(stage.error)" } }
build im {
  from scratch; layout "im.oci"
  on success { notify "\(im.size < 1Mi ? "small" : "large") \(stage.kind) [\(stage.error)]" }
}
run late when=im.size < 1Mi { run "exit 5"; on failure { notify "late \(im.size < 1Mi) \(stage.error)" } }
P
run tell.pipeline -k
has "before run" && has "plain: 'exit 3' ended with exit code 3" && has "lua: 'exit 4': exit code 4"; ok 'hooks know their stage and why it failed'
has 'small build []' && has "late true 'exit 5': exit code 5"; ok 'and what it gave'
cat >parts.pipeline <<'P'
define service(dir: path) { run unit { run "echo unit \(dir)" }; run pack needs=unit { run "echo pack \(dir)" } }
service api dir="a"
service apis dir="b"
P
run parts.pipeline --only api
[ $code = 0 ] && has 'pack a' && hasnt 'unit b'; ok '--only takes an instance of a definition'
run parts.pipeline --only opqr.tinu
[ $code = 2 ] && has "no stage 'opqr.tinu'" && hasnt 'did you mean'; ok 'what is far off is not suggested'
echo "1..$n"
