#!/bin/bash
# A saved plan runs as it was reviewed, or names the fact that changed.
. "$(dirname "$0")/lib.sh"
plan() { "$PIPEC" plan "$@" --out plan.json >log 2>&1 || cat log; }
refused() { # refused TEXT...: the plan is, and says so; nothing ran
    pipe plan.json "${args[@]}" && args=()
    ended 2 "plan again" "$@" && [ ! -e ran ]
}
args=()

mkdir bin && printf '#!/bin/sh\ntouch ran\n' >bin/lint && chmod +x bin/lint
PATH=$PWD/bin:$PATH
git init -q -b main . && echo 1 >version && mkdir src && echo x >src/a
printf 'bin\nlog\nplan.json\nran\n.pipec\n' >.gitignore
cat >t.pipeline <<'P'
param level: int = 1
param wait: duration = 1s
let version = trim(file("version"))
let files = join(glob("src/*"), " ")
run a { run "lint \(level) \(wait) \(version) \(files) \(git.short) \(env("STAGE", "none"))" }
P
git add . && git commit -qm one
plan t.pipeline --param level=2; pipe plan.json; ended 0 && [ -e ran ]; ok 'what is as it was runs'
rm ran
echo '# more' >>t.pipeline; refused "the content of file 't.pipeline'"; ok 'a changed pipeline is named'
plan t.pipeline --param level=2
echo 2 >version; refused "the content of file 'version'"; ok 'a file that was read'
rm version; refused "the content of file 'version' is gone"; ok 'one that is gone'
echo 1 >version
touch src/b; refused "what matches 'src/*'"; ok 'what a glob found'
rm src/b
git commit -qam two; refused "git's 'sha' changed since the plan was made, from '"; ok 'the commit'
plan t.pipeline --param level=2
export STAGE=live; refused "the variable 'STAGE'"; ok 'a variable that was not there'
plan t.pipeline --param level=2
STAGE=test refused "the variable 'STAGE'"; ok 'and one that changed'
args=(--param level=3); refused "the param 'level' changed since the plan was made, from '2' to '3'"; ok 'a param of another value'
args=(--param wait=1s); refused "the param 'wait' was not given when"; ok 'a param that the plan was made without'
PIPEC_PARAM_LEVEL=4 refused "the param 'level' changed since the plan was made, from '2' to '4'"; ok 'a param in the environment'
pipe plan.json --param level=2; ended 0; ok 'a param of the same value is none'
rm -f ran
printf '#!/bin/sh\ntouch ran # of another version\n' >bin/lint
refused "the program 'lint' changed since the plan was made, from '$work/bin/lint, 20 bytes, written " "to '$work/bin/lint, 41 bytes, written "; ok 'a tool of another version'
rm bin/lint; refused "the program 'lint' is gone since"; ok 'a tool that is gone'
printf 'run a { run "true"; after { lua "hooks.lua" call=tell } }\n' >h.pipeline
echo 'return { tell = function() end }' >hooks.lua
plan h.pipeline; pipe plan.json; ended 0; ok 'a plan with a hook in a file runs'
echo '-- more' >>hooks.lua; refused "the content of file 'hooks.lua'"; ok 'unless the hook changed'
plan h.pipeline; git commit -q --allow-empty -m three
refused "git's 'sha'"; ok 'a plan is of a commit, though it does not say so'
done_testing
