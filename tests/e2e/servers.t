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
    use-server canary if { req.hdr(X-Canary),map($work/canary.map) -m str canary }
X
: >canary.map
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

runtime() { echo "$1" | socat - UNIX-CONNECT:haproxy.sock; }
cat >t.pipeline <<'X'
rollout prod {
  router haproxy "haproxy.sock" backend="app" stable="stable" canary="canary" map="canary.map" header="X-Canary"
  canary { header "X-Canary: yes; really"; run "echo show map canary.map | socat - UNIX-CONNECT:haproxy.sock > seen"; weight 10%; run "false" ; weight 100% }
}
X
sed -i "s|canary.map|$work/canary.map|g" t.pipeline
pipe t.pipeline; ended 1 && grep -q ' yes; really canary$' seen; ok 'a header is put into its map'
[ -z "$(runtime "show map $work/canary.map" | grep -v '^$')" ]; ok 'and goes with an abort'
cp t.pipeline keep.pipeline
sed -i "s|run \"false\"|run \"echo clear map $work/canary.map \| socat - UNIX-CONNECT:haproxy.sock\" ; hold 1m|; s|^  canary|  watch 100ms; canary|" t.pipeline
pipe t.pipeline; ended 1 'someone else changed the router' "the map '$work/canary.map' holds nothing"; ok 'a map that somebody clears is noticed'
mv keep.pipeline t.pipeline
sed -i 's/header="X-Canary"/header="X-Other"/' t.pipeline
pipe t.pipeline; ended 1 "is asked by the header 'X-Other', not by 'X-Canary'"; ok 'but no other header than it is asked by'
sed -i 's/header="X-Other"/header="X-Canary"/; s/canary.map" header/none.map" header/' t.pipeline
pipe t.pipeline; ended 1 'has no map'; ok 'and no map that is not there'

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

sed -i 's/hold=1s;.*/; run "echo >>ng\/split.conf"; hold 1m; weight 100% }; watch 100ms/' t.pipeline
pipe t.pipeline; ended 1 'someone else changed the router' "'ng/split.conf' is not as pipec wrote it"; ok 'a hand in its file is noticed'

