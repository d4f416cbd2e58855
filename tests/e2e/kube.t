#!/bin/bash
# The routers that go through Kubernetes, against a real kube-apiserver: what
# they set, what they leave alone, and other people writing at the same time.
. "$(dirname "$0")/lib.sh"
mkdir kube
"$support/kube-apiserver" "$work/kube" >kube/start.log 2>&1 & pids="$pids $!"
for _ in $(seq 12000); do
    [ -f kube/ready ] && break
    kill -0 $! 2>/dev/null || break
    sleep 0.1
done
[ -f kube/ready ]; ok 'kube-apiserver answers' || tail kube/start.log
export KUBECONFIG=$work/kube/kubeconfig
server=$(cat kube/url)
api() { # api METHOD PATH [JSON [TYPE]]
    curl -s -m 30 --cacert kube/ca.crt -H 'Authorization: Bearer admintoken' -X "$1" "$server$2" \
        ${3:+-H "Content-Type: application/${4:-json}" --data-binary "$3"}
}
merge() { api PATCH "$1" "$2" merge-patch+json; }
crd() { # crd GROUP VERSION KIND PLURAL SCHEMA [SUBRESOURCES]
    api POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions "{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",
        \"metadata\":{\"name\":\"$4.$1\",\"annotations\":{\"api-approved.kubernetes.io\":\"unapproved, a test\"}},
        \"spec\":{\"group\":\"$1\",\"scope\":\"Namespaced\",\"names\":{\"plural\":\"$4\",\"singular\":\"${3,,}\",\"kind\":\"$3\",\"listKind\":\"$3List\"},
        \"versions\":[{\"name\":\"$2\",\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":$5}${6:+,\"subresources\":$6}}]}}" >>crds
}
any='{"type":"object","x-kubernetes-preserve-unknown-fields":true}'
# As the Gateway API's own: defaults that appear by themselves, weights checked.
refs='{"type":"array","items":{"type":"object","required":["name"],"x-kubernetes-preserve-unknown-fields":true,"properties":{"name":{"type":"string"},
    "weight":{"type":"integer","format":"int32","default":1,"minimum":0,"maximum":1000000}}}}'
route="{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true,\"properties\":{\"rules\":{\"type\":\"array\",\"maxItems\":16,
    \"items\":{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true,\"properties\":{\"backendRefs\":$refs,
    \"matches\":{\"type\":\"array\",\"maxItems\":8,\"default\":[{\"path\":{\"type\":\"PathPrefix\",\"value\":\"/\"}}],\"items\":$any}}}}}}}}"
crd networking.istio.io v1beta1 VirtualService virtualservices "$any"
crd gateway.networking.k8s.io v1 HTTPRoute httproutes "$route"
crd gateway.networking.k8s.io v1 GRPCRoute grpcroutes "$any"
crd gateway.networking.k8s.io v1alpha2 TLSRoute tlsroutes "$route"
crd gateway.networking.k8s.io v1alpha2 TCPRoute tcproutes "$route"
crd argoproj.io v1alpha1 Rollout rollouts "$any" '{"status":{}}'
api POST /api/v1/namespaces '{"metadata":{"name":"shop"}}' >/dev/null
vs=/apis/networking.istio.io/v1beta1/namespaces/shop/virtualservices
http=/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes
grpc=/apis/gateway.networking.k8s.io/v1/namespaces/shop/grpcroutes
layer4=/apis/gateway.networking.k8s.io/v1alpha2/namespaces/shop
ing=/apis/networking.k8s.io/v1/namespaces/shop/ingresses
ro=/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts
for p in $vs $http $grpc $layer4/tlsroutes $layer4/tcproutes $ro; do
    for _ in $(seq 200); do api GET $p | grep -q '"items"' && break; sleep 0.05; done
done

look() { api GET "$1" | jq -S 'del(.metadata.resourceVersion, .metadata.generation, .metadata.managedFields)'; }
holds() { # holds PATH JQ
    api GET "$1" | jq -e "$2" >/dev/null || { api GET "$1" | jq -c 'del(.metadata.managedFields)' | sed 's/^/# /'; return 1; }
}
conf() { # conf ROUTER STEPS [REST]: writes t.pipeline
    printf 'rollout prod {\n  router %s\n  canary { %s }\n  watch 100ms\n  %s\n}\n' "$1" "$2" "${3:-}" >t.pipeline
}
seen() { echo "run \"$work/snap $1 $2\""; }
cat >snap <<X
#!/bin/sh
curl -s -m 30 --cacert $work/kube/ca.crt -H 'Authorization: Bearer admintoken' "$server\$1" >"$work/\$2.json"
X
chmod +x snap

