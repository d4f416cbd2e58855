#!/bin/sh
# The metric providers: what they ask, and what they make of answers. Services
# that cannot run here are a server of prepared answers; Prometheus is real,
# with TLS, passwords and client certificates.
. "$(dirname "$0")/lib.sh"
web=$(port)
mkdir site
"$support/answers.py" "$web" "$work/site" 2>server.log & pids="$pids $!"
up "http://127.0.0.1:$web/"
url=http://127.0.0.1:$web

answer() { # answer TEXT [STATUS]: what is answered from now on
    printf '%s' "$1" >site/answer
    printf '%s' "${2:-200}" >site/status
    : >site/requests
}
measure() { # measure PROVIDER CONDITION: one measurement that has to pass
    cat >t.pipeline <<X
rollout prod {
  router exec set="true"
  canary { analyze once a; weight 100% }
  analyze a failures=0 errors=0 no-data=fail { $1; pass $2 }
}
X
    pipe t.pipeline
}
asked() { # asked JQ: holds of the request
    jq -se "$1" site/requests >/dev/null || { sed 's/^/# /' site/requests; return 1; }
}
secretless() { # secretless TEXT: it is nowhere in what is kept or shown
    ! grep -rqF "$1" .pipec log
}

# ---- datadog ---------------------------------------------------------------
export DD_KEY=d4t4d0gk3y DD_APP=d4t4d0g4pp
dd="datadog \"$url\" api-key=env(\"DD_KEY\") app-key=env(\"DD_APP\")"
answer '{"status":"ok","series":[{"pointlist":[[1,0.2],[2,0.5],[3,null]]},{"pointlist":[[1,9]]}]}'
measure "$dd query=\"avg:cpu{*}\" interval=10m" 'result == 0.5'; ended 0; ok 'datadog v1: the newest point that has a value'
asked '.[0] | .method == "GET" and (.path | startswith("/api/v1/query?from=") and endswith("&query=avg%3Acpu%7B%2A%7D"))
    and .headers["dd-api-key"] == "d4t4d0gk3y" and .headers["dd-application-key"] == "d4t4d0g4pp"'
ok 'with its keys as headers'
asked '.[0].path | capture("from=(?<a>[0-9]+)&to=(?<b>[0-9]+)") | (.b | tonumber) - (.a | tonumber) == 600'; ok 'over the interval'
secretless d4t4d0g; ok 'which nobody is shown'
answer '{"status":"ok","series":[]}'
measure "$dd query=\"x\"" 'true'; ended 1 'no data'; ok 'datadog v1: no series is no data'
answer '{"status":"error","error":"Rate limit"}'
measure "$dd query=\"x\"" 'true'; ended 1 'datadog: Rate limit'; ok "datadog's own words are told"
answer '{"errors":["Forbidden"]}' 403
measure "$dd query=\"x\"" 'true'; ended 1 'refuses the keys' Forbidden; ok 'refused keys are said to be that'
for nonsense in '{"status":"ok","series":"invalid"}' '[]' 'null' '<html>' '{"status":"ok","series":[{"pointlist":7}]}' \
    '{"status":"ok","series":[3]}'; do
    answer "$nonsense"
    measure "$dd query=\"x\"" 'true'; ended 1 && ! grep -q 'attempt to' log; ok "datadog v1: nonsense is no pass: $nonsense"
done
answer '{"data":{"attributes":{"columns":[{"name":"host","type":"group","values":[["a"],["b"],["c"]]},{"name":"q","type":"number","values":[null,0.02,0.03]}]}}}'
measure "$dd api=v2 query=\"avg:cpu{*} by {host}\" aggregator=max" 'max(result) == 0.03 && len(result) == 2'; ended 0; ok 'datadog v2: groups are a list'
asked '.[0] | .method == "POST" and .path == "/api/v2/query/scalar" and (.body | fromjson | .data.attributes |
    .formulas == [{formula: "query"}] and .queries[0].aggregator == "max" and .queries[0].query == "avg:cpu{*} by {host}"
    and .to - .from == 300000)'
ok 'asked for as a scalar'
answer '{"data":{"attributes":{"columns":[{"values":[0.25]}]}}}'
measure "$dd api=v2 queries={a: \"x\", b: \"y\"} formula=\"a/b\"" 'result == 0.25'; ended 0; ok 'datadog v2: a formula over queries'
asked '.[0].body | fromjson | .data.attributes | [.queries[].name] == ["a", "b"] and .formulas[0].formula == "a/b"'; ok 'by their names'
measure "$dd api=v2 queries={a: \"x\", b: \"y\"}" 'true'; ended 1 'need a formula'; ok 'which several queries need'
answer '{"data":{"attributes":{"columns":[{"values":[]}]}}}'
measure "$dd api=v2 query=\"x\"" 'true'; ended 1 'no data'; ok 'datadog v2: no value is no data'

