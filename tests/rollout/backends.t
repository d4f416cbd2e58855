#!/usr/bin/python3
"""The tables of other tools' own tests about routers and metric providers: an
object before, weights, the object after; an answer, the value that is measured
and what the conditions make of it.

Each record is
translated by the rule of its function. What has no counterpart is in OUT, what
is otherwise on purpose in BETTER, with the reason."""
import json
import math
import re
import sys

sys.dont_write_bytecode = True
import tables
from tables import HERE, VERDICTS, done, judge, ok, records, skip

OUT = {  # table/function, or a function of any table
    "UpdateHash": "pod hashes in a DestinationRule; versions are the cluster's",
    "shouldDelayDestinationRuleUpdate": "pod hashes in a DestinationRule",
    "evalUtils.Equal": "a Go helper", "MultipleVirtualServiceConfigured": "fields",
    "istioutil.MultipleVirtualServiceConfigured": "fields of an object",
    "patchVirtualService": "untyped Go values", "ValidateHTTPRoutes": "untyped Go values",
    "ValidateTlsRoutes": "untyped Go values", "ValidateTcpRoutes": "untyped Go values",
    "validateVirtualServiceRouteDestinations": "untyped Go values",
    "getHttpRouteIndexesToPatch": "untyped Go values",
    "GetRolloutVirtualServiceKeys": "keys of a cache",
    "GetVirtualServiceNamespaceName": "name.namespace; a name may have dots, so "
                                      "namespace= is a field",
    "GetIstioVirtualServiceGVR": "api= is a field",
    "Client": "a plugin's protocol", "getGatewayAPITrafficRoutingConfig": "fields of an object",
    "getRouteRule": "a Go helper", "gatewayapi_plugin/SetWeight": "a plugin's protocol",
}
BETTER = {
    "no data": "no value is a verdict of its own; nothing is made of a default",
    "path": "a path into what is no JSON leads nowhere, and is no pass",
    "others": "destinations that are not the rollout's keep their share; they "
              "are not deleted",
    "NaN": "NaN is no data, never a number",
}

def run(jobs):
    """All jobs in one worker."""
    with open(HERE + "/backends.lua") as f:
        kind = f.read()
    r, written = tables.pipec(
        ["run", "--format", "plain", "t.pipeline"],
        {"jobs.json": [j for j, _ in jobs], "backends.lua": kind, "t.pipeline":
         'use "backends.lua"\nbackends all { jobs "jobs.json" }\n'}, timeout=300)
    if "results.json" not in written:
        print("Bail out!", (r.stdout + r.stderr)[-2000:])
        sys.exit(1)
    return json.loads(written["results.json"])


jobs = []


def job(how, then):
    jobs.append((how, then))


def yaml(value):
    return value["$yaml"] if isinstance(value, dict) and "$yaml" in value else value


# ---- istio ---------------------------------------------------------------------
def istio_config(canary, http, tls, tcp):
    c = {"is": "istio", "service": "vs", "api": "networking.istio.io/v1beta1",
         "stable": canary.get("stableService"), "canary": canary.get("canaryService")}
    rule = canary.get("trafficRouting", {}).get("istio", {}).get("destinationRule")
    if rule and not c["canary"]:
        c["stable"], c["canary"] = rule["stableSubsetName"], rule["canarySubsetName"]
    ping = canary.get("pingPong")
    if ping:
        c["stable"], c["canary"] = ping["pingService"], ping["pongService"]
    if http:
        c["route"] = http
    for key, routes in (("tls", tls), ("tcp", tcp)):
        if routes:
            c[key] = [{k: v for k, v in (("port", r.get("port")),
                                         ("sni", r.get("sniHosts"))) if v}
                      for r in routes]
    return c


def same_route(route, match):
    """The match of a route, as the tables tell it."""
    ports = {m.get("port") for m in route.get("match", [])}
    sni = [s for m in route.get("match", []) for s in m.get("sniHosts", [])]
    return (match.get("port") in (None, *ports)
            and sorted(sni) == sorted(match.get("sni", sni)))


def weights(route):
    return {d["destination"].get("subset") or d["destination"].get("host"):
            d.get("weight", 0) for d in route.get("route", [])}