# ---- istio -----------------------------------------------------------------
shopvs='{"apiVersion":"networking.istio.io/v1beta1","kind":"VirtualService","metadata":{"name":"shop","labels":{"team":"a"},"annotations":{"note":"kept"}},"spec":{
  "hosts":["shop.example.com"],"gateways":[],"exportTo":["."],
  "http":[
   {"name":"static","match":[{"uri":{"prefix":"/static"}}],"route":[{"destination":{"host":"cdn"}}],"timeout":"0.5s","odd":{"empty":{},"list":[],"n":1.5,"big":9007199254740990,"no":null}},
   {"name":"main","match":[{"uri":{"prefix":"/"}},{"headers":{"x-a":{"exact":"b"}}}],"retries":{"attempts":3},
    "route":[{"destination":{"host":"shop.shop.svc.cluster.local","subset":"stable","port":{"number":80}},"weight":100,"headers":{"request":{"set":{"x":"y"}}}},
             {"destination":{"host":"shop.shop.svc.cluster.local","subset":"canary","port":{"number":80}},"weight":0}]}],
  "tcp":[{"match":[{"port":3000}],"route":[{"destination":{"host":"db"}}]}]}}'
api POST $vs "$shopvs" >/dev/null
look $vs/shop >before
istio='istio "shop" stable="stable" canary="canary"'
conf "$istio" "weight 10%; $(seen $vs/shop ten); weight 55%; $(seen $vs/shop more); weight 100%"
pipe t.pipeline; ended 0 promoted; ok 'istio: promoted'
weights() { jq -c '[.spec.http[] | select(.name == "main") | .route[].weight]' "$1.json"; }
[ "$(weights ten) $(weights more)" = "[90,10] [45,55]" ] && holds $vs/shop '.spec.http[1].route[1].weight == 100'; ok 'through its weights'
look $vs/shop | jq -S '.spec.http[1].route[0].weight = 100 | .spec.http[1].route[1].weight = 0' | cmp -s - before; ok 'and nothing else of it is changed'
conf "$istio" "weight 10%; run \"false\"; weight 100%"
pipe t.pipeline; ended 1 aborted; look $vs/shop | cmp -s - before; ok 'an abort puts it back, byte for byte'

conf "$istio" "header \"X-Canary: yes\"; mirror 25%; weight 10%; $(seen $vs/shop with); run \"false\"; weight 100%"
pipe t.pipeline; ended 1 aborted
jq -e '.spec.http | length == 3 and .[1].match == [{"uri":{"prefix":"/"},"headers":{"x-canary":{"exact":"yes"}}},{"headers":{"x-a":{"exact":"b"},"x-canary":{"exact":"yes"}}}]
  and (.[1].route | length == 1) and .[1].route[0].destination.subset == "canary" and .[1].retries.attempts == 3 and .[1].mirror == null
  and .[2].mirror.subset == "canary" and .[2].mirrorPercentage.value == 25 and .[2].route[1].weight == 10' with.json >/dev/null
ok 'istio: a header gets a route of its own, a mirror is set'
look $vs/shop | cmp -s - before; ok 'and both are gone after the abort'
conf "$istio" "header \"X-Canary: yes\"; mirror 25%; weight 100%"
pipe t.pipeline; ended 0 && holds $vs/shop '(.spec.http | length) == 2 and .spec.http[1].mirror == null'; ok 'as after the end'

# Somebody else writes all the time: nothing of theirs is lost, nothing of ours.
cat >writer <<X
#!/bin/bash
i=0
while [ ! -f "$work/enough" ]; do
    i=\$((i + 1))
    echo "{\"metadata\":{\"annotations\":{\"count\":\"\$i\"}}}" | curl -s -m 30 -o /dev/null --cacert $work/kube/ca.crt -H 'Authorization: Bearer admintoken' \
        -X PATCH -H 'Content-Type: application/merge-patch+json' --data-binary @- "$server$vs/shop" && echo "\$i" >"$work/written"