# ---- newrelic --------------------------------------------------------------
export NR_KEY=n3wr3l1ck3y
nr="newrelic 42 address=\"$url/graphql\" api-key=env(\"NR_KEY\") query=\"SELECT count(*) FROM Transaction\""
rows() { answer "{\"data\":{\"actor\":{\"account\":{\"nrql\":{\"results\":$1}}}}}"; }
rows '[{"count":10,"average.duration":12.5}]'
measure "$nr" 'result.count == 10 && result["average.duration"] < 15'; ended 0; ok 'newrelic: a row is a map'
asked '.[0] | .headers["api-key"] == "n3wr3l1ck3y" and (.body | fromjson | .variables.account == 42 and
    .variables.query == "SELECT count(*) FROM Transaction" and (.query | contains("nrql(query: $query")))'
ok 'asked for with the query as a variable'
secretless n3wr3l1c; ok 'and the key shown nowhere'
measure "$nr column=\"count\"" 'result == 10'; ended 0; ok 'or one number of it'
rows '[{"count":1},{"count":2}]'
measure "$nr column=\"count\"" 'max(result) == 2'; ended 0; ok 'newrelic: rows are a list'
rows '[]'
measure "$nr" 'true'; ended 1 'no data'; ok 'newrelic: no row is no data'
answer '{"data":{"actor":null},"errors":[{"message":"NRQL Syntax Error: line 1"}]}'
measure "$nr" 'true'; ended 1 'NRQL Syntax Error'; ok "newrelic's own words are told"
for nonsense in '{"data":{"actor":{"account":{"nrql":7}}}}' '[]' '' '{"data":{"actor":{"account":{"nrql":{"results":[5]}}}}}'; do
    answer "$nonsense"
    measure "$nr" 'true'; ended 1 && ! grep -q 'attempt to' log; ok "newrelic: nonsense is no pass: $nonsense"
done

# ---- graphite --------------------------------------------------------------
answer '[{"target":"a","datapoints":[[1,10],[2,20],[null,30]]},{"target":"b","datapoints":[[null,10]]},{"target":"c","datapoints":[[5.5,10]]}]'
measure "graphite \"$url/\" query=\"sumSeries(a.*, 'x')\" interval=2m username=\"u\" password=\"p\"" 'result == [2, 5.5]'; ended 0; ok 'graphite: the newest value of each series'
asked '.[0] | .path == "/render?target=sumSeries%28a.%2A%2C%20%27x%27%29&from=-120s&until=now&format=json" and .headers.authorization == "Basic dTpw"'
ok 'asked for over the interval, with a password'
measure "graphite \"$url\" query=\"a\" take=all" 'result == [1, 2]'; ended 0; ok 'or all of the first'
answer '[]'
measure "graphite \"$url\" query=\"a\"" 'true'; ended 1 'no data'; ok 'graphite: no series is no data'
answer 'Bad target' 400
measure "graphite \"$url\" query=\"a\"" 'true'; ended 1 'graphite answered 400: Bad target'; ok "graphite's own words are told"
for nonsense in '[{"datapoints":[["x",1]]}]' '[{"datapoints":5}]' '{"a":1}' '[7]' 'x'; do
    answer "$nonsense"
    measure "graphite \"$url\" query=\"a\"" 'true'; ended 1 && ! grep -q 'attempt to' log; ok "graphite: nonsense is no pass: $nonsense"
done

# ---- influxdb --------------------------------------------------------------
export INFLUX=1nflux70k3n
flux="influxdb \"$url\" org=\"my org\" token=env(\"INFLUX\") query='from(bucket: \"b\") |> last()'"
answer "$(printf ',result,table,_time,_value,host\r\n,_result,0,2026-01-01T00:00:00Z,0.5,"a ""quoted"", host"\r\n\r\n,result,table,_value\r\n,_result,1,7\r\n')"
measure "$flux" 'result == [0.5, 7]'; ended 0; ok 'influxdb: the values of all tables'
asked '.[0] | .method == "POST" and .path == "/api/v2/query?org=my%20org" and .headers.authorization == "Token 1nflux70k3n"
    and .headers["content-type"] == "application/vnd.flux" and .body == "from(bucket: \"b\") |> last()"'
ok 'asked for in Flux'
secretless 1nflux70; ok 'and the token shown nowhere'
measure "$flux column=\"host\"" 'true'; ended 1; ok 'a table without that column is an error'
answer ''
measure "$flux" 'true'; ended 1 'no data'; ok 'influxdb: nothing is no data'
answer "$(printf 'error,reference\r\nfailed to parse query,897\r\n')"
measure "$flux" 'true'; ended 1 'failed to parse query'; ok 'an error inside the table is one'
answer '{"code":"unauthorized","message":"unauthorized access"}' 401
measure "$flux" 'true'; ended 1 'influxdb answered 401: unauthorized access'; ok "influxdb's own words are told"
for nonsense in '<html>' ',result,table' '"unclosed'; do
    answer "$nonsense"
    measure "$flux" 'true'; ended 1 && ! grep -q 'attempt to' log; ok "influxdb: nonsense is no pass: $nonsense"