def has_others(spec, config):
    known = {config["stable"], config["canary"]}
    return any(not {d["destination"].get("host", "").split(".")[0],
                    d["destination"].get("subset")} & known
               for p in ("http", "tls", "tcp") for r in spec.get(p) or []
               if isinstance(r, dict) for d in r.get("route", []))


def istio_weights(c):
    config = istio_config(c, c["httpRoutes"], c["tlsRoutes"], c["tcpRoutes"])
    if c.get("stablePingPong") == "pong":
        config["stable"], config["canary"] = config["canary"], config["stable"]
    before = c["virtualService"]

    def then(got):
        bad = []
        spec = (got.get("objects") or {}).get("VirtualService/vs", {}).get("spec", {})
        for e in c["expect"]:
            routes = spec.get(e["kind"]) or []
            route = routes[e["route"]] if e["route"] < len(routes) else {}
            if "host" in e and weights(route).get(e["host"]) != e["weight"]:
                bad.append((e, weights(route)))
            if "match" in e and not same_route(route, e["match"]):
                bad.append(e)
        ok("error" not in got and not bad, c["source"], f"{got.get('error')} {bad}")
    job({"router": "istio", "config": config, "weight": c["canaryWeight"],
         "objects": {"VirtualService/vs": before}}, then)


def istio_result(checks):
    """Whether an error is wanted, from a Go call's results."""
    for k in checks:
        path = k["path"]
        about = not path or path[0] == "Error()" or path == [{"result": 2}]
        if about and (k["op"] in ("NotNil", "Error") or path[:1] == ["Error()"]):
            return True
    return False


def strategy(v):
    """The canary strategy of the rollout somewhere in there."""
    if isinstance(v, dict):
        try:
            return v["spec"]["strategy"]["canary"]
        except (KeyError, TypeError):
            v = list(v.values())
    found = (strategy(x) for x in v) if isinstance(v, list) else ()
    return next((s for s in found if s), None)


def istio_all(c):
    fn, args = c["fn"], c["args"]
    canary = strategy(c["recv"])
    if fn == "reconcileVirtualService":
        text = args["obj"]
        routes = [(args.get("vsvcRouteNames"), args.get("vsvcTLSRoutes"),
                   args.get("vsvcTCPRoutes"))]
        texts, weight = [text], args["desiredWeight"]
    else:
        texts = [t for t in c["recv"]["args"][1]["args"]
                 if "VirtualService" in str(yaml(t))]
        istio = canary["trafficRouting"]["istio"]
        wanted = istio.get("virtualServices") or [istio["virtualService"]]
        routes = [(v.get("routes"), v.get("tlsRoutes"), v.get("tcpRoutes")) for v in wanted]
        weight = args["desiredWeight"] if isinstance(args, dict) else args[0]
    if (isinstance(args, dict) and args.get("additionalDestinations")) or \
            any("exp-svc" in str(t) for t in texts):
        return skip(c, BETTER["others"])
    want, results = istio_result(c["checks"]), []

    def then(got):
        results.append(got)
        if len(results) < len(routes):
            return
        error = next((r["error"] for r in results if "error" in r), None)
        bad = []
        for k in c["checks"]:
            if k["op"] != "destination_weight" or want:
                continue
            at = [p for p in k["path"] if isinstance(p, (str, int))]
            spec = results[0].get("objects", {}).get("VirtualService/vs", {}).get("spec", {})
            protocol, i = at[2], at[3]
            seen = weights((spec.get(protocol) or [{}] * 9)[i])
            e = k["expected"]
            if seen.get(e.get("subset") or e.get("host")) != e["weight"]:
                bad.append((e, seen))
        ok(bool(error) == want and not bad, c["source"], f"{error} {bad} {c['checks'][:3]}")
    for i, (http, tls, tcp) in enumerate(routes):
        objects = {"VirtualService/vs": yaml(texts[i])} if i < len(texts) else {}
        job({"router": "istio", "config": istio_config(canary, http, tls, tcp),
             "weight": weight, "objects": objects}, then)


def virtual_services(v):
    """All VirtualServices in there, as text."""
    if isinstance(v, dict):
        if "$yaml" in v:
            return [v] if "VirtualService" in v["$yaml"] else []
        v = list(v.values())
    return [o for x in v for o in virtual_services(x)] if isinstance(v, list) else []


