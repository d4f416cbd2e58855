#!/bin/bash
# Scanners, and the SARIF that pipec reads and writes. bandit, flawfinder and
# clang are the real ones; Debian has no trivy, gitleaks, semgrep and hadolint,
# for which scripts stand in that print what those print.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
mkdir src conf
cat >src/a.c <<'X'
#include <string.h>
int main(int n, char **v) { char b[8]; int *p = 0; strcpy(b, v[1]); if (n > 3) *p = 1; return b[0]; }
X
printf 'import subprocess\nsubprocess.call("ls", shell=True)\n' >src/a.py
printf 'FROM debian\n' >Dockerfile
cat >t.pipeline <<'X'
scan code {
  bandit "src"
  sarif  "flaw.sarif" from="flawfinder --sarif src" fail-on=never
  sarif  "clang.sarif" from="clang --analyze -Xclang -analyzer-output=sarif -o clang.sarif src/a.c" fail-on=warning
  report "all.sarif"
}
X
pipe t.pipeline; ended 1 'src/a.py:2' 'B602' 'src/a.c:2' 'core.NullDereference'; ok 'bandit, flawfinder and clang find what is there'
jq -e '[.runs[].tool.driver.name] | map(ascii_downcase) | sort == ["bandit", "clang", "flawfinder"]' all.sarif >log &&
    jq -e '[.runs[].results[].locations[0].physicalLocation.artifactLocation.uri] | all(test("^src/a"))' all.sarif >log; ok 'one document has all, by path from here'
sarif all.sarif 'and is valid SARIF 2.1.0'
sed -i 's/bandit "src"/bandit "src" skip=["B602", "B607", "B404"]/; /clang/d' t.pipeline
pipe t.pipeline; ended 0; ok 'what is skipped, or never fails, does not fail the stage'

PATH=$here/sarif:$PATH
try() { printf 'scan s { %s; report "s.sarif" }\n' "$1" >s.pipeline; pipe s.pipeline; }
try gitleaks; ended 1 'conf/app.env:4' 'generic-api-key' '1 error'; ok 'a leak that gitleaks found is an error'
try 'trivy fs="." severity=[critical, high]'; ended 1 'my app/package-lock.json:7' 'CVE-2020-0002'; ok 'trivy: the level is the rule'"'"'s'
grep -qx 'trivy fs --quiet --format sarif --severity CRITICAL,HIGH .' trivy.args; ok 'with the severities asked for'
sarif s.sarif 'a path with a space makes valid SARIF'
try 'trivy image="app:1" config="k8s"'; ended 1; grep -qx 'trivy image --quiet --format sarif app:1' trivy.args && grep -qx 'trivy config --quiet --format sarif k8s' trivy.args; ok 'trivy scans all that it is given'
try 'semgrep "src" config=["p/security-audit"]'; ended 0 'src/a.py:5' '1 warning'; ok 'semgrep: a warning does not fail by itself'
grep -qx 'semgrep scan --sarif --quiet --metrics=off --config p/security-audit src' semgrep.args; ok 'and rules that are named need no metrics'
try 'semgrep fail-on=warning'; ended 1; ok 'unless the stage says so'
grep -qx 'semgrep scan --sarif --quiet --config auto .' semgrep.args; ok 'its own choice of rules does'
try 'hadolint "Dockerfile" fail-on=warning'; ended 1 'Dockerfile:1' 'DL3006'; ok 'hadolint finds an image without a tag'
try 'hadolint; ignore "DL3006"; fail-on note'; ended 0; ok 'unless that is ignored'
sarif s.sarif 'no finding at all is valid SARIF'
printf '#!/bin/sh\necho no such thing >&2; exit 4\n' >semgrep; chmod +x semgrep
PATH=$work:$PATH; try semgrep; ended 1 'semgrep exited with 4: no such thing'; ok 'a scanner that breaks is told from one that finds nothing'
PATH=/usr/bin:/bin; try gitleaks; ended 1 'gitleaks'; ok 'one that is not there is named'

printf 'let a = (1\nrun x { run "true"; nope 1 }\nparam unused: int = 1\n' >'bad file.pipeline'
"$PIPEC" check --format sarif 'bad file.pipeline' >check.sarif 2>log; sarif check.sarif 'the SARIF of check is valid'
printf 'run x { run "true" }\n' >good.pipeline
"$PIPEC" check --format sarif good.pipeline >check.sarif; sarif check.sarif 'also without a finding'
done_testing
