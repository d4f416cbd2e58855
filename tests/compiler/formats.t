#!/bin/sh
# JSON and SARIF of `pipec check` are well-formed documents, with and without
# anything to tell; GitHub's commands are one line each.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
printf 'let a = (1\nlet b = "\\q"\n# %%, 100:\nrun x {\n  run [\n' >bad.pipeline
printf 'run x { run "true" }\n' >good.pipeline
n=0
ok() { # ok WHAT COMMAND...
    n=$((n + 1)) what=$1
    shift
    if "$@" >out 2>&1; then echo "ok $n - $what"; else
        echo "not ok $n - $what"
        sed 's/^/# /' out
    fi
}
sarif='
.version == "2.1.0" and (.runs | length == 1) and
(.runs[0].tool.driver | .name == "pipec" and (.rules | type == "array")) and
(.runs[0] as $run | $run.results | type == "array" and all(
    . as $r | $run.tool.driver.rules[$r.ruleIndex].id == $r.ruleId and
    (.level | IN("error", "warning")) and (.message.text | length > 0) and
    (.locations | length == 1) and
    ([.locations[], (.relatedLocations // [])[]] | all(.physicalLocation |
        (.artifactLocation.uri | test("^[A-Za-z0-9%/._~-]+$")) and
        (.region | .startLine >= 1 and .startColumn >= 1 and
            (.endLine > .startLine or
             (.endLine == .startLine and .endColumn >= .startColumn)))))))'
json='.version == 1 and (.diagnostics | length) == .errors + .warnings and
(.diagnostics | all(.code | test("^[EW][0-9]{4}$")))'

for file in good bad; do
    "$PIPEC" check --format sarif $file.pipeline >$file.sarif 2>/dev/null
    ok "SARIF of a $file file" jq -e "$sarif" $file.sarif
    "$PIPEC" check --format json $file.pipeline >$file.json 2>/dev/null
    ok "JSON of a $file file" jq -e "$json" $file.json
done
ok 'SARIF tells as much as JSON' test \
    "$(jq '.runs[0].results | length' bad.sarif)" = "$(jq .errors bad.json)"
"$PIPEC" check --format github bad.pipeline >bad.github 2>/dev/null
ok 'GitHub: a command a line' test "$(grep -c '^::error file=bad.pipeline,line=[0-9]*,' bad.github)" \
    -eq "$(wc -l <bad.github)"
ok 'GitHub: as many as JSON' test "$(wc -l <bad.github)" = "$(jq .errors bad.json)"
echo "1..$n"