def istio_resource(c):
    """The object after its weights were set: those that are looked for."""
    wanted = {}
    for k in c["checks"]:
        if k["op"] == "destination_weight":
            at = [p for p in k["path"] if isinstance(p, (str, int))][-3:]
            e = k["expected"]
            wanted.setdefault((at[0], at[1]), {})[e.get("subset") or e["host"]] = e["weight"]
    pairs = {tuple(sorted(w.items())) for w in wanted.values()}
    found = virtual_services(c["recv"])
    if len(pairs) != 1 or len(found) != 1 or len(dict(*pairs)) != 2 \
            or sum(dict(*pairs).values()) != 100:
        return skip(c, "an object after calls that are not in the record")
    weights_of = dict(*pairs)
    canary = next((h for h in weights_of if "canary" in h), None)
    if not canary:
        return skip(c, "nothing tells which is the new version")
    stable = next(h for h in weights_of if h != canary)

    def then(got):
        if "say which by" in got.get("error", ""):
            return skip(c, "nothing tells which of the routes")
        spec = (got.get("objects") or {}).get("VirtualService/vs", {}).get("spec", {})
        bad = [(at, want, weights(spec[at[0].lower()][at[1]])) for at, want in wanted.items()
               if weights(spec[at[0].lower()][at[1]]) != want]
        ok("error" not in got and not bad, c["source"], f"{got.get('error')} {bad}")
    job({"router": "istio", "weight": weights_of[canary],
         "config": {"is": "istio", "service": "vs", "stable": stable, "canary": canary,
                    "api": "networking.istio.io/v1beta1"},
         "objects": {"VirtualService/vs": yaml(found[0])}}, then)


def one_header(routing):
    """The header of a step, where it is one that has to be exactly so."""
    match = routing.get("match") or []
    if len(match) == 1 and "exact" in (match[0].get("headerValue") or {}):
        return {"name": match[0]["headerName"], "value": match[0]["headerValue"]["exact"]}
    return None


def without(spec, canary):
    """The routes without ours."""
    return [r for r in spec.get("http", []) if r.get("name") != "pipec-header-" + canary]


def istio_managed(c):
    """A header's route, a mirror, and their end: by pipec's own step, which has
    no name and no matches of its own. What it has to share with theirs: the
    first route leads to the new version alone, by that header; the second time
    changes nothing; at the end the object is as it was."""
    canary, args = strategy(c["recv"]), c["args"] if isinstance(c["args"], dict) else {}
    found = virtual_services(c["recv"])
    traffic = canary["trafficRouting"]["istio"]
    routes = traffic.get("virtualService") or (traffic.get("virtualServices") or [{}])[0]
    if len(found) != 1:
        return skip(c, "no single object in it")
    header = one_header(args.get("headerRouting") or {})
    mirror = args.get("setMirrorRoute") or {}
    if c["fn"] == "SetHeaderRoute" and args["headerRouting"].get("match") and not header:
        return skip(c, "a pattern; a header here has one value")
    share = (mirror.get("percentage") or 100) if mirror.get("match") else 0
    config = istio_config(canary, routes.get("routes"), None, None)
    want_error = istio_result(c["checks"])

    def then(got):
        if "does not lead to" in got.get("error", "") and not want_error:
            return skip(c, "its routes lead to one version alone")
        if "error" in got or want_error:
            return ok(("error" in got) == want_error, c["source"], got)
        now, again, back = (got[k]["VirtualService/vs"]["spec"] for k in ("objects", "again", "back"))
        first = (now.get("http") or [{}])[0]
        bad = []
        if header:
            seen = first.get("match", [{}])[0].get("headers", {}).get(header["name"].lower())
            if seen != {"exact": header["value"]} or len(first["route"]) != 1 or \
                    first["route"][0]["weight"] != 100:
                bad.append(first)
        if share and not any(r.get("mirrorPercentage") == {"value": share}
                                 for r in now.get("http", [])):
            bad.append(now)
        if again != now or any(r.get("mirror") for r in back.get("http", [])) or \
                without(back, config["canary"]) != back.get("http", []) or got.get("differs"):
            bad.append((again, back, got.get("differs")))
        ok(not bad, c["source"], bad)
    job({"router": "istio", "config": config, "weight": 10, "more": True, "header": header,
         "mirror": share, "objects": {"VirtualService/vs": yaml(found[0])}}, then)