done
X
chmod +x writer; ./writer & writer=$!
steps=
for w in 5 10 15 20 25 30 35 40 45 50 55 60 65 70 75 80 85 90 95; do steps="$steps weight $w%; "; done
conf "$istio" "$steps weight 100%"
pipe t.pipeline; ended 0 promoted; ok 'istio: promoted while somebody else writes'
: >enough; wait $writer
[ "$(cat written)" -gt 3 ] && holds $vs/shop ".metadata.annotations.count == \"$(cat written)\" and .spec.http[1].route[1].weight == 100"; ok 'and neither loses a change'
merge $vs/shop '{"metadata":{"annotations":{"count":null}}}' >/dev/null

drift() { # drift PATH JSON-PATCH: changes the weight in the middle
    printf '#!/bin/sh\ncurl -s -m 30 -o /dev/null --cacert %s/kube/ca.crt -H "Authorization: Bearer admintoken" -X PATCH -H "Content-Type: application/json-patch+json" --data-binary '"'%s'"' "%s%s"\n' \
        "$work" "$2" "$server" "$1" >meddle
    chmod +x meddle
}
drift $vs/shop '[{"op":"replace","path":"/spec/http/1/route/1/weight","value":70},{"op":"replace","path":"/spec/http/1/route/0/weight","value":30}]'
conf "$istio" "weight 10%; run \"$work/meddle\"; hold 1m; weight 100%"
pipe t.pipeline; ended 1 'someone else changed the router' '70%' && holds $vs/shop '.spec.http[1].route[1].weight == 0'; ok "istio: somebody else's weight is noticed, and traffic put back"
conf "$istio" "weight 10%; run \"$work/meddle\"; hold 500ms; weight 100%" 'drift restore'
pipe t.pipeline; ended 0 promoted; ok 'or set again, where the file says so'
# ... and somebody else's hand in what was set beside the weight.
meddled() { # meddled ROUTER STEPS PATH JSON-PATCH WORDS: noticed, and put back
    drift "$3" "$4"
    conf "$1" "$2; weight 10%; run \"$work/meddle\"; hold 1m; weight 100%"
    pipe t.pipeline; ended 1 'someone else changed the router' "$5"
}
meddled "$istio" 'header "X-Canary: yes"' $vs/shop '[{"op":"remove","path":"/spec/http/1"}]' "the route of the header 'X-Canary' is gone"; ok "istio: a header's route that somebody takes away is noticed"
meddled "$istio" 'header "X-Canary: yes"' $vs/shop '[{"op":"replace","path":"/spec/http/1/route/0/destination/subset","value":"stable"}]' "the route of the header 'X-Canary' is another"; ok 'and one that is led elsewhere'
meddled "$istio" 'mirror 25%' $vs/shop '[{"op":"remove","path":"/spec/http/1/mirror"},{"op":"remove","path":"/spec/http/1/mirrorPercentage"}]' "the mirror's share is 0%, and was set to 25%" && look $vs/shop | cmp -s - before; ok 'and a mirror'
drift $vs/shop '[{"op":"remove","path":"/spec/http/1"}]'
conf "$istio" "header \"X-Canary: yes\"; weight 10%; run \"$work/meddle\"; hold 500ms; $(seen $vs/shop again); weight 100%" 'drift restore'
pipe t.pipeline; ended 0 promoted && jq -e '.spec.http | length == 3' again.json >/dev/null; ok 'or it is set again'
conf "$istio" "weight 10%; run \"$work/gone\"; hold 1m; weight 100%"
cat >gone <<X
#!/bin/sh
k() { curl -s -m 30 -o /dev/null --cacert $work/kube/ca.crt -H 'Authorization: Bearer admintoken' "\$@"; }
k -X DELETE "$server$vs/shop"
(for _ in \$(seq 1200); do grep -q aborting "$work/log" && break; sleep 0.05; done; echo '$(echo "$shopvs" | tr -d '\n')' | sed 's/"weight":100/"weight":60/; s/"weight":0/"weight":40/' | k -X POST -H 'Content-Type: application/json' --data-binary @- "$server$vs") >/dev/null 2>&1 &
X
chmod +x gone
pipe t.pipeline; ended 1 "there is no VirtualService 'shop'"; ok 'istio: one that is gone in the middle aborts'
holds $vs/shop '.spec.http[1].route | .[0].weight == 100 and .[1].weight == 0'; ok 'and is put right when it is back'

