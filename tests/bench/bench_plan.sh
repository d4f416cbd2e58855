# Loading a saved plan of 100,000 stages, beside ninja with as many edges.
lib=$(dirname "$PIPEC")/libpipec.a
cc -std=c17 -D_GNU_SOURCE -O2 -I"$root" -no-pie -o load "$here/plan.c" "$lib" -l:libyajl_s.a -l:libjansson.a -l:libcrypto.a -lm -ldl -lpthread
both() { # both N: the same graph for each, names and needs by the seed
    perl -e 'my ($n, $seed) = @ARGV; srand $seed; my @id;
        open my $p, ">", "$n.pipeline"; open my $b, ">", "$n.ninja";
        print $b "rule r\n command = echo\n";
        for my $i (0 .. $n - 1) {
            push @id, sprintf "s%x_%d", int rand 1e6, $i;
            my %seen; my @needs = grep { !$seen{$_}++ } map { $id[int rand $i] } 1 .. ($i > 3 ? 3 : 0);
            printf $p "run %s%s { run [\"echo\", \"%d\"] }\n", $id[$i],
                @needs ? " needs=[" . join(", ", @needs) . "]" : "", $i;
            print $b "build $id[$i]: r @needs\n";
            $edges += @needs;
        }
        print $b "build last: r $id[-1]\n";
        print "$n $edges\n"' "$1" "$seed" >"$1.edges"
    "$PIPEC" plan "$1.pipeline" --out "$1.plan" >/dev/null
}
must "plans of 10,000 and 100,000 stages are saved" eval 'both 10000 && both 100000'
must "every stage and edge is loaded" sh -c './load 100000.plan | cmp - 100000.edges'
must "what was changed by a byte is refused" sh -c 'sed "s/\"edges\"/\"edged\"/" 100000.plan >bad.plan; ! ./load bad.plan 2>/dev/null'
pair -n 7 "load a plan of 100,000 stages / ninja" 0.5 ./load 100000.plan -- ninja -f 100000.ninja -t query last
growth "load a plan, 10,000 -> 100,000 stages" "$(fastest 5 ./load 10000.plan)" "$(fastest 5 ./load 100000.plan)" 11
