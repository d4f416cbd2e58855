# A child that prints 200 MB: beside a bare read/write loop, ninja, and samurai
# where it is installed (a quarter of its time is about a tenth of ninja's).
perl -e 'my $l = "x" x 63 . "\n"; print $l x 16384 for 1 .. 200' >big
must "the input is 200 MB" test "$(stat -c %s big)" = 209715200
cc -O2 -o rw "$here/rw.c"
echo 'run big { run ["cat", "big"] }' >capture.pipeline
echo 'run small { run ["head", "-c", "2000000", "big"] }' >small.pipeline
printf 'rule r\n command = cat big\nbuild t: r\n' >build.ninja
must "what was printed is what is kept" sh -c 'rm -rf .pipec; "$PIPEC" run capture.pipeline >/dev/null && "$PIPEC" logs --raw | cmp - big'
pair -n 5 "200 MB of output / read-write loop" 1.5 sh -c "rm -rf .pipec; exec '$PIPEC' run capture.pipeline" -- ./rw cat big
pair -n 3 "200 MB of output / ninja" 0.1 sh -c "rm -rf .pipec; exec '$PIPEC' run capture.pipeline" -- sh -c "rm -f .ninja_*; exec ninja"
if command -v samu >/dev/null; then
    pair -n 3 "200 MB of output / samurai" 0.25 sh -c "rm -rf .pipec; exec '$PIPEC' run capture.pipeline" -- sh -c "rm -f .ninja_*; exec samu"
fi
peak() { "$work/pair" -n 1 x 99 "$PIPEC" run "$1" -- true | sed 's/.*peak \([0-9]*\).*/\1/'; }
more=$(($(peak capture.pipeline) - $(peak small.pipeline)))
printf '%-44s %8s KiB more than for 2 MB (limit 4096)  %s\n' "memory for 200 MB of output" "$more" "$([ $more -le 4096 ] && echo ok || echo OVER)"
[ $more -le 4096 ] || over=$((over + 1))
