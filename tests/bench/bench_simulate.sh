# Simulation: measurements a second, engine, model and conditions included.
pipeline="$root/examples/payments/payments.pipeline"
must "a simulation decides" sh -c '
    "$PIPEC" simulate "$1" -m errors=20% --format json | grep -q "\"outcome\":\"aborted\"" &&
    "$PIPEC" simulate "$1" --format json | grep -q "\"outcome\":\"promoted\""' sh "$pipeline"
must "the same seed gives the same runs" sh -c '
    "$PIPEC" simulate "$1" -m errors=1% --runs 500 --seed "$2" >one &&
    "$PIPEC" simulate "$1" -m errors=1% --runs 500 --seed "$2" >two && cmp -s one two' sh "$pipeline" "$seed"
"$PIPEC" simulate "$pipeline" --runs 20000 --seed "$seed" --format json >many.json
seconds=$(fastest 3 sh -c '"$PIPEC" simulate "$1" --runs 20000 --seed "$2" >/dev/null' sh "$pipeline" "$seed")
measured=$(sed 's/.*"measurements":\([0-9]*\).*/\1/' many.json)
awk -v n="$measured" -v s="$seconds" 'BEGIN {
    printf "%-44s %8.0f measurements a second (at least 100000)  %s\n",
        "simulate 20,000 rollouts", n / s, (n / s >= 100000 ? "ok" : "OVER")
    exit (n / s < 100000) }' || over=$((over + 1))
