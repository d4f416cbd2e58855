# The cost of a start: `check` on the example beside `git --version`.
cp -R "$root/examples/payments" . && cd payments && git init -q && git add -A && git commit -qm x
sed 's/hold=hold/hold=hodl/' payments.pipeline >../broken.pipeline
must "check accepts the example" "$PIPEC" check payments.pipeline >/dev/null
must "check sees a mistake" sh -c '! "$PIPEC" check ../broken.pipeline >/dev/null 2>&1'
pair -n 31 "check the example / git --version" 0.8 "$PIPEC" check payments.pipeline -- git --version
faults=$("$work/pair" -n 3 x 9 "$PIPEC" check payments.pipeline -- true | sed 's/.*faults \([0-9]*\).*/\1/')
printf '%-44s %8s page faults (limit 100)  %s\n' "check the example" "$faults" "$([ "$faults" -le 100 ] && echo ok || echo OVER)"
[ "$faults" -le 100 ] || over=$((over + 1))
