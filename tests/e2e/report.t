#!/bin/bash
# What is left of a run as files: a page, JUnit XML, SARIF.
. "$(dirname "$0")/lib.sh"
unset GITHUB_ACTIONS GITLAB_CI
git init -q . && mkdir -p k8s sub
cat >k8s/d.yaml <<'X'
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {template: {spec: {containers: [{name: a, image: nginx}]}}}
X
printf 'resources: [d.yaml]\n' >k8s/kustomization.yaml
printf 'a: b\n' >clean.txt
cat >sub/ci.pipeline <<'X'
pipeline demo
secret token = env("TOKEN")
run lint { run "echo linted" }
run unit needs=lint {
  env { T token }
  run "printf 'one\\n\\033[1mtwo\\001 \\377 ]]> <x> &\\n'; echo $T; exit 3"
}
run tried  { run "exit 4"; optional }
run deploy needs=unit { run "true" }
run never when=git.branch == "nope" { run "true" }
scan kube  { manifests "../k8s" }
scan again { manifests "../k8s"; fail-on never; retry 1 }
scan clean { secrets "../clean.txt" }
X
count() { xmllint --xpath "count($1)" "$2"; }
export TOKEN=geheim0815

pipe sub/ci.pipeline -k --report out/deep; ended 1 'unit failed'; ok 'a run with --report fails as one without'
[ "$(cd out/deep && echo *)" = 'junit.xml report.html results.sarif' ]; ok 'and leaves a page, JUnit XML and SARIF'
cd out/deep || exit 1
xmllint --noout junit.xml 2>"$work/log"; ok 'the XML is well-formed, whatever a stage printed'
[ "$(count '//testsuite/testcase' junit.xml)" = 8 ] && [ "$(count '//testcase[@time and @file="sub/ci.pipeline" and @line]' junit.xml)" = 8 ]; ok 'each stage is a test case, with its time and place'
[ "$(count '//testcase[@name="unit"]/failure[contains(@message, "exit code 3") and contains(., "]]>") and @type="failed"]' junit.xml)" = 1 ]; ok 'a failed one has why, and its last lines'
[ "$(count '//testcase[@name="deploy"]/skipped[contains(@message, "unit failed")]' junit.xml)" = 1 ] &&
    [ "$(count '//testcase[@name="never"]/skipped[contains(@message, "is false")]' junit.xml)" = 1 ]; ok 'one that did not run has the reason'
[ "$(count '//testcase[@name="tried"]/skipped[contains(@message, "optional")]' junit.xml)" = 1 ] &&
    [ "$(count '//testsuite[@tests=8 and @failures=2 and @skipped=3]' junit.xml)" = 1 ]; ok 'one that is optional does not count as failed'
! grep -q "$TOKEN" ./*; ok 'no secret is in any'
cd "$work" || exit 1
sarif out/deep/results.sarif 'the SARIF is valid'
jq -e '[.runs[].tool.driver.name] == ["pipec", "manifests", "secrets"] and
    (.runs[2].results == []) and (.runs[1].results | length > 1)' out/deep/results.sarif >log; ok 'each tool is a run, also one that found nothing'
jq -e '[.runs[1].results[].locations[0].physicalLocation.artifactLocation.uri] | unique == ["k8s"]' out/deep/results.sarif >log; ok 'places are told from the repository on'
jq -e '.runs[0].invocations[0] | .executionSuccessful == false and .exitCode == 1 and
    ([.toolExecutionNotifications[] | .level] | sort == ["error", "error", "warning"]) and
    (.toolExecutionNotifications[0].locations[0].physicalLocation | .artifactLocation.uri == "sub/ci.pipeline" and .region.startLine == 4)' out/deep/results.sarif >log; ok 'what failed is what pipec has to tell of its run'

cd sub || exit 1
"$PIPEC" report --junit j.xml --sarif s.json --html p.html 2>"$work/log" && cmp j.xml ../out/deep/junit.xml && cmp s.json ../out/deep/results.sarif && cmp p.html ../out/deep/report.html; ok 'pipec report writes the same from the store'
"$PIPEC" report 1 --junit - 2>"$work/log" | xmllint --noout - && "$PIPEC" report | grep -q '<h1>'; ok 'to standard output too'
"$PIPEC" report 9 >"$work/log" 2>&1; [ $? = 2 ] && says 'no run 9'; ok 'a run that is not there is named'
cd "$work" || exit 1

printf 'run ok { run "echo fine" }\n' >good.pipeline
pipe good.pipeline --report r; ended 0 && jq -e '.runs[0].invocations[0].executionSuccessful' r/results.sarif >log && [ "$(count '//failure' r/junit.xml)" = 0 ]; ok 'a run that passed is told as one'
printf 'approve go { within 1h }\nrun after needs=go { run "true" }\n' >ask.pipeline
pipe ask.pipeline --report w; ended 3 && xmllint --noout w/junit.xml && [ "$(count '//testcase' w/junit.xml)" = 2 ]; ok 'a run that waits leaves reports too'
printf 'run slow { run "echo begun; touch begun; sleep 60" }\nrun next needs=slow { run "true" }\n' >slow.pipeline
"$PIPEC" run slow.pipeline --format plain --report i >log 2>&1 </dev/null & pid=$!
until [ -e begun ]; do sleep 0.02; done
kill -TERM $pid; wait $pid; status=$? # to INT the shell has made it deaf
ended 130 && xmllint --noout i/junit.xml && grep -q 'class="badge' i/report.html && jq -e '.runs[0].invocations[0].executionSuccessful == false' i/results.sarif >log; ok 'and so does one that was interrupted'
: >file; pipe good.pipeline --report file/x; ended 4 '--report' && ! grep -q fine log; ok 'a place that cannot be is refused before anything runs'
done_testing
