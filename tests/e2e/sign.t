#!/bin/bash
# What is asked of cosign, which Debian does not have: a stand-in writes down
# each word, and what of its environment it would use. The registry is real.
. "$(dirname "$0")/lib.sh"
registry; ok 'a registry answers'
mkdir bin && cat >bin/cosign <<'X'
#!/bin/sh
for w; do printf '%s\n' "$w"; done >>argv
printf 'key=%s\npassword=%s\n' "$PIPEC_SIGN_KEY" "$COSIGN_PASSWORD" >env
echo "signing with $PIPEC_SIGN_KEY"
[ -z "$DOCKER_CONFIG" ] || cp "$DOCKER_CONFIG/config.json" config
[ ! -e broken ] || { echo 'cannot reach the log' >&2; exit 7; }
X
chmod +x bin/cosign
export PATH=$work/bin:$PATH SIGN_KEY=-----geheim-4711----- SIGN_PASS=pass-0815 REG_PASS=reg-2342
printf '#!/bin/sh\n' >server
cat >t.pipeline <<X
secret key = env("SIGN_KEY")
secret pass = env("SIGN_PASS")
build image {
  from scratch
  copy "server", "/server"
  tag  "$to/team/app:1"
  tag  "$to/team/app:latest"
  tag  "$to/other/app:1"
  push
  sign key=key password=pass
}
run after { run "echo REF=\(image.ref)" }
X
effect() { "$PIPEC" show --format json | jq -c 'select(.what == "effect" and (.key | startswith("signature")))'; }

pipe t.pipeline; ended 0 "REF=$to/team/app@sha256:"; ok 'an image is pushed and signed'
digest=$(sed -n 's/.*REF=.*@//p' log)
printf '%s\n' sign --yes --key env://PIPEC_SIGN_KEY "$to/team/app@$digest" \
    sign --yes --key env://PIPEC_SIGN_KEY "$to/other/app@$digest" | diff - argv >log; ok 'by its digest, never a tag, once for each name'
printf 'key=%s\npassword=%s\n' "$SIGN_KEY" "$SIGN_PASS" | diff - env >log && [ ! -e config ]; ok 'the key comes by the environment'
! grep -rq -e geheim-4711 -e pass-0815 .pipec argv && "$PIPEC" logs | grep -qF 'signing with ***'; ok 'and is in no argument, log or store'
[ "$(effect | jq -r '.state' | sort -u)" = "done" ] && [ "$(effect | wc -l)" = 2 ]; ok 'each signature is an effect with its record'
"$PIPEC" plan t.pipeline | tee log | grep -q 'sign it' && says 'exec, registry'; ok 'the plan says so'

touch broken; rm argv
sed -i "s/^  push\$/  push username=\"ci\" password=reg/; 1i secret reg = env(\"REG_PASS\")" t.pipeline
printf '#!/bin/sh\n# other\n' >server
pipe t.pipeline; ended 1 'cannot reach the log'; ok 'cosign that fails fails the stage'
effect | jq -e 'select(.state == "failed")' >log && [ "$(wc -l <argv)" = 5 ]; ok 'with that on record'
jq -e --arg to "$to" '.auths[$to] == {username: "ci", password: "reg-2342"}' config >log; ok 'it gets what the registry asks for'
rm broken argv
"$PIPEC" resume --format plain >log 2>&1 </dev/null; status=$?
ended 0 'REF=' && [ "$(grep -c '@sha256:' argv)" = 2 ] && ! grep -q 'pushed ' log; ok 'resume signs, and pushes nothing again'
find . -name 'config.json' -path '*cosign*' | grep . >log; [ $? = 1 ]; ok 'and no credentials are left behind'
done_testing
