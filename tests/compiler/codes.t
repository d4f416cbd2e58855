#!/bin/sh
# Every code of the catalogue is provoked by a golden case, and `pipec explain`
# has something to tell about it.
cd "$(dirname "$0")/../.." || exit 1
codes=$(sed -n 's/^CODE(\([EW][0-9]*\),.*/\1/p' compiler/codes.def)
seen=$(find tests/golden -name stdout -o -name stderr | xargs grep -oh \
    '\[[EW][0-9]*\]' | tr -d '[]' | sort -u)
n=0
for code in $codes; do
    n=$((n + 1))
    if ! echo "$seen" | grep -qx "$code"; then
        echo "not ok $n - $code: no golden case prints it"
    elif [ "$("$PIPEC" explain "$code" | wc -l)" -lt 3 ]; then
        echo "not ok $n - $code: nothing is explained"
    else
        echo "ok $n - $code"
    fi
done
echo "1..$n"
