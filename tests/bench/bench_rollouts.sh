# Many canaries at once: one run, one HAProxy with two servers each, one
# Prometheus that all of them ask. Nothing to compare with: the peers need a
# cluster for this. ROLLOUTS says how many.
n=${ROLLOUTS:-1000} hold=20s
free() { "$root/tests/support/free-port"; }
prom=$(free)
{
    printf 'global\n    stats socket %s/h.sock mode 600 level admin\n    maxconn 4000\n' "$PWD"
    printf 'defaults\n    mode http\n    timeout connect 2s\n    timeout client 10s\n    timeout server 10s\n'
    for i in $(seq 0 $((n - 1))); do
        printf 'backend b%d\n    server stable 127.0.0.1:9 weight 100\n    server canary 127.0.0.1:9 weight 0\n' "$i"
    done
} >h.cfg
printf 'scrape_configs: [{job_name: self, scrape_interval: 1s, static_configs: [{targets: ["127.0.0.1:%s"]}]}]\n' "$prom" >p.yml
cat >rollouts.pipeline <<P
rollout app for=i in range($n) {
  router haproxy "h.sock" backend="b\\(i)" stable="stable" canary="canary"
  canary { weight 10% hold=$hold; weight 50% hold=$hold; weight 100% }
  analyze up every=10s { prometheus "http://127.0.0.1:$prom" query="count(up)"; pass result >= 1 }
}
P
haproxy -db -f h.cfg >h.log 2>&1 & haproxy=$!
prometheus --config.file=p.yml --storage.tsdb.path=tsdb --log.level=error --web.listen-address="127.0.0.1:$prom" >p.log 2>&1 & prometheus=$!
until curl -sf -o /dev/null "http://127.0.0.1:$prom/-/ready" && [ -S h.sock ]; do sleep 0.1; done

kib() { # kib PID...: memory of each, what is shared divided among the sharers
    for p in "$@"; do awk '/^Pss:/ { s += $2 } END { print s }' "/proc/$p/smaps_rollup" 2>/dev/null; done
}
"$PIPEC" run -j 1000 --format plain rollouts.pipeline >out 2>&1 & run=$!
until [ "$(sqlite3 "file:.pipec/state.db?mode=ro" "select count(distinct stage) from events where name = 'rollout.weight'" 2>/dev/null || echo 0)" -ge "$n" ] ||
    ! kill -0 $run 2>/dev/null; do sleep 0.5; done
mapfile -t kids < <(pgrep -P $run)
each=$(kib "${kids[@]}" | awk '{ s += $1; k++ } END { printf "%d", k ? s / k : 0 }') own=$(kib $run)
wait $run
code=$?
kill $haproxy $prometheus
wait $haproxy $prometheus 2>/dev/null
must "all $n rollouts were promoted" test $code = 0
cpu=$(sqlite3 .pipec/state.db "select sum(cpu_ms) / $n from attempts")
took=$(sqlite3 .pipec/state.db "select (ended - started) / 1000 from runs")
figure() { # figure NAME VALUE UNIT LIMIT
    printf '%-44s %8s %s (limit %s)  %s\n' "$1" "$2" "$3" "$4" "$([ "$2" -le "$4" ] && echo ok || echo OVER)"
    [ "$2" -le "$4" ] || over=$((over + 1))
}
printf '%-44s %8s s, of which 40 s are holds\n' "$n rollouts at once" "$took"
figure 'memory of each' "$each" KiB 4096
figure 'and of what supervises them, each' $((own / n)) KiB 256
figure 'CPU of each, from start to end' "$cpu" ms 300
