#!/bin/sh
# A value that is interpolated into a command arrives there as one word, byte
# for byte, whatever it holds: the compiled command is given to sh, and what
# comes out is compared with what went in. Where sh would not read a word, the
# compiler refuses.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
nl='
'
n=0
ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

# One raw here-document a context, so that nothing but the language's own
# interpolation is read.
i=0
while IFS= read -r context; do
    i=$((i + 1))
    printf 'param v: string = ""\nrun a {\n  run <<~SH\n    %s\n  SH\n}\n' \
        "$context" >"$i.pipeline"
    echo "$context" >"$i.name"
done <<'END'
printf %s \(v)
printf %s a\(v)b | sed 's/^a//; s/b$//'
set -f; IFS=; printf %s $(printf %s \(v))
printf %s "$(printf %s \(v))"
x=\(v); printf %s "$x"
case \(v) in *) printf %s \(v) ;; esac
printf %s ''\(v)""
printf %s "$(printf %s "$(printf %s \(v))")"
{ printf %s \(v); } # a comment
: "${none:-"it's"}"; printf %s \(v)
: 'a # b' "c # d" e#f; printf %s \(v)
cat <<X >/dev/null; printf %s \(v)
END
printf 'param v: string = ""\nrun a {\n  run <<~SH\n    cat <<'"'X Y'"' >/dev/null\n    it is "open\n    X Y\n    printf %%s \\(v)\n  SH\n}\n' >12.pipeline

values() { # calls "$1" with each
    for v in 'a b' "it's" '"' '$(touch broken)' '`touch broken`' '\' 'a\nb' \
        "a${nl}b" '*' '~' '#c' 'x=y' '!' 'é' '' "\$'a'" ';touch broken' \
        '&& touch broken' "'; touch broken; '" "'\\''" '-n' '${HOME}' '%s' \
        "'\"'\"'" '>broken' "\"\$(touch broken)\""; do
        "$1" "$v"
    done
}
bad=
try() {
    got=$("$PIPEC" check "$i.pipeline" --param "v=$1" --dump graph |
        jq -r '.nodes[0].commands[0].command') || bad="$bad refused:$1"
    got=$(sh -c "$got"; echo .)
    [ "$got" = "$1." ] || bad="$bad [$1 -> $got]"
}
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    bad=
    values try
    [ -z "$bad" ]
    ok $? "$(cat $i.name)"
    [ -z "$bad" ] || printf '%s\n' "$bad" | sed 's/^/# /'
done
[ ! -e broken ]
ok $? 'nothing that came in a value was run'

# A list is so many words.
printf 'param v: list(string) = []\nrun a { run "for x in \\(v); do echo \\"<$x>\\"; done" }\n' >l.pipeline
got=$("$PIPEC" check l.pipeline --param "v=[\"a b\", \"\", \"it's\"]" --dump graph |
    jq -r '.nodes[0].commands[0].command')
[ "$(sh -c "$got")" = "<a b>$nl<>$nl<it's>" ]
ok $? 'a list is one word an element'

while IFS= read -r context; do
    printf 'param v: string = ""\nrun a {\n  run <<~SH\n    %s\n  SH\n}\n' \
        "$context" >r.pipeline
    "$PIPEC" check r.pipeline 2>&1 | grep -q 'E070[23]'
    ok $? "refused: $context"
done <<'END'
echo '\(v)'
echo "\(v)"
echo "a $(echo '\(v)')"
echo "$(echo "\(v)")"
echo `echo \(v)`
echo "`echo \(v)`"
echo ${x:-\(v)}
echo "${x:-\(v)}"
echo $((1 + \(v)))
echo a # \(v)
echo $\(v)
echo 'it'"'"'\(v)'
sh -c 'echo \(v)'
cat <<X\(v)
END
echo "1..$n"
