#!/bin/sh
# The kinds that need no server: test, scan, build, render, commit, hooks.
. "$(dirname "$0")/lib.sh"

# ---- test ----------------------------------------------------------------
cat >good.xml <<'X'
<?xml version="1.0"?><testsuites><testsuite name="s">
<testcase classname="c" name="one" time="0.5"/>
<testcase classname="c" name="two"><skipped message="later"/></testcase>
<testcase classname="c" name="three"><flakyFailure message="once"/></testcase>
</testsuite></testsuites>
X
cat >bad.xml <<'X'
<testsuite name="s"><testcase classname="c" name="breaks">
<failure message="boom &lt;3">trace of it</failure></testcase></testsuite>
X
cat >retry.xml <<'X'
<testsuite><testcase classname="c" name="again"><failure/></testcase>
<testcase classname="c" name="again"/></testsuite>
X
printf '<testsuite/>' >empty.xml
printf '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite>&a;</testsuite>' >bomb.xml
printf '<testsuite><testcase' >cut.xml
try() { # try BLOCK: a test stage with that block
    printf 'test unit { run "true"\n%s\n}\n' "$1" >t.pipeline
    pipe t.pipeline
}
try 'junit "good.xml"'; ended 0 'flaky: c / three'; ok 'good cases pass, the flaky one is named'
try 'junit "bad.xml"'; ended 1 'c / breaks: boom <3' '1 test failed'; ok 'a failed case is named with its message'
try 'junit "retry.xml"'; ended 0 'flaky: c / again'; ok 'a case that failed and then passed is flaky'
try 'junit "retry.xml"; flaky fail'; ended 1 '1 test flaky'; ok 'flaky cases can fail the stage'
try 'junit "empty.xml"'; ended 1 'holds no test case'; ok 'a report without a case fails'
try 'junit "no-*.xml"'; ended 1 "there is no report 'no-*.xml'"; ok 'a missing report fails'
try 'junit "bomb.xml"'; ended 1 'declares an entity'; ok 'a report with entities is refused'
try 'junit "cut.xml"'; ended 1 "'cut.xml': line 1"; ok 'a report cut short is named with its line'
printf 'test unit { run "exit 7"; junit "bad.xml" }\n' >t.pipeline
pipe t.pipeline; ended 1 'c / breaks' '1 test failed'; ok 'the report is read though the command failed'

printf '<coverage lines-valid="200" lines-covered="150"/>' >cobertura.xml
cat >rates.xml <<'X'
<coverage line-rate="0.5"><packages><package><classes><class><methods><method><lines>
<line number="1" hits="0"/></lines></method></methods><lines>
<line number="1" hits="1"/><line number="2" hits="0"/><line number="3" hits="5"/><line number="4" hits="2"/></lines>
</class></classes></package></packages></coverage>
X
cat >jacoco.xml <<'X'
<report name="r"><package name="p"><counter type="LINE" missed="90" covered="1"/></package>
<counter type="BRANCH" missed="5" covered="5"/><counter type="LINE" missed="25" covered="75"/></report>
X
printf 'TN:\nSF:a.c\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\nSF:b.c\nLF:2\nLH:2\nend_of_record\n' >lcov.info
for f in cobertura.xml rates.xml jacoco.xml lcov.info; do
    try "coverage \"$f\" min=75%"; ended 0 'coverage 75%'; ok "coverage of $f is 75 %"
    try "coverage \"$f\" min=76%"; ended 1 'coverage of 75% is below 76%'; ok "$f below the floor fails"
done
try 'coverage "jacoco.xml" branches=60%'; ended 1 'branch coverage of 50% is below 60%'; ok 'branches have a floor of their own'

# ---- scan ----------------------------------------------------------------
cat >found.sarif <<'X'
{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"flaw","rules":[
 {"id":"R1","defaultConfiguration":{"level":"note"}}]}},"results":[
 {"ruleId":"R1","message":{"text":"small"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.c"},"region":{"startLine":3}}}]},
 {"ruleId":"R2","level":"error","message":{"text":"hidden"},"suppressions":[{"kind":"inSource"}]},
 {"ruleId":"R3","level":"warning","message":{"text":"middle"}}]}]}