# ---- Gateway API -----------------------------------------------------------------
def flat(v):
    """A Go struct's embedded parts, as they stand in JSON."""
    if isinstance(v, list):
        return [flat(x) for x in v]
    if not isinstance(v, dict):
        return v
    if "$opaque" in v or "$const" in v:
        return None
    out = {}
    for k, x in v.items():
        x = flat(x)
        if k in ("backendRef", "backendObjectReference", "ingressRuleValue") \
                and isinstance(x, dict):
            out.update(x)
        elif x is not None:
            out[k] = x
    return out


def gateway(c):
    objects = {o["metadata"]["name"]: flat(o) for o in c["recv"].get("args", [])
               if isinstance(o, dict) and "metadata" in o}
    if not objects:
        objects = {o["metadata"]["name"]: flat(o)
                   for o in find_objects(c["recv"])}
    wanted, kind, name = {}, None, None
    for k in c["checks"]:
        path = k["path"]
        words = [p for p in path if isinstance(p, (str, int))]
        if k["op"] != "Equal" or words[-1:] != ["Weight"]:
            continue
        kind = path[0]["call"].rstrip("s")
        name = path[1]["args"][1]
        wanted[(words[2], words[4])] = k["expected"]
    if len(wanted) < 2 or name not in objects:
        return skip(c, "no weights of both backends in it")
    rules = objects[name]["spec"]["rules"]
    first = min(r for r, _ in wanted)
    refs = [b["name"] for b in rules[first]["backendRefs"]]
    stable, canary = refs[0], refs[1]
    pair = [wanted.get((first, 0)), wanted.get((first, 1))]
    if None in pair or sum(pair) != 100:
        return skip(c, "not a weight and its rest")

    def then(got):
        bad = []
        rules = (got.get("objects") or {}).get(f"{kind}/{name}", {}).get("spec", {}).get("rules", [])
        for (r, b), want in wanted.items():
            ref = rules[r]["backendRefs"][b] if r < len(rules) else {}
            share = ref.get("weight", 0) / 100 if ref.get("name") in (stable, canary) else ref.get("weight")
            if share != want:
                bad.append((r, b, want, ref))
        ok("error" not in got and not bad, c["source"], f"{got.get('error')} {bad}")
    job({"router": "gateway", "weight": pair[1],
         "config": {"is": "gateway", "route": name, "kind": kind, "stable": stable, "canary": canary},
         "objects": {f"{kind}/{name}": objects[name]}}, then)


def gateway_header(c):
    """A rule more for each, by what it matches and the header too, to the new
    version alone; once, and gone at the end."""
    canary = strategy(c["args"]["rollout"])
    header = one_header(c["args"]["headerRouting"])
    objects = [flat(o) for o in find_objects(c["recv"])]
    how = json.loads(next(iter(canary["trafficRouting"]["plugins"].values())))
    kind = next((k for k in ("HTTPRoute", "GRPCRoute") if how.get(k[0].lower() + k[1:]) or
                 how.get(k.replace("HTTP", "http").replace("GRPC", "grpc"))), None)
    name = kind and how[kind.replace("HTTP", "http").replace("GRPC", "grpc")]
    objects = [o for o in objects if o["metadata"]["name"] == name]
    if not header or not objects:
        return skip(c, "a pattern; a header here has one value" if not header
                    else "no object in it")
    object, stable, new = objects[0], canary["stableService"], canary["canaryService"]
    wants_error = not any(k["path"] == ["Error()"] and k["op"] == "Empty" or k["op"] == "NoError"
                          for k in c["checks"])

    def then(got):
        if "error" in got or wants_error:
            return ok(("error" in got) == wants_error, c["source"], got)
        at = f"{kind}/{name}"
        now, again, back = (got[k][at]["spec"]["rules"] for k in ("objects", "again", "back"))
        both = [r for r in object["spec"]["rules"]
                if {stable, new} <= {b["name"] for b in r["backendRefs"]}]
        made = [r for r in now if [b["name"] for b in r["backendRefs"]] == [new]]
        bad = [r for r, of in zip(made, both) if len(r["matches"]) != max(1, len(of.get("matches") or []))
               or any(header["name"] not in [h["name"] for h in m["headers"]] for m in r["matches"])]
        alone = [r for r in object["spec"]["rules"] if [b["name"] for b in r["backendRefs"]] == [new]]
        ok(not bad and len(made) - len(alone) == len(both) and again == now
           and len(back) == len(object["spec"]["rules"]) and not got.get("differs"),
           c["source"], f"{bad} {now} {back} {got.get('differs')}")
    job({"router": "gateway", "weight": 10, "header": header, "more": True,
         "config": {"is": "gateway", "route": name, "kind": kind, "stable": stable, "canary": new},
         "objects": {f"{kind}/{name}": object}}, then)