# Upstreams that tell who they are; a copy is only written down.
new=$(port) old=$(port)
cat >ng/nginx.conf <<X
daemon off; error_log $work/ng/error.log; pid $work/ng/pid;
events {}
http {
  access_log off;
  client_body_temp_path $work/ng; proxy_temp_path $work/ng;
  fastcgi_temp_path $work/ng; uwsgi_temp_path $work/ng; scgi_temp_path $work/ng;
  include $work/ng/split.conf;
  log_format plain '\$http_x_copy \$uri';
  upstream stable { server 127.0.0.1:$old; }
  upstream canary { server 127.0.0.1:$new; }
  server { listen 127.0.0.1:$old; return 200 "old\n"; }
  server { listen 127.0.0.1:$new; access_log $work/ng/new.log plain; location / { return 200 "new\n"; } }
  server {
    listen 127.0.0.1:$split;
    location / { mirror /copy; proxy_pass http://\$upstream_name; }
    location = /copy { internal; if (\$copy_to = '') { return 204; } proxy_set_header X-Copy 1; proxy_pass http://\$copy_to\$request_uri; }
  }
}
X
printf 'map "" $upstream_name { default stable; }\nmap "" $copy_to { default ""; }\n' >ng/split.conf
nginx -p "$work/ng" -c "$work/ng/nginx.conf" -t -q && kill -HUP "$(cat ng/pid)"
get() { curl -s "$@" "http://127.0.0.1:$split/x"; }
cat >ask <<X
#!/bin/sh
# ask FILE: what 40 requests get, with the header, nearly the header, without
for h in 'X-Canary: a.b"c' 'X-Canary: aXb"c' 'X-Other: 1'; do
    for i in \$(seq 40); do curl -s -H "\$h" http://127.0.0.1:$split/x; done | sort | uniq -c | tr -s ' \n' ' '
    echo
done >\$1
X
chmod +x ask
settled() { # settled WHO: all requests are answered by WHO
    for _ in $(seq 100); do
        [ "$(for _ in 1 2 3 4 5 6; do get; done | sort -u)" = "$1" ] && return 0
        sleep 0.05
    done
    return 1
}
settled old; ok 'nginx copies nothing, and all is old'
cat >t.pipeline <<X
rollout prod {
  router nginx "ng/split.conf" stable="stable" canary="canary" mirror="copy_to" test="nginx -t -q -p $work/ng -c $work/ng/nginx.conf" reload="kill -HUP \$(cat $work/ng/pid)"
  canary {
    header "X-Canary: a.b\"c"; hold 1s
    run "./ask by-header"
    header ""; mirror 100%; hold 1s
    run "./ask mirrored"
    weight 20%; run "false"; weight 100%
  }
}
X
pipe t.pipeline
[ "$(cat by-header)" = "$(printf ' 40 new \n 40 old \n 40 old ')" ]; ok 'requests with just that header go to the new version'
[ "$(cat mirrored)" = "$(printf ' 40 old \n 40 old \n 40 old ')" ] && [ "$(grep -c '^1 /x' ng/new.log)" -ge 110 ]
ok 'a mirror sends copies there, and the answers come from the old'
settled old && : >ng/new.log && get -H 'X-Canary: a.b"c' | grep -q old && [ ! -s ng/new.log ]; ok 'an abort ends both'

# Under load: no request is lost while the split changes.
cat >t.pipeline <<X
rollout prod {
  router nginx "ng/split.conf" stable="stable" canary="canary" mirror="copy_to" test="nginx -t -q -p $work/ng -c $work/ng/nginx.conf" reload="kill -HUP \$(cat $work/ng/pid)"
  canary { weight 5% hold=300ms; weight 25% hold=300ms; weight 50% hold=300ms; weight 75% hold=300ms; weight 100% hold=300ms }
}
X
hey -z 60s -c 4 -q 100 -disable-keepalive "http://127.0.0.1:$split/x" >hey.log 2>&1 & hey=$!
pids="$pids $hey"
: >ng/new.log
pipe t.pipeline; ended 0 promoted; ok 'nginx under load is promoted'
settled new && kill -INT $hey; wait $hey 2>/dev/null
responses=$(sed -n '/Status code distribution/,/^$/p' hey.log | grep -c '\[')
grep -q '\[200\]' hey.log && [ "$responses" = 1 ] && ! grep -q 'Error distribution' hey.log; ok 'and no request is lost' || sed 's/^/# /' hey.log
[ "$(grep -c ' /x' ng/new.log)" -gt 20 ]; ok 'of which the new version had its share'

# ---- exec, told of everything
cat >t.pipeline <<'X'
rollout prod {
  router exec set="echo w $WEIGHT >>told" mirror="echo m $MIRROR >>told" header='echo "h $HEADER" >>told'
  canary { mirror 5%; header "X-Canary: 1"; weight 12.5%; weight 100% }
}
X
pipe t.pipeline; ended 0
printf '%s\n' 'w 0' 'm 5' 'h ' 'w 0' 'm 5' 'h X-Canary: 1' 'w 12.5' 'm 5' 'h X-Canary: 1' 'w 100' 'm 5' 'h X-Canary: 1' 'w 100' 'm 0' 'h ' | cmp -s - told
ok 'commands are told of mirror and header, and of their end'

cat >t.pipeline <<'X'
rollout prod {
  router exec set="echo $WEIGHT >weight" get="cat weight" mirror="echo $MIRROR >mirror" header='echo "$HEADER" >header' verify='[ "$(cat mirror)" = "$MIRROR" ] && [ "$(cat header)" = "$HEADER" ]'
  canary { mirror 5%; header "X-Canary: 1"; weight 12.5%; run "./hand"; hold 1m; weight 100% }
  watch 100ms
}
X
printf '#!/bin/sh\n:\n' >hand; chmod +x hand
sed 's/ hold 1m;//' t.pipeline >u.pipeline
pipe u.pipeline; ended 0 promoted && [ "$(cat mirror)" = 0 ] && [ -z "$(cat header)" ]; ok 'a command can say that mirror and header are as they were set'
printf '#!/bin/sh\necho other >header\n' >hand
pipe t.pipeline; ended 1 'someone else changed the router' && [ -z "$(cat header)" ]; ok 'and that they are not'

# ---- registry -------------------------------------------------------------------------
registry
echo binary >server
cat >t.pipeline <<X
build slim {
  from scratch
  copy "server", "/server" mode=0755
  entrypoint ["/server"]
  tag "$to/team/app:1"
  tag "$to/team/app:latest"
  push
}
run show { run "echo ref=\(slim.ref)" }
X
pipe t.pipeline; ended 0 "ref=$to/team/app@sha256:"; ok 'an image is pushed under every tag'
got=$(curl -s -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$to/v2/team/app/manifests/latest" | sha256sum | cut -c1-64)
grep -q "ref=.*@sha256:$got" log; ok 'the registry has it by that digest'
done_testing
