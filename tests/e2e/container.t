#!/bin/bash
# Containers end with their stage, even where the client was killed. A stand-in
# for docker keeps the "containers": processes in sessions of their own, deaf
# to TERM, which outlive their client as those of a daemon do.
. "$(dirname "$0")/lib.sh"
mkdir bin boxes
export BOXES=$work/boxes
cat >bin/docker <<'X'
#!/bin/bash
case $1 in
run)
    shift; labels=''
    while [ $# -gt 0 ]; do case $1 in
        --rm | --init | --interactive) shift ;;
        --label) labels+="$2"$'\n'; shift 2 ;;
        --volume | --workdir | --env) shift 2 ;;
        *) break ;;
    esac; done
    shift # the image
    echo $$ >>"$BOXES.clients"
    setsid env -u PIPEC_RUN_DIR "$@" & box=$!
    printf %s "$labels" >"$BOXES/$box"
    trap '' TERM
    wait $box; code=$?
    rm -f "$BOXES/$box"; exit $code ;;
ps)
    for f in "$BOXES"/*; do
        [ -e "$f" ] || continue; all=1
        for w in "$@"; do case $w in
            label=*) grep -qxF "${w#label=}" "$f" || all=0 ;;
        esac; done
        [ $all = 1 ] && basename "$f"
    done; exit 0 ;;
rm)
    shift 2
    for id; do echo "$id" >>"$BOXES.removed"; kill -KILL -- "-$id"; rm -f "$BOXES/$id"; done ;;
esac
X
chmod +x bin/docker
PATH=$work/bin:$PATH
none() { [ -z "$(ls boxes)" ] || { ls boxes | sed 's/^/# left: /'; return 1; }; }
until_there() { for _ in $(seq 600); do [ -e "$1" ] && return; sleep 0.05; done; return 1; }

cat >t.pipeline <<'P'
run fine  { container "i"; run "echo inside" }
run stuck { container "i"; timeout 500ms; run "trap '' TERM; sleep 300 & wait; sleep 300" }
run other needs=fine { container "i"; run "for i in $(seq 100); do [ -e done ] && exit; sleep 0.1; done" }
run ends  { run "sleep 2; touch done" }
P
pipe t.pipeline -k -j4; ended 1 'inside' 'stuck | timeout' 'other | passed'; ok 'a container that is deaf ends with its timeout'
none && [ "$(wc -l <boxes.removed)" = 1 ]; ok 'and it alone is removed'

rm -f boxes.removed
cat >l.pipeline <<'P'
run a { container "i"; run "true"; after { lua "ctx.exec { 'sh', '-c', 'touch in; sleep 300' }" } }
P
"$PIPEC" run l.pipeline --format plain >log 2>&1 </dev/null & pid=$!
until_there in && kill -TERM $pid; wait $pid; status=$?
ended 130 && none; ok 'what Lua started is removed when the run is interrupted'

rm -f boxes.clients
cat >k.pipeline <<'P'
run a { container "i"; run "[ -e again ] && echo second-time || { touch begun; sleep 300; }" }
P
"$PIPEC" run k.pipeline --format plain >log 2>&1 </dev/null & pid=$!
until_there begun && kill -KILL $pid; wait $pid 2>/dev/null
kill -KILL $(cat boxes.clients) # as when the machine goes down
[ -n "$(ls boxes)" ]; ok 'kill -9 leaves a container'
touch again
"$PIPEC" resume --format plain >log 2>&1 </dev/null; status=$?
ended 0 'second-time' && none; ok 'which resume removes before it runs the stage again'
done_testing