def find_objects(v):
    if isinstance(v, dict):
        if isinstance(v.get("metadata"), dict) and "rules" in (v.get("spec") or {}):
            return [v]
        v = list(v.values())
    return [o for x in v for o in find_objects(x)] if isinstance(v, list) else []


# ---- ingress-nginx -----------------------------------------------------------------
def ingress_of(v):
    o = flat(v["args"][0])
    for rule in o["spec"].get("rules") or []:
        for p in rule.get("http", {}).get("paths", []):
            b = p["backend"]
            if "serviceName" in b:
                p["backend"] = {"service": {"name": b["serviceName"],
                                            "port": {"number": b.get("servicePort", 80)}}}
    return o


def nginx(c):
    canary = strategy(c["recv"])
    how = canary["trafficRouting"]["nginx"]
    if canary["trafficRouting"].get("maxTrafficWeight") not in (None, 100):
        return skip(c, "weights are percents")
    given = c["args"].get("stableIngress")
    objects = {"Ingress/web": ingress_of(given)} if given else {}
    want_error = any(k["op"] in ("NotNil", "Error") and
                     (not k["path"] or k["path"] == [{"result": 1}]) for k in c["checks"])
    if not given and not want_error:
        return skip(c, "an object that is not in the record")
    annotation = dict(how.get("additionalIngressAnnotations") or {})
    annotation.update(how.get("canaryIngressAnnotations") or {})
    config = {"is": "ingress-nginx", "ingress": ["web"], "stable": canary["stableService"],
              "canary": canary["canaryService"], "annotation": annotation,
              "prefix": how.get("annotationPrefix") or "nginx.ingress.kubernetes.io"}

    def then(got):
        made = (got.get("objects") or {}).get("Ingress/web-canary", {})
        notes, bad = made.get("metadata", {}).get("annotations", {}), []
        for k in c["checks"]:
            path = [p for p in k["path"] if isinstance(p, str)]
            if k["op"] != "Equal" or want_error:
                continue
            if len(path) > 1 and path[-2] in ("GetAnnotations()", "Annotations"):
                if notes.get(path[-1]) != k["expected"]:
                    bad.append((path[-1], notes))
            elif path[-1:] == ["IngressClassName"]:
                if made.get("spec", {}).get("ingressClassName") != k["expected"]:
                    bad.append((path, made))
        ok(("error" in got) == want_error and not bad, c["source"], f"{got.get('error')} {bad}")
    job({"router": "ingress-nginx", "config": config, "objects": objects,
         "weight": c["args"]["desiredWeight"]}, then)


# ---- providers -----------------------------------------------------------------------
def condition(text):
    """Another language's condition in this one's; None where it has none."""
    if not text:
        return ""
    text = re.sub(r"\band\b", "&&", re.sub(r"\bor\b", "||", text)).replace("nil", "none")
    text = re.sub(r"(\S+) not in (\S+)", r"!(\1 in \2)", text)
    for name, op, over in (("all", "<", "max"), ("all", ">", "min"),
                           ("any", ">", "max"), ("any", "<", "min")):
        text = re.sub(name + r"\(([\w.]+), \{?# " + op + r" ([\d.]+)\}?\)",
                      over + r"(\1) " + op + r" \2", text)
    return None if "#" in text or "let " in text else text