conf 'istio "none" stable="stable" canary="canary"' 'weight 100%'
pipe t.pipeline; ended 1 "there is no VirtualService 'none'"; ok 'istio: one that is not there is named'
conf 'istio "shop" stable="stable" canary="canari"' 'weight 100%'
pipe t.pipeline; ended 1 "VirtualService 'shop' has no route to both 'stable' and 'canari'"; ok 'and destinations that are not'
conf 'istio "shop" stable="stable" canary="canary" route="other"' 'weight 100%'
pipe t.pipeline; ended 1 "VirtualService 'shop' has no http route 'other'"; ok 'and routes'
conf 'istio "shop" stable="stable" canary="canary" route="static"' 'weight 100%'
pipe t.pipeline; ended 1 "http route 'static' does not lead to"; ok 'and routes that lead elsewhere'
conf "$istio context=\"viewer\" namespace=\"shop\"" 'weight 100%'
pipe t.pipeline; ended 1 '403 Forbidden' viewer; ok 'a missing permission is told'
conf "$istio context=\"stranger\" namespace=\"shop\"" 'weight 100%'
pipe t.pipeline; ended 1 '401 Unauthorized' && ! grep -q nonsense log; ok 'a refused token is told, but not which'
conf "$istio context=\"nobody\"" 'weight 100%'
pipe t.pipeline; ended 1 "nobody"; ok 'a context that is not there is named'
api POST $vs "$(echo "$shopvs" | jq '.metadata.name = "two" | .spec.http[0].route = .spec.http[1].route | .spec.tls = [{"match":[{"port":443,"sniHosts":["a","b"]}],"route":[{"destination":{"host":"stable"},"weight":100},{"destination":{"host":"canary"}}]}]')" >/dev/null
conf 'istio "two" stable="stable" canary="canary"' 'weight 100%'
pipe t.pipeline; ended 1 "several http routes"; ok 'istio: of several routes it has to be said which'
conf 'istio "two" stable="stable" canary="canary" { route "main"; tls port=443 sni=["b", "a"] }' "weight 30%; $(seen $vs/two two); weight 100%"
pipe t.pipeline; ended 0 promoted && jq -e '.spec.http[0].route[1].weight == 0 and .spec.http[1].route[1].weight == 30 and [.spec.tls[0].route[].weight] == [70, 30]' two.json >/dev/null
ok 'by name, and tls routes by port and sni'
conf 'istio "two" stable="stable" canary="canary" { route "main"; tls port=443 sni=["a"] }' 'weight 100%'
pipe t.pipeline; ended 1 'has no tls route with port 443 for a'; ok 'which have to be just these'

# Connections that are only passed through: no http route at all.
api POST $vs '{"apiVersion":"networking.istio.io/v1beta1","kind":"VirtualService","metadata":{"name":"db"},"spec":{"hosts":["db"],
  "tls":[{"match":[{"port":443,"sniHosts":["x"]}],"route":[{"destination":{"host":"other"}}]},
         {"match":[{"port":443,"sniHosts":["a"]}],"route":[{"destination":{"host":"old","port":{"number":443}},"weight":100},{"destination":{"host":"new","port":{"number":443}},"weight":0}]}],
  "tcp":[{"match":[{"port":5432}],"route":[{"destination":{"host":"old"},"weight":60},{"destination":{"host":"new"},"weight":0},{"destination":{"host":"third"},"weight":40}]},
         {"match":[{"port":3306}],"route":[{"destination":{"host":"old"}},{"destination":{"host":"new"}}]}]}}' >/dev/null
look $vs/db >before
conf 'istio "db" stable="old" canary="new" { tls port=443 sni=["a"]; tcp port=5432 }' "weight 25%; $(seen $vs/db quarter); weight 50%; $(seen $vs/db half); weight 100%"
pipe t.pipeline; ended 0 promoted &&
    jq -e '[.spec.tls[1].route[].weight] == [75, 25] and [.spec.tcp[0].route[].weight] == [45, 15, 40]' quarter.json >/dev/null && jq -e '[.spec.tls[1].route[].weight] == [50, 50] and [.spec.tcp[0].route[].weight] == [30, 30, 40]' half.json >/dev/null &&
    holds $vs/db '[.spec.tls[1].route[].weight] == [0, 100] and [.spec.tcp[0].route[].weight] == [0, 60, 40]'
