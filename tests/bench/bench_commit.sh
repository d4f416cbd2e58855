# A GitOps commit of one file: beside `git add && git commit`, and its growth.
lib=$(dirname "$PIPEC")/libpipec.a
cc -std=c17 -D_GNU_SOURCE -O2 -I"$root" -no-pie -o commit "$here/commit.c" "$lib" -l:libjansson.a -l:libcrypto.a -lm -ldl -lpthread
repositories() { # repositories FILES
    mkdir "w$1" && perl -e '
        for my $i (1 .. shift) {
            my $d = int($i / 200);
            -d "d$d" or mkdir "d$d" or die;
            open my $f, ">", "d$d/f$i" or die;
            print $f "file $i ", rand, "\n";
        }' "$1" && mv d* "w$1" &&
        git -C "w$1" init -q && git -C "w$1" config gc.auto 0 &&
        git -C "w$1" add -A && git -C "w$1" commit -qm x &&
        git -C "w$1" gc -q &&
        git clone -q --bare "w$1" "u$1.git"
}
for size in 1000:0.15 50000:0.05; do
    files=${size%:*}
    must "$files files" repositories "$files"
    ./commit "one file of $files / git add, commit" "${size#*:}" "w$files" "$work/commit/u$files.git" cache "$files" || over=$((over + 1))
    must "the commits are well formed" git -C "u$files.git" fsck --strict --no-dangling --no-progress
    must "each is of one path" test "$(git -C "u$files.git" log -5 --format= --name-only | wc -l)" = 5
    must "and stands in a line" test "$(git -C "u$files.git" rev-list --count main)" = 6
done
