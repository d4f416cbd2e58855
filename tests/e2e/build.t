#!/bin/bash
# Images: assembled by pipec itself and built by buildah, pushed to a real
# registry, and looked at with skopeo.
. "$(dirname "$0")/lib.sh"
registry; ok 'a registry answers'
peek() { # peek FORMAT NAME: what skopeo says of it
    skopeo inspect --tls-verify=false --format "$1" "docker://$to/$2"
}

# ---- from scratch ----------------------------------------------------------
mkdir -p app/conf && printf '#!/bin/sh\n' >app/server && echo a=1 >app/conf/a
ln -s a app/conf/b
cat >t.pipeline <<X
build slim {
  from       scratch
  copy       "app/server", "/bin/server" mode=0755
  copy       "app/conf", "/etc/app"
  entrypoint ["/bin/server"]
  cmd        ["--serve"]
  variable   "MODE", "live"
  user       "1000:1000"
  workdir    "/etc/app"
  expose     8080
  label      { title "slim" }
  tag        "$to/team/slim:1"
  tag        "$to/team/slim:latest"
  push
}
run use { run "echo REF=\(slim.ref) NAME=\(slim.name) TAG=\(slim.tag)" }
run large when=slim.size > 10Mi { run "echo large" }
X
pipe t.pipeline; ended 0 "NAME=$to/team/slim TAG=$to/team/slim:1" 'is false'; ok 'an image is assembled and pushed'
digest=$(peek '{{.Digest}}' team/slim:1)
says "REF=$to/team/slim@$digest" && [ "$(peek '{{.Digest}}' team/slim:latest)" = "$digest" ]; ok 'its reference is the registry'"'"'s digest'
skopeo inspect --config --tls-verify=false "docker://$to/team/slim:1" >config.json
jq -e '.config | .Entrypoint == ["/bin/server"] and .Cmd == ["--serve"] and (.Env | index("MODE=live")) and .User == "1000:1000" and .WorkingDir == "/etc/app" and (.ExposedPorts | has("8080/tcp")) and .Labels.title == "slim"' config.json >log; ok 'the configuration is as it was written'
skopeo copy -q --src-tls-verify=false "docker://$to/team/slim:1" dir:got >log 2>&1
for l in $(jq -r '.layers[].digest[7:]' got/manifest.json); do tar -tvf "got/$l"; done >files
grep -q -- '-rwxr-xr-x.* bin/server$' files && grep -q 'etc/app/b -> a' files; ok 'the layer has the files, links and permissions'
pipe t.pipeline; ended 0 "REF=$to/team/slim@$digest"; ok 'the same files are the same image'

# ---- a layer that is larger than what a worker reads at once -----------------
# Random, for it would shrink; 80 MB.
head -c 80000000 /dev/urandom >app/large
cat >t.pipeline <<X
build big { from scratch; copy "app/large", "/large"; tag "$to/big:1"; push }
run use { run "echo SIZE=\(big.size > 70Mi)" }
X
pipe t.pipeline; ended 0 'SIZE=true'; ok 'a layer of 80 MB is pushed'
rm app/large
[ "$(skopeo inspect --raw --tls-verify=false "docker://$to/big:1" | jq '.layers[0].size')" -gt 80000000 ]; ok 'and the registry has all of it'

# ---- what is inside -----------------------------------------------------------
printf 'flask==2.0.1\n' >app/requirements.txt
printf '{"packages":{"":{},"node_modules/@a/b":{"version":"1.0.0"},"node_modules/c/node_modules/d":{"version":"3.0.0+x"}}}' >app/package-lock.json
cat >t.pipeline <<X
build a { from scratch; context "app"; copy "app/server", "/s"; layout "a.oci"; sbom cyclonedx }
build b { from scratch; context "app"; copy "app/server", "/s"; layout "a.oci"; sbom spdx }
X
pipe t.pipeline -j1; ended 0 '4 components' && jq -e '[.components[] | select(.purl) | .purl] == ["pkg:npm/%40a/b@1.0.0", "pkg:npm/d@3.0.0%2Bx", "pkg:pypi/flask@2.0.1"] and (.components[] | select(.type == "file") | .hashes[0].content | length == 64)' .pipec/sbom/a.json >log; ok 'CycloneDX names packages and files'
jq -e '.spdxVersion == "SPDX-2.3" and (.creationInfo.created | test("^[0-9-]+T[0-9:]+Z$")) and (.packages | all(.filesAnalyzed == false and .downloadLocation == "NOASSERTION")) and (.documentDescribes | length == 4)' .pipec/sbom/b.json >log; ok 'SPDX, too'

# ---- by a Dockerfile ----------------------------------------------------------
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
export CONTAINERS_STORAGE_CONF="$work/storage.conf"
printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/graph"\n' "$work" "$work" >storage.conf
cat >app/Dockerfile <<'X'
FROM scratch AS base
ARG VERSION=none
LABEL version=$VERSION
COPY server /server
FROM base AS debug
COPY conf /conf
X
cat >t.pipeline <<X
build image {
  dockerfile "app/Dockerfile"
  context    "app"
  target     "base"
  arg        "VERSION", "1.2"
  label      { team "pay" }
  engine     buildah
  tag        "$to/image:1"
  push
  sbom       cyclonedx
}
run use { run "echo REF=\(image.ref) SMALL=\(image.size < 1Mi)" }
build local { dockerfile "app/Dockerfile"; context "app"; engine buildah; tag "local:1" }
run too { run "echo LOCAL=\(local.ref) SMALL=\(local.size < 1Mi)" }
X
if buildah info >log 2>&1; then
    pipe t.pipeline; ended 0 "REF=$to/image@$(peek '{{.Digest}}' image:1) SMALL=true"; ok 'buildah builds by a Dockerfile and pushes'
    says 'LOCAL=local:1 SMALL=true'; ok 'what is not pushed has a size too'
    [ "$(peek '{{.Labels.version}} {{.Labels.team}}' image:1)" = '1.2 pay' ] && [ "$(skopeo inspect --raw --tls-verify=false "docker://$to/image:1" | jq '.layers | length')" = 1 ]; ok 'arguments, labels and the target are heeded'
    jq -e '.bomFormat == "CycloneDX"' .pipec/sbom/image.json >log; ok 'its contents are listed'
    printf 'RUN false\n' >>app/Dockerfile; sed -i '/target/d' t.pipeline
    pipe t.pipeline; ended 1 'STEP "RUN false"' 'exited with 1'; ok 'a build that fails fails the stage'
    buildah rmi -qaf >log 2>&1
else
    for _ in 1 2 3 4 5; do n=$((n + 1)); echo "ok $n - # SKIP buildah does not work here"; done
fi

# ---- refused before it runs ---------------------------------------------------
kill "${pids##* }"
cat >t.pipeline <<X
build slim { from scratch; copy "app/server", "/s"; tag "$to/slim:1"; push }
X
pipe t.pipeline; ended 1 "cannot connect to 'http://$to'"; ok 'a registry that is gone is named'
done_testing