ok 'istio: tls and tcp routes are led, a third destination keeps its share'
look $vs/db | jq -S '.spec.tls[1].route[0].weight = 100 | .spec.tls[1].route[1].weight = 0 | .spec.tcp[0].route[0].weight = 60 | .spec.tcp[0].route[1].weight = 0' | cmp -s - before; ok 'and nothing else of them is changed'
drift $vs/db '[{"op":"replace","path":"/spec/tcp/0/route/1/weight","value":50},{"op":"replace","path":"/spec/tcp/0/route/0/weight","value":10}]'
conf 'istio "db" stable="old" canary="new" { tls port=443 sni=["a"]; tcp port=5432 }' "weight 10%; run \"$work/meddle\"; hold 1m; weight 100%"
pipe t.pipeline; ended 1 'someone else changed the router' && look $vs/db | cmp -s - before; ok 'a tcp weight that somebody else sets is noticed, and put back'
conf 'istio "db" stable="old" canary="new" { tcp port=3306 }' 'mirror 10%; weight 100%'
pipe t.pipeline; ended 1 'only http routes can mirror'; ok 'tcp routes cannot mirror'

# ---- Gateway API -----------------------------------------------------------
web='{"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":"web"},"spec":{"parentRefs":[{"name":"gw"}],"hostnames":["a.example.com"],"rules":[
  {"matches":[{"path":{"type":"PathPrefix","value":"/static"}}],"backendRefs":[{"name":"cdn","port":80}]},
  {"filters":[{"type":"RequestHeaderModifier","requestHeaderModifier":{"set":[{"name":"a","value":"b"}]}}],"timeouts":{"request":"5s"},
   "backendRefs":[{"name":"old","port":8080},{"name":"new","port":8080,"weight":0},{"name":"else","port":80,"weight":3}]}]}}'
api POST $http "$web" >/dev/null
look $http/web >before
gw='gateway "web" stable="old" canary="new"'
conf "$gw" "weight 12.5%; $(seen $http/web ten); weight 100%"
pipe t.pipeline; ended 0 promoted; ok 'gateway: promoted'
jq -e '.spec.rules[1].backendRefs | .[0].weight == 8750 and .[1].weight == 1250 and .[2].weight == 3' ten.json >/dev/null; ok 'with fractions of percents, other backends left alone'
conf "$gw" "weight 10%; run \"false\"; weight 100%"
pipe t.pipeline; ended 1
look $http/web | jq -S '.spec.rules[1].backendRefs[0].weight = 1' | cmp -s - before; ok 'an abort puts it back, and nothing else is changed'
look $http/web >aborted
conf "$gw" "header \"X-Canary: yes\"; mirror 20%; $(seen $http/web with); run \"false\"; weight 100%"
pipe t.pipeline; ended 1
jq -e '.spec.rules | length == 3 and .[1].backendRefs == [{"name":"new","port":8080,"weight":1}]
  and .[1].matches == [{"path":{"type":"PathPrefix","value":"/"},"headers":[{"name":"X-Canary","type":"Exact","value":"yes"}]}] and .[1].timeouts.request == "5s" and (.[1].filters | length) == 1
  and .[2].filters[1] == {"type":"RequestMirror","requestMirror":{"backendRef":{"name":"new","port":8080},"percent":20}}' with.json >/dev/null
