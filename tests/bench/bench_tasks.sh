# 1,000 independent commands without a shell, one and two at a time, beside make
# (the same argv form) and ninja (which always starts a shell; a path, so that
# the shell has to run the program as well).
N=1000
{ for i in $(seq $N); do echo "run t$i { run [\"true\"] }"; done; } >tasks.pipeline
{ echo "all: $(seq -f t%g -s' ' $N)"; for i in $(seq $N); do printf 't%s:\n\t@true\n' "$i"; done; } >Makefile
{ printf 'rule r\n command = /bin/true\n'; for i in $(seq $N); do echo "build t$i: r"; done; } >build.ninja
{ for i in $(seq $N); do echo "run t$i { run [\"true\"]; after { lua \"local x = 1\" } }"; done; } >hooks.pipeline
# Proof: each task writes its nonce, and one of them fails on purpose.
nonce=$RANDOM
{ for i in $(seq $N); do echo "run t$i { run [\"sh\", \"-c\", \"echo $nonce-$i >>log\"] }"; done
  echo 'run planted { run ["false"] }'; } >proof.pipeline
"$PIPEC" run proof.pipeline --jobs 2 --keep-going >/dev/null 2>&1
must "the planted failure is seen" test $? = 1
must "every task ran once" test "$(sort -u log | grep -c "^$nonce-")" = $N -a "$(wc -l <log)" = $N
# The same with hooks: each finds its own stage, whoever ran before in its place.
{ for i in $(seq $N); do echo "run t$i { run [\"true\"]; after { lua \"ctx.sh('echo $nonce-' .. stage.name .. ' >>hooked')\" } }"; done
  echo 'run planted { run ["true"]; after { lua "error(\"planted\")" } }'; } >proof_hooks.pipeline
"$PIPEC" run proof_hooks.pipeline --jobs 2 --keep-going >/dev/null 2>&1
must "the failure planted in a hook is seen" test $? = 1
must "every hook ran once" test "$(sort -u hooked | grep -c "^$nonce-t")" = $N -a "$(wc -l <hooked)" = $N
for j in 1 2; do
    pair -n 3 "$N argv tasks, $j at a time / make" 1.1 sh -c "rm -rf .pipec; exec '$PIPEC' run tasks.pipeline --jobs $j" -- make -rRs -j$j all
    pair -n 3 "$N argv tasks, $j at a time / ninja" 0.6 sh -c "rm -rf .pipec; exec '$PIPEC' run tasks.pipeline --jobs $j" -- sh -c "rm -f .ninja_*; exec ninja --quiet -j$j"
done
pair -n 3 "$N tasks with a Lua hook / without" 1.5 sh -c "rm -rf .pipec; exec '$PIPEC' run hooks.pipeline --jobs 2" -- sh -c "rm -rf .pipec; exec '$PIPEC' run tasks.pipeline --jobs 2"
