#!/bin/bash
# Canaries against a real HAProxy, a real Prometheus and real traffic: the good,
# the bad, the slow, and everything going away in the middle.
. "$(dirname "$0")/lib.sh"
web=$(port) stable=$(port) canary=$(port) exporter=$(port) prom=$(port) static=$(port)
router='router haproxy "h.sock" backend="app" stable="stable" canary="canary"'

cat >h.cfg <<EOT
global
    stats socket $work/h.sock mode 600 level admin
    hard-stop-after 1s
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
    option redispatch
frontend web
    bind 127.0.0.1:$web
    default_backend app
backend app
    server stable 127.0.0.1:$stable weight 100
    server canary 127.0.0.1:$canary weight 0
frontend metrics
    bind 127.0.0.1:$exporter
    http-request use-service prometheus-exporter if { path /metrics }
    no log
EOT
cat >p.yml <<EOT
global: {scrape_interval: 1s, scrape_timeout: 900ms}
scrape_configs:
- job_name: haproxy
  params: {scope: [server]}
  static_configs: [{targets: ["127.0.0.1:$exporter"]}]
- job_name: app
  static_configs: [{targets: ["127.0.0.1:$canary"]}]
EOT
app() { # app PORT ERRORS DELAY; its pid in $app
    /usr/bin/python3 "$support/app.py" "$@" 2>/dev/null & app=$!
    pids="$pids $app"
    up "http://127.0.0.1:$1/healthz"
}
haproxy_up() { haproxy -db -f h.cfg >h.log 2>&1 & haproxy=$!; pids="$pids $haproxy"; up "http://127.0.0.1:$web/"; }
traffic() { curl -s --rate 60/s -o /dev/null "http://127.0.0.1:$web/[1-100000]" & traffic=$!; pids="$pids $traffic"; }
weigh() { echo "set server app/canary weight $1; set server app/stable weight $((100 - $1))" | socat - UNIX-CONNECT:h.sock >/dev/null; }
forgotten() { # the canary of before is in no window that is asked for any more
    for _ in $(seq 600); do
        curl -sG -m 5 "http://127.0.0.1:$prom/api/v1/query" --data-urlencode \
            'query=sum(increase(haproxy_server_http_responses_total{server="canary"}[4s])) > 0 or sum(increase(http_request_duration_seconds_bucket[4s])) > 0' |
            grep -q '"result":\[\]' && return
        sleep 0.1
    done
    echo '# the old canary is still measured'
}
new_canary() { # new_canary ERRORS DELAY: another version behind the canary
    weigh 0
    kill "$canary_pid" 2>/dev/null; wait "$canary_pid" 2>/dev/null
    app "$canary" "$1" "$2"; canary_pid=$app
    forgotten
}
weight() { echo "get weight app/canary" | socat - UNIX-CONNECT:h.sock | cut -d' ' -f1; }
weights() { # every weight of the last run, as "10 50 100"
    sqlite3 .pipec/state.db "select group_concat(json_extract(data, '\$.weight'), ' ') from events
        where name = 'rollout.weight' and run = (select max(id) from runs) order by seq" | sed 's/\.0//g'
}
app "$stable" 0 0
app "$canary" 0 0; canary_pid=$app
haproxy_up
prometheus --config.file=p.yml --storage.tsdb.path=tsdb --log.level=error \
    --web.listen-address="127.0.0.1:$prom" >p.log 2>&1 & prometheus=$!
pids="$pids $prometheus"
up "http://127.0.0.1:$prom/-/ready"
traffic

success="prometheus \"http://127.0.0.1:$prom\" query='sum(rate(haproxy_server_http_responses_total{server=\"canary\",code=\"2xx\"}[4s])) / sum(rate(haproxy_server_http_responses_total{server=\"canary\"}[4s]))'"
canary_of() { # canary_of HOLD ANALYSIS...: writes r.pipeline
    hold=$1; shift
    cat >r.pipeline <<EOT
rollout prod {
  $router
  watch 1s
  canary { weight 10%; run ["touch", "settled"]; hold $hold; weight 50% hold=$hold; weight 100% hold=$hold }
  $*
}
EOT
}
on_stable() { [ "$(weight)" = 0 ]; }