ok 'gateway: a header gets a rule of its own, a mirror is a filter'
look $http/web | jq -S 'if .metadata.annotations == {} then del(.metadata.annotations) else . end' | cmp -s - aborted; ok 'and both are gone after the abort'
drift $http/web '[{"op":"replace","path":"/spec/rules/1/backendRefs/1/weight","value":5000}]'
conf "$gw" "weight 10%; run \"$work/meddle\"; hold 1m; weight 100%"
pipe t.pipeline; ended 1 'someone else changed the router' && holds $http/web '.spec.rules[1].backendRefs[1].weight == 0'; ok "gateway: somebody else's weight is noticed"
meddled "$gw" 'header "X-Canary: yes"' $http/web '[{"op":"remove","path":"/spec/rules/1"}]' "the rule of the header 'X-Canary' is gone"; ok "gateway: a header's rule that somebody takes away is noticed"
meddled "$gw" 'mirror 20%' $http/web '[{"op":"remove","path":"/spec/rules/1/filters/1"}]' "the mirror's share is 0%, and was set to 20%"; ok 'and a mirror'
look $http/web | jq -S 'if .metadata.annotations == {} then del(.metadata.annotations) else . end' | cmp -s - aborted; ok 'nothing of both is left'
conf 'gateway "web" stable="old" canary="never"' 'weight 100%'
pipe t.pipeline; ended 1 "HTTPRoute 'web' has no backend 'never'"; ok 'a backend that is not there is named'
conf 'gateway "web" stable="cdn" canary="new"' 'weight 100%'
pipe t.pipeline; ended 1 "has no rule with both 'cdn' and 'new'"; ok 'and backends that no rule has together'
conf 'gateway "none" stable="old" canary="new"' 'weight 100%'
pipe t.pipeline; ended 1 "there is no HTTPRoute 'none'"; ok 'and routes'
conf 'gateway "web" stable="old" canary="new" kind=TCPRoute' 'mirror 10%; weight 100%'
pipe t.pipeline; ended 1 'a TCPRoute can neither mirror'; ok 'a TCPRoute cannot mirror'
api POST $grpc "$(echo "$web" | jq '.kind = "GRPCRoute" | .spec.rules[1].matches = [{"method":{"service":"Shop"}}]')" >/dev/null
conf 'gateway "web" stable="old" canary="new" kind=GRPCRoute' "header \"X-Canary: yes\"; weight 50%; $(seen $grpc/web grpc); weight 100%"
pipe t.pipeline; ended 0 promoted && jq -e '.spec.rules[1].matches == [{"method":{"service":"Shop"},"headers":[{"name":"X-Canary","type":"Exact","value":"yes"}]}] and .spec.rules[2].backendRefs[1].weight == 5000' grpc.json >/dev/null &&
    holds $grpc/web '(.spec.rules | length) == 2'
ok 'gateway: a GRPCRoute too'

for kind in TLSRoute TCPRoute; do
    at=$layer4/$(echo "$kind" | tr A-Z a-z)s
    api POST $at "{\"apiVersion\":\"gateway.networking.k8s.io/v1alpha2\",\"kind\":\"$kind\",\"metadata\":{\"name\":\"db\",\"labels\":{\"a\":\"b\"}},\"spec\":{\"parentRefs\":[{\"name\":\"gw\",\"sectionName\":\"s\"}],
        \"rules\":[{\"name\":\"one\",\"backendRefs\":[{\"name\":\"old\",\"port\":443},{\"name\":\"new\",\"port\":443,\"weight\":0}]}]}}" >/dev/null
    look $at/db >layer4.before
    conf "gateway \"db\" stable=\"old\" canary=\"new\" kind=$kind" "weight 12.5%; $(seen $at/db part); weight 100%"
    pipe t.pipeline; ended 0 promoted && jq -e '[.spec.rules[0].backendRefs[].weight] == [8750, 1250]' part.json >/dev/null && holds $at/db '[.spec.rules[0].backendRefs[].weight] == [0, 10000]'; ok "gateway: a $kind"
    conf "gateway \"db\" stable=\"old\" canary=\"new\" kind=$kind" "weight 40%; run \"false\"; weight 100%"
    pipe t.pipeline; ended 1 aborted && look $at/db | jq -S '.spec.rules[0].backendRefs[0].weight = 1' | cmp -s - layer4.before; ok 'which an abort puts back, and nothing else is changed'
    drift $at/db '[{"op":"replace","path":"/spec/rules/0/backendRefs/1/weight","value":5000}]'
    conf "gateway \"db\" stable=\"old\" canary=\"new\" kind=$kind" "weight 10%; run \"$work/meddle\"; hold 1m; weight 100%"
    pipe t.pipeline; ended 1 'someone else changed the router' && holds $at/db '.spec.rules[0].backendRefs[1].weight == 0'; ok "and somebody else's weight is noticed"
done

