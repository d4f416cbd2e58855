#!/bin/bash
# pipec init: what it writes for a repository compiles, is laid out as fmt does
# it, and runs where the tools are there.
. "$(dirname "$0")/lib.sh"
start() { # start NAME: a fresh repository
    mkdir "$work/$1" && cd "$work/$1" && git init -q -b main .
}
sound() { # sound NAME TEXT...: init's pipeline is, and has the texts
    name=$1; shift
    git add -A && git commit -qm one --allow-empty
    "$PIPEC" init >../log 2>&1 && "$PIPEC" check >>../log 2>&1 &&
        "$PIPEC" fmt --check "$name.pipeline" >>../log 2>&1 &&
        "$PIPEC" plan >>../log 2>&1 && cat "$name.pipeline" >>../log
    [ $? -eq 0 ] && (cd .. && says "$@")
}
start py; printf '[project]\nname = "x"\n' >pyproject.toml
sound py 'pytest -q --junitxml' 'junit "build/junit.xml"'; ok 'Python'
start web; printf '{"name":"web","version":"1.0.0","scripts":{"test":"node -e 0"}}\n' >package.json
sound web 'npm test'; ok 'JavaScript'
pipe; ended 0 'unit | passed'; ok 'and it runs'
printf '{"name":"web","version":"1.0.0"}\n' >package.json; pipe; ended 0; ok 'also without a test script'
start go; printf 'module example.com/x\n' >go.mod; sound go 'go test ./...'; ok 'Go'
start rust; printf '[package]\nname = "x"\n' >Cargo.toml; sound rust 'cargo test'; ok 'Rust'
start c; printf 'VERSION := test:1\nall:\n\t@true\ntest: all\n\t@echo tested\n' >Makefile
printf 'FROM scratch\n' >Dockerfile; mkdir -p k8s/overlays/production
printf 'resources: [a.yaml]\n' >k8s/overlays/production/kustomization.yaml
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' >k8s/overlays/production/a.yaml
sound c 'run "make test"' 'render production-manifests' 'tag "\(registry)/c:\(git.short)"'; ok 'make, a Dockerfile and an overlay'
pipe --only unit,secrets,production-manifests; ended 0 'tested' '1 resource'; ok 'and it runs'
start check-me; printf 'check:\n\t@true\n' >Makefile; sound check-me 'make check'; ok "GNU's name for tests"
start 9-lives.x; sound lives-x 'Nothing was recognised'; ok 'an odd name, and nothing that is known'
"$PIPEC" init >../log 2>&1; [ $? = 2 ] && cd .. && says "there is 'lives-x.pipeline' already"; ok 'what is there is kept'
done_testing