done

# ---- cloudwatch ------------------------------------------------------------
cw="cloudwatch \"eu-central-1\" address=\"$url\" query=\"SELECT AVG(Latency) FROM Shop\""
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
measure "$cw" 'true'; ended 1 'it needs key-id='; ok 'cloudwatch wants credentials'
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENG AWS_SESSION_TOKEN=s3ss10n
answer '{"MetricDataResults":[{"Id":"q1","StatusCode":"Complete","Values":[0.4,0.9]},{"Id":"q2","StatusCode":"Complete","Values":[]}],"Messages":[]}'
measure "$cw" 'result == 0.4'; ended 0; ok 'cloudwatch: the newest value'
asked '.[0] | .headers["x-amz-target"] == "GraniteServiceVersion20100801.GetMetricData" and .headers["x-amz-security-token"] == "s3ss10n" and
    (.body | fromjson | .MetricDataQueries == [{Id: "q1", Expression: "SELECT AVG(Latency) FROM Shop", Period: 60}] and .EndTime - .StartTime >= 300)'
ok 'asked for by GetMetricData'
secretless wJalrXUtnFEMI; ok 'and the secret shown nowhere'
cat >verify.py <<'X'
import hashlib, hmac, json, sys
r = json.loads(open(sys.argv[1]).readline())
h = r["headers"]
method, fields = h["authorization"].split(" ", 1)
given = dict(f.strip().split("=", 1) for f in fields.split(","))
scope = given["Credential"].split("/", 1)[1]
names = given["SignedHeaders"].split(";")
assert "host" in names and "x-amz-date" in names and "x-amz-security-token" in names
lines = "".join(f"{n}:{h[n]}\n" for n in names)
canonical = "\n".join([r["method"], r["path"], "", lines, given["SignedHeaders"],
                       hashlib.sha256(r["body"].encode()).hexdigest()])