# ---- ingress-nginx ---------------------------------------------------------
api POST $ing '{"metadata":{"name":"shop","annotations":{"kubernetes.io/ingress.class":"nginx","other":"x"}},"spec":{"tls":[{"hosts":["a.example.com"],"secretName":"s"}],"rules":[
  {"host":"a.example.com","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"old","port":{"number":80}}}},{"path":"/x","pathType":"Exact","backend":{"service":{"name":"cdn","port":{"name":"http"}}}}]}},
  {"host":"b.example.com","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"cdn","port":{"number":80}}}}]}}]}}' >/dev/null
look $ing/shop >before
in='ingress-nginx "shop" stable="old" canary="new"'
p=nginx.ingress.kubernetes.io
conf "$in" "weight 10%; $(seen $ing/shop-canary ten); weight 100%"
pipe t.pipeline; ended 0 promoted; ok 'ingress-nginx: promoted'
jq -e ".metadata.annotations == {\"$p/canary\":\"true\",\"$p/canary-weight\":\"10\",\"kubernetes.io/ingress.class\":\"nginx\"} and .spec.tls[0].secretName == \"s\" and (.spec.rules | length) == 1
  and .spec.rules[0].host == \"a.example.com\" and (.spec.rules[0].http.paths | length) == 1 and .spec.rules[0].http.paths[0].backend.service.name == \"new\"" ten.json >/dev/null
ok 'by a second Ingress of the paths that count'
look $ing/shop | cmp -s - before; ok 'the first is as it was'
merge $ing/shop-canary '{"metadata":{"annotations":{"theirs":"1"}}}' >/dev/null
conf "$in annotation={\"proxy-read-timeout\": \"7\"}" "header \"X-Canary: yes\"; weight 20%; $(seen $ing/shop-canary with); run \"false\"; weight 100%"
pipe t.pipeline; ended 1
jq -e ".metadata.annotations | .[\"$p/canary-by-header\"] == \"X-Canary\" and .[\"$p/canary-by-header-value\"] == \"yes\" and .[\"$p/canary-weight\"] == \"20\" and .theirs == \"1\" and .[\"$p/proxy-read-timeout\"] == \"7\"" with.json >/dev/null
ok 'a header is an annotation; what others annotated stays'
holds $ing/shop-canary ".metadata.annotations | .[\"$p/canary-weight\"] == \"0\" and (has(\"$p/canary-by-header\") | not) and .theirs == \"1\""; ok 'and goes with the abort'
drift $ing/shop-canary "[{\"op\":\"replace\",\"path\":\"/metadata/annotations/nginx.ingress.kubernetes.io~1canary-weight\",\"value\":\"90\"}]"
conf "$in" "weight 10%; run \"$work/meddle\"; hold 1m; weight 100%"
pipe t.pipeline; ended 1 'someone else changed the router' && holds $ing/shop-canary ".metadata.annotations[\"$p/canary-weight\"] == \"0\""; ok "ingress-nginx: somebody else's weight is noticed"
meddled "$in" 'header "X-Canary: yes"' $ing/shop-canary "[{\"op\":\"replace\",\"path\":\"/metadata/annotations/nginx.ingress.kubernetes.io~1canary-by-header-value\",\"value\":\"no\"}]" "canary-by-header is 'X-Canary: no'"; ok 'and a header'
api POST $ing '{"metadata":{"name":"web"},"spec":{"rules":[{"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"old","port":{"number":80}}}}]}}]}}' >/dev/null
api POST $ing '{"metadata":{"name":"web-canary"},"spec":{"rules":[{"host":"x"}]}}' >/dev/null
conf 'ingress-nginx "web" stable="old" canary="new"' 'weight 100%'
pipe t.pipeline; ended 1 "ingress 'web-canary' is not pipec's"; ok "an Ingress of that name that is not ours is left alone"
conf 'ingress-nginx "shop" stable="other" canary="new"' 'weight 100%'
pipe t.pipeline; ended 1 "ingress 'shop' has no rule with service 'other'"; ok 'a service that is not there is named'
conf 'ingress-nginx "none" stable="old" canary="new"' 'weight 100%'
pipe t.pipeline; ended 1 "there is no ingress 'none'"; ok 'and an Ingress'

# ---- Argo Rollouts ---------------------------------------------------------
api POST $ro '{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"shop"},"spec":{"strategy":{"canary":{"steps":[
  {"setWeight":10},{"pause":{}},{"setWeight":50},{"pause":{}},{"setWeight":80},{"pause":{"duration":"1h"}}]}}}}' >/dev/null
