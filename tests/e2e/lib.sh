# What the end-to-end scripts share: a scratch folder that goes at the end,
# servers that are killed by their pid, and cases in TAP.
set -u
: "${PIPEC:?}"
support=$(cd "$(dirname "$0")/../support" && pwd)
work=$(mktemp -d) || exit 1
pids='' n=0
finish() {
    for p in $pids; do kill "$p" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
cd "$work" || exit 1
export NO_COLOR=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.com
export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.com

port() { "$support/free-port"; }
up() { # up URL: waits until it answers
    for _ in $(seq 300); do
        curl -s -o /dev/null -m 2 "$1" && return 0
        sleep 0.05
    done
    echo "# does not answer: $1"
    return 1
}
registry() { # registry: starts one; its address in $to
    to=127.0.0.1:$(port)
    cat >registry.yml <<X
version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $work/registry }, redirect: { disable: true } }
http: { addr: $to }
X
    docker-registry serve registry.yml >registry.log 2>&1 & pids="$pids $!"
    up "http://$to/v2/"
}
pipe() { # pipe ARGUMENTS: pipec run; output in $work/log, status in $status
    "$PIPEC" run --format plain "$@" >"$work/log" 2>&1 </dev/null
    status=$?
}
ok() { # ok NAME: the last command's success is the case's
    [ $? -eq 0 ] && r=ok || r='not ok'
    n=$((n + 1))
    echo "$r $n - $1"
    [ "$r" = ok ] || sed 's/^/# /' "$work/log" 2>/dev/null
}
says() { # says TEXT...: the log has each, and the status is as expected
    for t in "$@"; do
        grep -qF -- "$t" "$work/log" || { echo "# missing: $t"; return 1; }
    done
}
ended() { # ended STATUS TEXT...
    want=$1; shift
    [ "$status" = "$want" ] || { echo "# status $status"; return 1; }
    says "$@"
}
sarif() { # sarif FILE NAME: it is valid by the standard's own JSON schema
    schema=$work/sarif-schema.json
    [ -e "$schema" ] || { : >"$schema"; npm pack --silent \
        @microsoft/jest-sarif@1.0.0-beta.0 >"$work/log" 2>&1 &&
        tar xzOf microsoft-jest-sarif-*.tgz \
            package/lib/schemas/sarif-2.1.0-rtm.5.json >"$schema"; }
    [ -s "$schema" ] || { echo '# no schema: npm could not bring it'; false; ok "$2"; return; }
    python3 - "$1" "$schema" >"$work/log" 2>&1 <<'X'
import json, jsonschema, sys
jsonschema.Draft7Validator(json.load(open(sys.argv[2])),
    format_checker=jsonschema.FormatChecker()).validate(json.load(open(sys.argv[1])))
X
    ok "$2"
}
done_testing() { echo "1..$n"; }