X
printf 'scan x { sarif "out.sarif" from="cat found.sarif"; report "all.sarif" }\n' >t.pipeline
pipe t.pipeline; ended 0 'a.c:3' 'small' 'middle'; ok 'what a command prints as SARIF is read'
grep -q hidden log; [ $? -eq 1 ]; ok 'suppressed findings do not count'
grep -q '"ruleId":"R3"' all.sarif; ok 'all findings are written to one SARIF file'
printf 'scan x { sarif "found.sarif" fail-on=warning }\n' >t.pipeline
pipe t.pipeline; ended 1 '1 finding at or above'; ok 'fail-on decides'
printf 'scan x { sarif "found.sarif" fail-on=warning; ignore "R3" }\n' >t.pipeline
pipe t.pipeline; ended 0; ok 'an ignored rule does not count'
printf 'scan x { sarif "none.sarif" from="echo no; exit 3" }\n' >t.pipeline
pipe t.pipeline; ended 1 'exited with 3'; ok 'a tool that wrote nothing fails, with its exit code'

git init -q src && cd src || exit 1
key=AKIA; printf 'k = "%sQ2BX7W3LMN5TRYZ4"\n' "$key" >conf.py
printf 'k = "%sQ2BX7W3LMN5TRYZ5" # pipec:allow-secret\n' "$key" >waived.py
printf 'password = "please-change-me-now"\n' >words.py
printf 'conf2.py\n' >.gitignore; cp conf.py conf2.py
printf 'scan s { secrets }\n' >t.pipeline
pipe t.pipeline; ended 1 'conf.py:1' 'aws-access-key'; ok 'a key in a file is found'
grep -q 'conf2\|waived\|words' "$work/log"; [ $? -eq 1 ]
ok 'ignored files, waived lines and plain words are not'
rm conf.py; pipe t.pipeline; ended 0; ok 'without the key it passes'
cd "$work" || exit 1

mkdir -p k8s
cat >k8s/kustomization.yaml <<'X'
resources: [app.yaml]
images:
- name: app   # ours
  newTag: "1"
