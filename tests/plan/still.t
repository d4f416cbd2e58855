#!/bin/sh
# Planning executes nothing: no program is started, no connection made, and
# nothing written but what --out names. A user's Lua kind is asked in a child
# that is under the same eye.
cd "$(dirname "$0")/../.." || exit 1
command -v strace >/dev/null || { echo 'Bail out! no strace: run tests/deps'; exit 1; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cp -R examples/migrations "$dir/repo"
cat >>"$dir/repo/app.pipeline" <<'END'
secret token = exec("touch stolen")
environment production { branch "main"; freeze "Fri 16:00" until="Mon 08:00" }
let version = "\(git.short)-\(git.branch)"
test unit for=f in glob("schema/*.sql") {
  run "cat \(f) \(version)"
  env { TOKEN token }
  lock "db"
}
render manifests { kustomize "k8s"; diff against="HEAD" }
commit gitops environment=production needs=unit {
  repo "https://git.example.com/manifests.git" branch="main"
  set-image "k8s", "app", "app:\(version)"
  message "deploy \(version)"
}
rollout app environment=production needs=gitops {
  router haproxy "run/none.sock" backend="app" stable="s" canary="c"
  canary { weight 10% hold=1m; weight 100% }
  analyze errors every=10s { http "http://127.0.0.1:1/" path="$.x"; pass result < 1 }
  on abort { notify "aborted" slack=token }
}
END
mkdir "$dir/repo/k8s"
echo 'namePrefix: x-' >"$dir/repo/k8s/kustomization.yaml"
(
    cd "$dir/repo" && git init -q -b main . && git add . &&
        git -c user.name=t -c user.email=t@localhost commit -qm one
) || exit 1
find "$dir/repo" -type f | sort | xargs sha256sum >"$dir/before"

n=0
ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}
cd "$dir/repo" || exit 1
# Leaks are looked for by ptrace, which strace needs for itself.
ASAN_OPTIONS=detect_leaks=0 strace -f -qq -s 200 -o "$dir/trace" \
    "$PIPEC" plan app.pipeline --out "$dir/plan.json" >"$dir/out" 2>"$dir/err"
status=$?
ok $status 'the plan is made'
[ $status -eq 0 ] || sed 's/^/# /' "$dir/err"
[ "$(grep -c 'execve(' "$dir/trace")" -eq 1 ]
ok $? 'no program is started'
! grep -Eq '(connect|bind|listen|sendto)\(' "$dir/trace"
ok $? 'no connection is made'
grep -E 'open(at)?\(.*O_(WRONLY|RDWR|CREAT)' "$dir/trace" |
    grep -Ev "/dev/(null|tty)|\"$dir/plan\.json|$dir/\.plan|ENOENT|EROFS|EACCES" |
    sed 's/^/# /' >"$dir/writes"
[ ! -s "$dir/writes" ]
ok $? 'nothing is opened for writing but the plan itself'
cat "$dir/writes"
! grep -Eq '^[0-9 ]*(unlink|unlinkat|mkdir|mkdirat|symlink|symlinkat|link|linkat|truncate|chmod|chown)\(' \
    "$dir/trace"
ok $? 'nothing is removed, made or changed'
find "$dir/repo" -type f | sort | xargs sha256sum | cmp -s "$dir/before" -
ok $? 'the repository is as it was'
! grep -q stolen "$dir/plan.json" || [ ! -e stolen ]
ok $? "a secret's command is not run"
[ "$(sha256sum <"$dir/plan.json" | cut -d' ' -f1)" = \
  "$(sed -n 's/^Digest //p' "$dir/out")" ]
ok $? "the digest shown is the saved plan's SHA-256"
echo "1..$n"