merge $ro/shop/status '{"status":{"currentStepIndex":0,"stableRS":"aaa","currentPodHash":"bbb"}}' >/dev/null
look $ro/shop | jq '.spec' >before
# What its controller would do, in short.
cat >controller <<X
#!/bin/bash
k() { curl -s -m 30 --cacert $work/kube/ca.crt -H 'Authorization: Bearer admintoken' "\$@"; }
while :; do
    o=\$(k "$server$ro/shop")
    patch=\$(echo "\$o" | jq -c '.status as \$s | .spec.strategy.canary.steps as \$steps |
        (if \$s.abort then {canary: {weights: {canary: {weight: 0}}}, currentStepIndex: 0}
        elif \$s.promoteFull then {stableRS: \$s.currentPodHash, promoteFull: null, currentStepIndex: (\$steps | length), canary: {weights: {canary: {weight: 100}}}}
        elif (\$steps[\$s.currentStepIndex].setWeight) then {canary: {weights: {canary: {weight: \$steps[\$s.currentStepIndex].setWeight}}}, currentStepIndex: (\$s.currentStepIndex + 1),
            controllerPause: true, pauseConditions: [{reason: "CanaryPauseStep"}]}
        else null end) as \$n | if \$n then {metadata: {resourceVersion: .metadata.resourceVersion}, status: \$n} else empty end')
    [ -z "\$patch" ] || k -o /dev/null -X PATCH -H 'Content-Type: application/merge-patch+json' --data-binary "\$patch" "$server$ro/shop/status"
    sleep 0.1
done
X
chmod +x controller; ./controller & pids="$pids $!"
ar='argo-rollouts "shop"'
conf "$ar" "weight 10%; $(seen $ro/shop ten); weight 50%; run \"false\"; weight 100%"
pipe t.pipeline; ended 1 aborted && holds $ro/shop '.status.abort == true and .status.canary.weights.canary.weight == 0'; ok 'argo-rollouts: an abort aborts it'
jq -e '.status.currentStepIndex <= 1 and .status.canary.weights.canary.weight == 10' ten.json >/dev/null; ok 'after it was led to its steps'
conf "$ar" "weight 10%; $(seen $ro/shop ten); weight 100%"
pipe t.pipeline; ended 0 promoted && holds $ro/shop '.status.stableRS == "bbb" and .status.abort == false'; ok 'argo-rollouts: promoted in full'
look $ro/shop | jq '.spec' | cmp -s - before; ok 'and its spec is as Git has it'
pipe t.pipeline; ended 1 'no new version to lead'; ok 'without a new version there is nothing to lead'
# A controller that had read it before writes over what was asked for.
merge $ro/shop/status '{"status":{"currentPodHash":"ccc","currentStepIndex":0}}' >/dev/null
cat >stale <<X
#!/bin/bash
k() { curl -s -m 30 --cacert $work/kube/ca.crt -H 'Authorization: Bearer admintoken' "\$@"; }
for _ in \$(seq 3000); do
    i=\$(k "$server$ro/shop" | jq .status.currentStepIndex)
    [ "\$i" -ge 2 ] && break
    sleep 0.02
done
k -o /dev/null -X PATCH -H 'Content-Type: application/merge-patch+json' --data-binary '{"status":{"currentStepIndex":1,"canary":{"weights":{"canary":{"weight":10}}}}}' "$server$ro/shop/status"
echo "\$i" >overwritten
X
chmod +x stale
conf "$ar" "weight 10%; run \"$work/stale >/dev/null 2>&1 &\"; weight 50%; run \"test -s overwritten\"; $(seen $ro/shop fifty); weight 100%"
pipe t.pipeline; ended 0 promoted && jq -e '.status.canary.weights.canary.weight == 50' fifty.json >/dev/null; ok 'a request that is written over is made again'
merge $ro/shop/status '{"status":{"currentPodHash":"ddd"}}' >/dev/null
conf "$ar" "weight 20%; weight 100%"
pipe t.pipeline; ended 1 "rollout 'shop' has no step setWeight: 20"; ok 'a weight that it has no step for is told first'
conf "$ar" "weight 80%; weight 100%"
pipe t.pipeline; ended 1 'a pause without duration has to follow'; ok 'and one that it would not hold'
conf 'argo-rollouts "none"' 'weight 100%'
pipe t.pipeline; ended 1 "there is no rollout 'none'"; ok 'and a Rollout that is not there'
done_testing
