#!/bin/sh
# The kinds, routers and providers that talk to servers, with real ones: HAProxy,
# nginx, a registry, Prometheus' and Argo CD's API as files behind nginx.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin

web=$(port) other=$(port)
mkdir -p site/api/v1/applications logs
chmod 755 "$work" # nginx serves as nobody
cat >nginx.conf <<X
daemon off; error_log $work/logs/error.log; pid $work/nginx.pid;
events {}
http {
  log_format body escape=json '\$request_uri \$request_body';
  access_log off;
  client_body_temp_path $work/logs; proxy_temp_path $work/logs;
  fastcgi_temp_path $work/logs; uwsgi_temp_path $work/logs; scgi_temp_path $work/logs;
  default_type application/json;
  server {
    listen 127.0.0.1:$web;
    location /hook { proxy_pass http://127.0.0.1:$web/sink; access_log $work/hooks body; }
    location /sink { return 204; }
    location /broken { return 500 "out of order"; }
    location /api/v1/query { proxy_method GET; proxy_pass http://127.0.0.1:$web/query.json; access_log $work/queries body; }
    location / { root $work/site; }
  }
}
X
nginx -p "$work" -c "$work/nginx.conf" 2>"$work/log" & pids="$pids $!"
up "http://127.0.0.1:$web/"; ok 'nginx answers'
url=http://127.0.0.1:$web

# ---- notify ------------------------------------------------------------------
cat >t.pipeline <<'X'
notify done { slack env("SLACK_URL"); message "it's done" }
X
export SLACK_URL="$url/hook/slack?key=s3cr3t"
pipe t.pipeline; ended 0; ok 'Slack is told'
grep -q 'it.s done' hooks && ! grep -q s3cr3t log; ok 'with the text, and its address is shown nowhere'
cat >t.pipeline <<X
notify done { webhook "$url/hook/x" header={"X-A": "b"}; message "m" }
X
pipe t.pipeline; ended 0 && grep -q '/hook/x.*stage.*done' hooks; ok 'a webhook gets JSON'
printf 'notify done { webhook "%s/broken"; retries 1; message "m" }\n' "$url" >t.pipeline
pipe t.pipeline; ended 1 'answered 500'; ok 'a webhook that fails fails the stage'

# ---- sync ----------------------------------------------------------------------
app() { # app SYNC REVISION HEALTH
    printf '{"status":{"sync":{"status":"%s","revision":"%s"},"health":{"status":"%s"},"operationState":{"phase":"Succeeded"}}}' \
        "$@" >site/api/v1/applications/app.new
    mv site/api/v1/applications/app.new site/api/v1/applications/app
}
cat >t.pipeline <<X
sync argo { argocd "$url", "app" revision="abc"; healthy within=20s; every 100ms }
X
app OutOfSync old Healthy
(sleep 3; app Synced abc Progressing; sleep 1; app Synced abc Healthy) &
pipe t.pipeline; ended 0 'it is OutOfSync' 'it is Progressing'; ok 'sync waits for revision and health'
app Synced other Healthy
sed -i 's/20s/400ms/' t.pipeline
pipe t.pipeline; ended 1 "'app' is not healthy after 400ms: it is at other"; ok 'and gives up with what it last saw'
sed -i 's/"app"/"none"/' t.pipeline
pipe t.pipeline; ended 1 "no application 'none'"; ok 'an unknown application is named'

# ---- providers -------------------------------------------------------------------
cat >set <<'X'
#!/bin/sh
echo "$WEIGHT" >>weights; echo "$WEIGHT" >weight
X
chmod +x set; echo 0 >weight
roll() { # roll PROVIDER PASS: a rollout measured by that
    : >weights
    cat >t.pipeline <<X
rollout prod {
  router exec set=["./set"] get="cat weight"
  canary { weight 20% hold=500ms; weight 100% }
  analyze a every=100ms failures=0 errors=0 { $1; pass $2 }
}
X
    pipe t.pipeline
}
printf '{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"0.995"]}]}}' >site/query.json
roll "prometheus \"$url\" query='up{a=\"b c\"}'" 'result >= 99%'; ended 0 promoted; ok 'one sample is a number'
grep -q 'query=up%7Ba%3D%22b%20c%22%7D' queries; ok 'the query is sent as a form'
printf '20\n100\n' | cmp -s - weights; ok 'the router was told each weight once'
printf '{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"1"]},{"value":[1,"0.5"]}]}}' >site/query.json
roll "prometheus \"$url\" query='x'" 'min(result) >= 0.9'; ended 1; ok 'several samples are a list'
printf '20\n0\n' | cmp -s - weights; ok 'and an abort puts traffic back'
printf '{"status":"error","errorType":"bad_data","error":"parse error"}' >site/query.json
roll "prometheus \"$url\" query='x'" 'result > 0'; ended 1 'parse error'; ok "Prometheus' own words are told"
printf '{"a":{"b":[{"rate":0.2}]}}' >site/m.json
roll "http \"$url/m.json\" path=\"a.b[0].rate\"" 'result < 0.5'; ended 0; ok 'a value out of a JSON document'
roll "http \"$url/m.json\" path=\"a.x\"" 'result < 0.5'; ended 1 'leads nowhere'; ok 'a path that leads nowhere is an error'
roll 'exec ["echo", "7"]' 'result == 7'; ended 0; ok 'what a command prints'
roll 'lua "return 3"' 'result == 3'; ended 0; ok 'what Lua returns'

# ---- routers -----------------------------------------------------------------------
a=$(port) b=$(port)
cat >haproxy.cfg <<X
global
    stats socket $work/haproxy.sock mode 600 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend web
    bind 127.0.0.1:$other
    default_backend app
backend app
    server stable 127.0.0.1:$a weight 100
    server canary 127.0.0.1:$b weight 0
X
haproxy -db -f haproxy.cfg >haproxy.log 2>&1 & pids="$pids $!"
for _ in $(seq 200); do [ -S haproxy.sock ] && break; sleep 0.05; done
cat >t.pipeline <<'X'
rollout prod {
  router haproxy "haproxy.sock" backend="app" stable="stable" canary="canary"
  canary { weight 12.5% hold=300ms; run "echo 'get weight app/canary' | socat - UNIX-CONNECT:haproxy.sock > seen"; weight 100% }
}
X
pipe t.pipeline; ended 0 promoted; ok 'HAProxy is told by its socket'
grep -q '^25 ' seen && echo 'get weight app/stable' | socat - UNIX-CONNECT:haproxy.sock | grep -q '^0 '
ok 'and its servers have the weights'
sed -i 's/stable="stable"/stable="stabel"/' t.pipeline
pipe t.pipeline; ended 1 'No such server'; ok "HAProxy's own words are told"

split=$(port)
mkdir -p ng
printf 'map "" $upstream_name { default stable; }\n' >ng/split.conf
cat >ng/nginx.conf <<X
daemon off; error_log $work/ng/error.log; pid $work/ng/pid;
events {}
http {
  access_log off;
  client_body_temp_path $work/ng; proxy_temp_path $work/ng;
  fastcgi_temp_path $work/ng; uwsgi_temp_path $work/ng; scgi_temp_path $work/ng;
  include $work/ng/split.conf;
  server { listen 127.0.0.1:$split; return 200 "\$upstream_name\n"; }
}
X
nginx -p "$work/ng" -c "$work/ng/nginx.conf" & pids="$pids $!"
up "http://127.0.0.1:$split/"
cat >t.pipeline <<X
rollout prod {
  router nginx "ng/split.conf" stable="stable" canary="canary" test="nginx -t -q -p $work/ng -c $work/ng/nginx.conf" reload="kill -HUP \$(cat $work/ng/pid)"
  canary { weight 50% hold=1s; run "for i in \$(seq 60); do curl -s http://127.0.0.1:$split/; done > split"; weight 100% hold=500ms }
}
X
pipe t.pipeline; ended 0 promoted; ok 'nginx is given a split'
grep -q stable split && grep -q canary split && [ "$(curl -s "http://127.0.0.1:$split/")" = canary ]
ok 'which it follows'

# ---- registry -------------------------------------------------------------------------
reg=$(port)
cat >registry.yml <<X
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: 127.0.0.1:$reg}
X
docker-registry serve registry.yml >registry.log 2>&1 & pids="$pids $!"
up "http://127.0.0.1:$reg/v2/"
echo binary >server
cat >t.pipeline <<X
build slim {
  from scratch
  copy "server", "/server" mode=0755
  entrypoint ["/server"]
  tag "127.0.0.1:$reg/team/app:1"
  tag "127.0.0.1:$reg/team/app:latest"
  push
}
run show { run "echo ref=\(slim.ref)" }
X
pipe t.pipeline; ended 0 "ref=127.0.0.1:$reg/team/app@sha256:"; ok 'an image is pushed under every tag'
got=$(curl -s -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://127.0.0.1:$reg/v2/team/app/manifests/latest" | sha256sum | cut -c1-64)
grep -q "ref=.*@sha256:$got" log; ok 'the registry has it by that digest'
done_testing