canary_of 4s "analyze ok every=1s failures=2 { $success; pass result >= 0.95 }"
pipe r.pipeline; ended 0 'promoted'; ok 'a good version is promoted'
[ "$(weights)" = "10 50 100" ]; ok 'through every weight, in order'

# The bad ones are given as long as it takes: they end sooner.
new_canary 0.2 0
canary_of 2m "analyze ok every=1s failures=1 { $success; pass result >= 0.95 }"
pipe r.pipeline; ended 1 'aborted'; ok 'a version with 20% errors is aborted'
[ "$(weights)" = "10 0" ] && on_stable; ok 'at its first weight, and traffic is back'

new_canary 0 0.15
canary_of 2m "analyze p95 every=1s failures=1 { prometheus \"http://127.0.0.1:$prom\" query='histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[4s])))'; pass result < 0.1 }"
pipe r.pipeline; ended 1 'aborted' && on_stable && [ "$(weights)" = "10 0" ]; ok 'a slow version is aborted by its p95'

kill "$traffic"
new_canary 0 0
canary_of 1s "analyze ok every=1s { $success; pass result >= 0.95; no-data hold for=3s }"
pipe r.pipeline; ended 1 'no data' && on_stable; ok 'without traffic it holds, and then gives up'
[ "$(weights)" = "10 0" ]; ok 'and never went past its first weight'
traffic

canary_of 1s "analyze ok every=500ms errors=2 { prometheus \"http://127.0.0.1:$(port)\" query='up'; pass result > 0 }"
pipe r.pipeline; ended 1 'aborted' && on_stable; ok 'a Prometheus that is down is an error, not a pass'
mkdir -p static/api/v1 && echo '<html>hello</html>' >static/api/v1/query
/usr/bin/python3 -m http.server --directory static --bind 127.0.0.1 "$static" >/dev/null 2>&1 & pids="$pids $!"
up "http://127.0.0.1:$static/"
canary_of 1s "analyze ok every=500ms errors=2 { prometheus \"http://127.0.0.1:$static\" query='up'; pass result > 0 }"
pipe r.pipeline; ended 1 'aborted' && on_stable; ok 'nor is one that answers nonsense'

mute=$(port)
/usr/bin/python3 -c "import socket, time
s = socket.create_server(('127.0.0.1', $mute)); time.sleep(10000)" & pids="$pids $!"
until (exec 3<>/dev/tcp/127.0.0.1/"$mute") 2>/dev/null; do sleep 0.05; done
canary_of 1s "analyze ok every=500ms errors=1 timeout=500ms { prometheus \"http://127.0.0.1:$mute\" query='up'; pass result > 0 }"
pipe r.pipeline; ended 1 'aborted' && on_stable; ok 'nor one that never answers'

# ---- somebody and something in the way ---------------------------------------
slow="analyze ok every=1s failures=5 { $success; pass result >= 0.5 }"
begin() { # begin: pipec run in the background until 10% is set and was seen
    rm -rf .pipec settled
    "$PIPEC" run --wait --format plain r.pipeline >log 2>&1 </dev/null & run=$!
    for _ in $(seq 1200); do [ -e settled ] && return; sleep 0.05; done
}
end() { wait "$run"; status=$?; }
settles() { for _ in $(seq 600); do on_stable && return; sleep 0.1; done; return 1; }

canary_of 1m "$slow"
begin; "$PIPEC" abort 1 >/dev/null 2>&1; end; ended 1 'aborted' && on_stable; ok 'pipec abort, from elsewhere, aborts it'
begin; echo "set server app/canary weight 77" | socat - UNIX-CONNECT:h.sock >/dev/null
end; ended 1 'aborted' && on_stable; ok "somebody else's weight is noticed, and aborts it"

cat >r.pipeline <<EOT
rollout prod { $router; canary { weight 10%; run ["touch", "settled"]; hold until=approved; weight 100% } }
EOT
begin; "$PIPEC" approve 1 >/dev/null 2>&1; end; ended 0 'promoted'; ok 'pipec approve lets it go on'
weigh 0

canary_of 1m "$slow"
begin; kill -9 "$haproxy"; wait "$haproxy" 2>/dev/null; sleep 2; haproxy_up; end
ended 1 && settles; ok 'a router that went away is found again, and traffic on stable'
done_testing
