# Compiling: linear in the number of stages, and as fast as luac -p on Lua text
# of the same size.
stages() { # stages N: each needs two earlier ones, names by the seed
    perl -e 'my ($n, $seed) = @ARGV; srand $seed; my @id;
        for my $i (0 .. $n - 1) {
            push @id, sprintf "s%x_%d", int rand 1e6, $i;
            my @needs = map { $id[int rand $i] } 1 .. ($i > 1 ? 2 : 0);
            my %seen; @needs = grep { !$seen{$_}++ } @needs;
            printf "run %s%s {\n  run [\"echo\", \"%d\"]\n  timeout %dm\n}\n", $id[$i],
                @needs ? " needs=[" . join(", ", @needs) . "]" : "", $i, 1 + $i % 50;
        }' "$1" "$seed"
}
for n in 1000 10000 100000; do stages $n >$n.pipeline; done
must "the graph has every stage" test "$("$PIPEC" check 10000.pipeline --dump=graph | jq '.nodes | length')" = 10000
line=$((4 * (seed % 10000) + 3))
sed "${line}s/timeout/timeuot/" 10000.pipeline >bad.pipeline
must "a mistake anywhere is found, at its line" sh -c '"$PIPEC" check bad.pipeline 2>&1 | grep -q "^bad.pipeline:$0:3: error"' "$line"
t1=$(fastest 15 "$PIPEC" check 1000.pipeline) t2=$(fastest 15 "$PIPEC" check 10000.pipeline) t3=$(fastest 11 "$PIPEC" check 100000.pipeline)
growth "check 1,000 -> 10,000 stages" "$t1" "$t2" 11
growth "check 10,000 -> 100,000 stages" "$t2" "$t3" 11
# Lua text of the same bytes and about the same tokens per byte.
perl -e 'my ($bytes, $n) = (shift, 0);
    while ($n < $bytes) { my $s = sprintf "run_%x = run { { \"echo\", \"%d\" }, timeout = %d, needs = { s%x, s%x } }\n",
        int rand 1e6, $i++, $i % 50, int rand 1e6, int rand 1e6; $n += length $s; print $s }' "$(stat -c %s 100000.pipeline)" >same.lua
pair -n 5 "check $(($(stat -c %s same.lua) / 1000000)) MB / luac -p" 1.0 "$PIPEC" check 100000.pipeline -- luac5.4 -p same.lua