def measured(c, provider, config, answer, want, metric):
    """One answer: its value, and what the conditions make of it."""
    good = condition(metric.get("successCondition"))
    bad = condition(metric.get("failureCondition"))

    def then(got):
        if "error" in got:
            ok(want["phase"] == "Error", c["source"], f"{got} {want}")
            return
        value = got.get("text", got.get("value"))
        if value is None or value == []:
            ok(True, c["source"])  # BETTER: no data
            return
        if good is None or bad is None:
            return skip(c, "a condition without counterpart")
        verdict, _ = judge(value, good, bad)
        if want["phase"] == "Error":
            ok(verdict == "error" or verdict.startswith("refused"), c["source"], verdict)
            return
        if value == "NaN":
            ok(verdict == "no data", c["source"], verdict)
            return
        same = want.get("value") is None or alike(value, want["value"])
        ok(verdict == VERDICTS[want["phase"]] and same, c["source"],
           f"{verdict}: {value} {want}")
    job({"provider": provider, "config": config, "answer": answer}, then)


def alike(value, text):
    try:
        want = json.loads(text)
    except ValueError:
        want = text
    if isinstance(want, list) and len(want) == 1 and not isinstance(value, list):
        want = want[0]  # one sample is a number
    if isinstance(want, dict) and isinstance(value, dict):
        want = {k: v for k, v in want.items() if v is not None}
        value = {k: v for k, v in value.items() if v is not None}
    if isinstance(want, (int, float)) and isinstance(value, (int, float)):
        return math.isclose(want, value, rel_tol=1e-12)
    return want == value


def web(c):
    p = c["metric"]["provider"]["web"]
    config = {"url": p.get("url") if isinstance(p.get("url"), str) else "http://x/",
              "method": p.get("method") or "GET"}
    if p.get("jsonPath"):
        config["path"] = p["jsonPath"]
    if "body" in p:
        config["body"] = p["body"]
    body = c["webServerResponse"]
    try:
        json.loads(body)
    except ValueError:
        if p.get("jsonPath"):
            return skip(c, BETTER["path"])
    measured(c, "http", config, {"status": c["webServerStatus"], "body": body},
             {"phase": c["expectedPhase"], "value": c.get("expectedValue")
              if c["expectedPhase"] != "Error" else None}, c["metric"])


def datadog(c):
    p = c["metric"]["provider"]["datadog"]
    config = {"address": "http://x", "api": p.get("apiVersion") or "v1", "interval": 300000,
              "api-key": "k", "app-key": "a", "aggregator": p.get("aggregator") or "last"}
    for key in ("query", "queries", "formula"):
        if p.get(key):
            config[key] = p[key]
    measured(c, "datadog", config,
             {"status": c["webServerStatus"], "body": c["webServerResponse"]},
             {"phase": c["expectedPhase"], "value": c.get("expectedValue")}, c["metric"])


def judged(c):
    """The answer is not in these records: what the conditions make of the value
    that came of it; and a request that cannot be."""
    want, metric = c["expect"], c["metric"]
    good, bad = condition(metric.get("successCondition")), condition(metric.get("failureCondition"))
    p = metric.get("provider", {}).get("web") or {}
    if want["phase"] == "Error":
        if not p.get("body") or p.get("method") == "POST":
            return skip(c, "an answer that is not in the record")
        config = {"url": "http://x", "method": p.get("method") or "GET", "body": p["body"]}
        return job({"provider": "http", "config": config,
                    "answer": {"status": 200, "body": "{}"}},
                   lambda got: ok("error" in got, c["source"], got))
    if good is None or bad is None or not want.get("value"):
        return skip(c, "a condition without counterpart" if want.get("value") else
                    "an answer that is not in the record")
    verdict, err = judge(json.loads(want["value"]), good, bad)
    empty = json.loads(want["value"]) == [] and verdict == "no data"  # BETTER
    ok(verdict == VERDICTS[want["phase"]] or empty, c["source"], f"{verdict} {want} {err}")


def number(v):
    return v["$float"] if isinstance(v, dict) else str(v)