X
cat >k8s/app.yaml <<'X'
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 2
  template:
    spec:
      securityContext: {runAsNonRoot: true}
      containers:
      - name: app
        image: app
        readinessProbe: {httpGet: {path: /, port: 80}}
        livenessProbe: {httpGet: {path: /, port: 80}}
        resources: {limits: {memory: 64Mi}, requests: {cpu: 10m, memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false}
X
printf 'scan kube { manifests "k8s" }\n' >t.pipeline
pipe t.pipeline; ended 0 '0 findings'; ok 'sound manifests have no finding'
sed -i '/runAsNonRoot/d; /limits/d; s/newTag: "1"/newTag: latest/' k8s/kustomization.yaml k8s/app.yaml
pipe t.pipeline; ended 1 'may run as root' 'no memory limit' 'whatever is latest'
ok 'root, limits and tags are looked at after rendering'
sed -i 's/newTag: latest/newTag: "1"/' k8s/kustomization.yaml

# ---- build, render, commit -------------------------------------------------
git init -q --bare -b main ops.git
git clone -q ops.git seed 2>/dev/null && cp -R k8s seed/
(cd seed && git checkout -qb main && git add -A && git commit -qm seed && git push -q origin main)
echo binary >server; chmod 755 server
cat >t.pipeline <<'X'
build slim {
  from scratch
  copy "server", "/srv/server" mode=0755
  entrypoint ["/srv/server"]
  layout "slim.oci"
  tag "registry.example.com/team/app:1.2"
  sbom cyclonedx
}
render prod { kustomize "k8s"; set-image "app", slim.ref; output "out/prod.yaml" }
commit ops {
  repo "ops.git" branch="main"
  set-image "k8s", "app", slim.ref
  copy prod.path, "rendered/prod.yaml"
  message "deploy \(slim.ref)"
}
run show { run "echo sha=\(ops.sha) changed=\(ops.changed) size=\(slim.size)" }
X
pipe t.pipeline; ended 0 'changed=true'; ok 'build, render and commit follow each other'
digest=$(jq -r '.manifests[0].digest' slim.oci/index.json)
config=$(jq -r .config.digest "slim.oci/blobs/$(echo "$digest" | tr : /)")
[ "$(jq -r '.config.Entrypoint[0]' "slim.oci/blobs/$(echo "$config" | tr : /)")" = /srv/server ]
ok 'the layout holds the image'
grep -q 'image: registry.example.com/team/app:1.2' out/prod.yaml; ok 'the rendered manifests name it'
grep -q '# ours' k8s/kustomization.yaml && [ "$(git -C ops.git log -1 --format=%s main)" = 'deploy registry.example.com/team/app:1.2' ] &&
    git -C ops.git show main:k8s/kustomization.yaml | grep -q '# ours' &&
    git -C ops.git show main:rendered/prod.yaml | grep -q 'team/app:1.2'
ok 'the commit sets the image, keeps comments and holds the copy'
pipe t.pipeline; ended 0 'nothing to commit' 'changed=false'; ok 'a second run commits nothing'
[ "$(git -C ops.git rev-list --count main)" = 2 ]; ok 'and makes no commit'

# ---- hooks and a kind of one's own -------------------------------------------
mkdir -p ci
cat >ci/hooks.lua <<'X'
local M = {}
function M.check(stage, ctx)
  local size = #ctx.fs.read("server")
  ctx.log("server has %d bytes", size)
  if size > 100 then ctx.fail("too large") end
end
return M
X
cat >ci/greet.lua <<'X'
local kind = pipec.kind "greet" {
  doc = "Greets.", args = { { "who", "string" } },
  outputs = { text = "string" },
}
function kind.run(stage, ctx)
  if stage.who == "nobody" then
    local missing = nil
    return { text = missing.name }
  end
  return { text = ctx.exec({ "echo", "hello", stage.who, quiet = true }).out:sub(1, -2) }
end
return kind
X
cat >t.pipeline <<'X'
use "ci/greet.lua"
greet hi { who "world" }
run show { run "echo \(hi.text)"
  after { lua "ci/hooks.lua" call=check }
}
X
sed -i 's/^greet hi { who "world" }/greet hi who="world"/' t.pipeline
pipe t.pipeline; ended 0 'hello world' 'server has 7 bytes'; ok 'a kind of one'"'"'s own gives outputs, a hook checks'
sed -i 's/"world"/"nobody"/' t.pipeline
pipe t.pipeline; ended 1 'ci/greet.lua:8' 'attempt to index'; ok 'its error names file and line'
cat >t.pipeline <<'X'
run bad { run "exit 3"
  on failure { lua <<~LUA
      ctx.log("because " .. stage.error)
      ctx.sh("echo cleaned > cleaned")
    LUA
  }
}
X
pipe t.pipeline; ended 1 'because' 'exit code 3' && [ -s cleaned ]; ok 'a failure hook learns why and can clean up'
cat >t.pipeline <<'X'
run spin { run "true"; timeout 1s; after { lua "while true do end" } }
run match { run "true"; timeout 1s; after { lua "(('a'):rep(40)):find(('a*'):rep(20) .. 'b')" } }
X
pipe t.pipeline --keep-going; ended 1; ok 'an endless hook and a runaway pattern end with the timeout'

# ---- outputs have the types that the kind declares -------------------------------
cat >ci/facts.lua <<'X'
local kind = pipec.kind "facts" {
  doc = "Says things.", args = { { "what", "string" } },
  outputs = { took = "duration", part = "percent", bytes = "size", n = "int",
              names = "list(string)" },
}
local says = {
  well = { took = 90000, part = 99.5, bytes = 3 << 20, n = 3.0, names = {} },
  wrong = { n = "three" },
  more = { other = 1 },
}
function kind.run(stage, ctx) return says[stage.what] end
return kind
X
cat >t.pipeline <<'X'
use "ci/facts.lua"
facts f "well"
run a when=f.took == 1m30s && f.part > 99% && f.bytes >= 3Mi && f.n == 3 { run "echo took=\(f.took) part=\(f.part) n=\(f.n)" }
approve go needs=a
run b needs=go when=f.took < 2m && len(f.names) == 0 { run "echo again=\(f.bytes)" }
X
pipe t.pipeline; ended 3 'took=1m30s part=99.5% n=3'; ok 'outputs compare as what they are'
"$PIPEC" show >log; says 'f.took = 1m30s' 'f.bytes = 3Mi'; ok 'show has their units'
"$PIPEC" approve >log 2>&1; "$PIPEC" resume >log 2>&1 </dev/null; says 'again=3Mi'; ok 'and a resumed run knows them'
sed -i 's/"well"/"wrong"/' t.pipeline; pipe t.pipeline; ended 1 "output 'n' is int, not string"; ok 'an output of another type is refused'
sed -i 's/"wrong"/"more"/' t.pipeline; pipe t.pipeline; ended 1 "the kind 'facts' declares no output 'other'"; ok 'one that is not declared, too'
done_testing