text = "\n".join([method, h["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
key = b"AWS4wJalrXUtnFEMIK7MDENG"
for part in scope.split("/"):
    key = hmac.new(key, part.encode(), hashlib.sha256).digest()
assert hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == given["Signature"]
assert scope.endswith("/eu-central-1/monitoring/aws4_request") and h["x-amz-date"].startswith(scope[:8])
X
/usr/bin/python3 verify.py site/requests; ok 'its signature is the one that the standard gives'
answer '{"__type":"InvalidSignatureException","message":"The request signature does not match"}' 403
measure "$cw" 'true'; ended 1 'cloudwatch answered 403: The request signature'; ok "cloudwatch's own words are told"
answer '{"MetricDataResults":[]}'
measure "$cw" 'true'; ended 1 'no data'; ok 'cloudwatch: no result is no data'
for nonsense in '{"MetricDataResults":[{"Values":["x"]}]}' '{}' '[1]' '{"MetricDataResults":[4]}' '?'; do
    answer "$nonsense"
    measure "$cw" 'true'; ended 1 && ! grep -q 'attempt to' log; ok "cloudwatch: nonsense is no pass: $nonsense"
done

# ---- http ------------------------------------------------------------------
answer '{"a":{"b":[{"n":"x","v":"1.5"},{"n":"y","v":2}]}}'
measure "http \"$url/?token=qu3ryk3y\" path='{.a.b[?(@.n==\"y\")].v}' header={\"X-A\": \"b\"} method=\"PUT\" body={k: [1]}" 'result == 2'; ended 0; ok 'http: a path with a filter'
asked '.[0] | .method == "PUT" and .headers["x-a"] == "b" and (.body | fromjson) == {k: [1]}'; ok 'headers and a body are sent'
answer 'nope' 503
measure "http \"$url/?token=qu3ryk3y\"" 'result != 7'; ended 1 "$url answered 503: nope" && ! grep -q qu3ryk3y log; ok 'a failure tells the origin, no query'
answer 'OK'
measure "http \"$url\"" 'result == "OK"'; ended 0; ok 'what is no JSON is its text'
measure "http \"$url\" path=\"a\"" 'true'; ended 1 'no JSON'; ok 'in which no path leads anywhere'
head -c 20000000 /dev/zero | tr '\0' '1' >site/answer
measure "http \"$url\"" 'true'; ended 1 && ! grep -q 11111111 log; ok 'an answer without end is cut off'

# ---- prometheus ------------------------------------------------------------
prom=$(port) guarded=$(port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt 2>/dev/null
cert() { # cert NAME
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' >ext
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out "$1.crt" 2>/dev/null
}
cert server; cert client
hash=$(htpasswd -nbB -C 4 bot pr0mpassw0rd | cut -d: -f2)
cat >web.yml <<X
tls_server_config: {cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}
basic_auth_users: {bot: '$hash'}
X
printf 'scrape_configs: []\n' >p.yml
prometheus --config.file=p.yml --storage.tsdb.path=tsdb --log.level=error --web.listen-address="127.0.0.1:$prom" >p.log 2>&1 & pids="$pids $!"
prometheus --config.file=p.yml --web.config.file=web.yml --storage.tsdb.path=tsdb2 --log.level=error --web.listen-address="127.0.0.1:$guarded" >q.log 2>&1 & pids="$pids $!"
up "http://127.0.0.1:$prom/-/ready"
for _ in $(seq 300); do
    curl -sf --cacert ca.crt --cert client.crt --key client.key -u bot:pr0mpassw0rd "https://127.0.0.1:$guarded/-/ready" >/dev/null && break
    sleep 0.1
done
pr="prometheus \"http://127.0.0.1:$prom\""
measure "$pr query='vector(0.25)'" 'result == 0.25'; ended 0; ok 'prometheus: one sample is a number'
measure "$pr query='1 + 1'" 'result == 2'; ended 0; ok 'and so is a scalar'
measure "$pr query='vector(1) or label_replace(vector(2), \"a\", \"b\", \"\", \"\")'" 'len(result) == 2 && max(result) == 2'; ended 0; ok 'several are a list'
measure "$pr query='vector(1) / 0'" 'result > 1000000'; ended 0; ok '+Inf is more than any number'
measure "$pr query='vector(0) / 0'" 'true'; ended 1 ', which is no data'; ok 'NaN is no data'
measure "$pr query='up{job=\"none\"}'" 'true'; ended 1 'no data'; ok 'an empty vector is no data'
measure "$pr query='sum('" 'true'; ended 1 'prometheus answered 400' 'parse error'; ok "its own words are told"
measure "$pr query='\"text\"'" 'true'; ended 1 'gave a string'; ok 'a text is no number'
measure "$pr query='vector(3)' { range 10s step=1s }" 'len(result) == 11 && min(result) == 3'; ended 0; ok 'a range is all its samples'
measure "$pr query='x' { range 30d step=1s }" 'true'; ended 1 'too many samples'; ok 'within reason'
export PROM_PW=pr0mpassw0rd
tls="prometheus \"https://127.0.0.1:$guarded\" query='vector(1)'"
measure "$tls username=\"bot\" password=env(\"PROM_PW\") ca=\"ca.crt\" cert=\"client.crt\" key=\"client.key\"" 'result == 1'; ended 0; ok 'with TLS, a password and a client certificate'
secretless pr0mpassw0rd; ok 'the password is shown nowhere'
CA=$(cat ca.crt) KEY=$(cat client.key); export CA KEY
measure "$tls username=\"bot\" password=env(\"PROM_PW\") ca=env(\"CA\") cert=\"client.crt\" key=env(\"KEY\")" 'result == 1'; ended 0; ok 'whose PEM may be in the environment'
measure "$tls username=\"bot\" password=\"wrong\" ca=\"ca.crt\" cert=\"client.crt\" key=\"client.key\"" 'true'; ended 1 'prometheus answered 401'; ok 'a wrong password is refused'
measure "$tls username=\"bot\" password=env(\"PROM_PW\") ca=\"ca.crt\"" 'true'; ended 1; ok 'and no certificate too'
measure "$tls username=\"bot\" password=env(\"PROM_PW\") cert=\"client.crt\" key=\"client.key\"" 'true'; ended 1; ok 'and a server that nobody vouches for is not trusted'
T0K3N=b34r3rt0k3n; export T0K3N
answer '{"status":"success","data":{"resultType":"vector","result":[]}}'
measure "prometheus \"$url\" query='x' token=env(\"T0K3N\")" 'true'
asked '.[0].headers.authorization == "Bearer b34r3rt0k3n"' && secretless b34r3r; ok 'a token is sent, and shown nowhere'
for nonsense in '{"status":"success"}' '{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"x"]}]}}' '[]' '"x"' \
    '{"status":"success","data":{"resultType":"matrix","result":[{"values":7}]}}' '{"status":"success","data":{"resultType":"vector","result":[1]}}' \
    '{"status":"success","data":{"resultType":"scalar","result":"x"}}'; do
    answer "$nonsense"
    measure "prometheus \"$url\" query='x'" 'true'; ended 1 && ! grep -q 'attempt to' log; ok "prometheus: nonsense is no pass: $nonsense"
done
done_testing