def prometheus(c):
    backend, metric = c.get("backend") or {}, c["metric"]
    config = {"url": "http://x", "query": "test"}
    answer = c.get("response", backend.get("value"))
    how = metric.get("provider", {}).get("prometheus", {})
    if "rangeQuery" in how:
        if "Unparsable" in c["source"]:
            return skip(c, "durations are checked when the file is compiled")
        config["range"] = {"for": 3600000, "step": 60000}
    if backend.get("err"):
        answer = {"status": 500, "body": json.dumps({"status": "error", "error": "bad"})}
    elif "$new" in backend:
        return skip(c, "a server of its own; passwords are tested with a real one")
    else:
        if answer is None:
            data = {"resultType": "string", "result": [0, "x"]}
        elif isinstance(answer, dict):
            data = {"resultType": "scalar", "result": [0, number(answer["value"])]}
        elif answer and "values" in answer[0]:
            data = {"resultType": "matrix", "result": [
                {"values": [[v["timestamp"], number(v["value"])] for v in s["values"]]}
                for s in answer]}
        else:
            data = {"resultType": "vector",
                    "result": [{"value": [0, number(s["value"])]} for s in answer]}
        answer = {"status": 200, "body": json.dumps({"status": "success", "data": data})}
    measured(c, "prometheus", config, answer, c["expect"], metric)


def graphite(c):
    b = c.get("backend") or {}
    points = [[p["value"], 1] for p in b.get("response") or []]
    answer = {"error": "some err"} if b.get("err") else {
        "status": 200, "body": json.dumps([{"target": "t", "datapoints": points}])}
    measured(c, "graphite", {"url": "http://x", "query": "foo", "take": "all",
                             "interval": 300000}, answer, c["expect"], c["metric"])


def newrelic(c):
    b = c.get("backend") or {}
    body = {"errors": [{"message": "bad"}]} if b.get("err") else {
        "data": {"actor": {"account": {"nrql": {"results": b.get("response") or []}}}}}
    measured(c, "newrelic", {"account": 1, "query": "q", "api-key": "k", "region": "us",
                             "timeout": 5000},
             {"status": 200, "body": json.dumps(body)}, c["expect"], c["metric"])


def influxdb(c):
    b = c.get("backend") or {}
    if b.get("err") or not b:
        answer = {"error": "no answer"}
    else:
        rows = "".join(f",_result,0,{r['value'] if isinstance(r, dict) else r}\r\n"
                       for r in b.get("response") or b.get("result") or [])
        answer = {"status": 200, "body": ",result,table,_value\r\n" + rows}
    measured(c, "influxdb", {"url": "http://x", "org": "o", "token": "t", "query": "q",
                             "column": "_value"}, answer, c["expect"], c["metric"])


# ---- all of them -----------------------------------------------------------------------
def of_run(rule):
    """Only the records of a whole measurement."""
    def each(c):
        if c.get("op") in ("Run", "processResponse"):
            return rule(c)
        return skip(c, "metadata and lifecycle of an object")
    return each


TABLES = {
    "istio_weights": {None: istio_weights},
    "istio_all": {"reconcileVirtualService": istio_all, "SetWeight": istio_all,
                  "Resource": istio_resource, "SetHeaderRoute": istio_managed,
                  "SetMirrorRoute": istio_managed, "RemoveManagedRoutes": istio_managed},
    "istio_util": {},
    "gatewayapi_plugin": {"GatewayV1": gateway, "GatewayV1alpha2": gateway,
                          "SetHeaderRoute": gateway_header},
    "nginx": {"canaryIngress": nginx, "SetWeight": nginx},
    "web_http": {None: web}, "datadog_http": {None: datadog},
    "provider_prometheus": {None: of_run(prometheus)},
    "provider_graphite": {None: of_run(graphite)},
    "provider_newrelic": {None: of_run(newrelic)},
    "provider_influxdb": {None: of_run(influxdb)},
    "provider_datadog": {None: of_run(judged)}, "provider_webmetric": {None: of_run(judged)},
}
for table, how in TABLES.items():
    for c in records(table):
        fn = c.get("fn")
        rule = how.get(fn)
        if rule:
            try:
                rule(c)
            except (KeyError, IndexError, TypeError, AttributeError) as e:
                ok(False, c["source"], f"the record is of another shape: {e!r}")
        elif f"{table}/{fn}" in OUT or fn in OUT:
            skip(c, OUT.get(f"{table}/{fn}") or OUT[fn])
        else:
            ok(False, c["source"], f"'{fn}' has no rule, and no reason why not")
for (_, then), got in zip(jobs, run(jobs) if jobs else []):
    try:
        then(got)
    except (KeyError, IndexError, TypeError) as e:
        ok(False, "what came of a record", f"{e!r} {got}")
done()
