"""Patches, replacements and variables for given objects."""
import json

from objects import container
from values import dump


def ident(o):
    m = o["metadata"]
    return o["apiVersion"], o["kind"], m["name"], m.get("namespace", "")


def pod_patch(t):
    s = {}
    if t.chance(.6):
        c = container(t, t.pick([0, 1, 5]))
        x = t.r.random()
        if x < .2:
            c = {"name": "c0", "$patch": "delete"}
        elif x < .3:
            c["$patch"] = "replace"
        elif x < .4:
            c["args"] = t.pick([None, [], ["new"]])
        s["containers"] = [c]
        if t.chance(.1):
            s["containers"].insert(0, {"$patch": t.pick(["replace", "merge",
                                                         "delete"])})
        if t.chance(.15):
            s["$setElementOrder/containers"] = [{"name": "c0"}]
    if t.chance(.3):
        s["volumes"] = [{"name": "v", "emptyDir": {}}]
        if t.chance(.3):
            s["volumes"][0].update({"configMap": None, "secret": None})
        if t.chance(.2):
            s["volumes"][0] = {"name": "v", "$retainKeys": ["name"]}
    for key, values in (("serviceAccountName", [None, "other"]),
                        ("tolerations", [[{"key": "n"}], [], None]),
                        ("nodeSelector", [{"a": "b"}, {"$patch": "delete"},
                                          {"$patch": "replace", "q": "r"}]),
                        ("imagePullSecrets", [[{"name": "q"}], []]),
                        ("hostAliases", [[{"ip": "1.1.1.1"}]]),
                        ("topologySpreadConstraints", [[{
                            "topologyKey": "z", "maxSkew": 1,
                            "whenUnsatisfiable": "DoNotSchedule"}]])):
        if t.chance(.15):
            s[key] = t.pick(values)
    return s


def spec_patch(t, o, p):
    kind, spec = o["kind"], o.get("spec", {})
    if isinstance(spec, dict) and "template" in spec:
        p["spec"] = {"template": {"spec": pod_patch(t)}}
        if t.chance(.3):
            p["spec"]["replicas"] = t.pick([7, None])
        if t.chance(.1):
            p["spec"]["strategy"] = {"$patch": "replace", "type": "X"}
    elif kind == "ConfigMap":
        p["data"] = {t.key(): t.pick([t.text(), None]), "new": t.text()}
        if t.chance(.1):
            p["data"]["$patch"] = t.pick(["replace", "delete", "merge"])
    elif kind in ("Foo", "Bar"):
        p["spec"] = {"f1": t.raw(True), "added": {"x": [1, 2]}}
        if t.chance(.3):
            p["spec"]["list"] = t.pick([None, t.raw(True)])
    elif kind == "Service":
        p["spec"] = {"ports": [{"port": t.pick([80, 82]), "name": "h"}]}
        if t.chance(.3):
            p["spec"]["ports"][0]["protocol"] = "UDP"
    elif kind in ("Role", "ClusterRole"):
        p["rules"] = [{"resources": ["pods"]}]
    elif "webhooks" in o:
        p["webhooks"] = [{"name": t.pick(["w", "u"]), "x": t.text()}]
    elif kind == "Pod":
        p["spec"] = pod_patch(t)


def merge_for(t, o, name=None):
    api, kind, own, ns = ident(o)
    m = {"name": name or own}
    if ns:
        m["namespace"] = ns
    p = {"apiVersion": api, "kind": kind, "metadata": m}
    if t.chance(.4):
        m["annotations"] = {"patched": t.text(), "a": t.pick(["x", None])}
        if t.chance(.15):
            m["annotations"] = t.pick([None, {}, {"$patch": "replace",
                                                  "r": t.text()}])
    if t.chance(.3):
        m["labels"] = {"p": t.text(), t.key(): t.pick([t.text(), None])}
    if t.chance(.05):
        m["finalizers"] = ["a.b/c"]
    spec_patch(t, o, p)
    if t.chance(.04):
        p = {"apiVersion": api, "kind": kind, "metadata": {"name": own},
             "$patch": t.pick(["delete", "replace"])}
        if ns:
            p["metadata"]["namespace"] = ns
    return p


def places(v, path=""):
    """Pointers to all values below, with the values."""
    items = v.items() if isinstance(v, dict) else \
        enumerate(v) if isinstance(v, list) else []
    for k, x in items:
        here = path + "/" + str(k).replace("~", "~0").replace("/", "~1")
        yield here, x
        yield from places(x, here)


def safe_places(o):
    """Those that nothing but a patch of their own takes away."""
    return [(p, x) for p, x in places(o)
            if not p.startswith(("/metadata/name", "/apiVersion", "/kind",
                                 "/metadata/labels", "/metadata/annot"))
            and p not in ("/metadata", "/spec")]


def one_op(t, o):
    own = safe_places(o)
    x = t.r.random()
    if own and x < .3:
        p, v = t.pick(own)
        if isinstance(v, (dict, list)):
            v = [1, "b"] if isinstance(v, list) and not v else v
            return {"op": "replace", "path": p, "value": v}
        return {"op": t.pick(["replace", "add"]), "path": p,
                "value": t.pick([t.text(), 3, 1.5, True, None, {"a": [1]}])}
    if own and x < .38:
        p, v = t.pick(own)
        return {"op": "copy", "from": p, "path": "/metadata/annotations/cp"
                if isinstance(v, str) else "/copied"}
    if x < .42:
        return {"op": "copy", "from": "/metadata", "path": "/copied"}
    if own and x < .5:
        p, _ = t.pick(own)
        return {"op": t.pick(["remove", "move"]), "from": p,
                "path": p if t.chance(.5) else "/moved"}
    return t.pick([
        {"op": "add", "path": "/metadata/annotations",
         "value": {"j": t.text(), "k": "v"}},
        {"op": "replace", "path": "/metadata/name", "value": "renamed"},
        {"op": "add", "path": "/metadata/labels", "value": {"l": t.text()}},
        {"op": "add", "path": "/fresh", "value": {"n": 1.5, "m": t.text()}},
        {"op": "test", "path": "/kind", "value": o["kind"]},
        {"op": "test", "path": "/nothing", "value": None},
        {"op": "add", "path": "/metadata/annotations/j", "value": t.text()},
        {"op": "add", "path": "/metadata/namespace", "value": "jns"},
        {"op": "replace", "path": "/status", "value": {"big": 2 ** 60}}])


def json_for(t, o):
    ops = []
    for _ in range(t.r.randint(1, 3)):
        op = one_op(t, o)
        if op["op"] == "remove":
            op.pop("from")
            if any(op["path"].startswith(x["path"]) or
                   x["path"].startswith(op["path"]) for x in ops):
                continue
        if op["op"] == "move" and op["path"].startswith(op["from"]):
            op["path"] = "/moved"
        ops.append(op)
    return ops or [{"op": "test", "path": "/kind", "value": o["kind"]}]


def selector(t, o):
    target = {"kind": o["kind"]}
    x = t.r.random()
    name = o["metadata"]["name"]
    if x < .25:
        target["name"] = t.pick([name, ".*", name[:2] + ".*", "(a|w).*",
                                 "[a-w]+", "nothing"])
    elif x < .35:
        target = {"labelSelector": t.pick([
            "a", "a=b", "!zz", "p", "app in (web, db)", "app notin (web)",
            "a!=b,app", "l==m"])}
    elif x < .4:
        target["annotationSelector"] = t.pick(["x", "!x", "patched"])
    elif x < .5:
        target["group"] = o["apiVersion"].rpartition("/")[0]
    elif x < .6:
        target["version"] = t.pick(["v1", "v.*"])
    elif x < .65:
        target["namespace"] = t.pick(["one", "default", "t.*"])
    return target


def patches(t, objects, unique):
    out = []
    for _ in range(t.r.randint(1, 3)):
        o = t.pick(objects)
        x = t.r.random()
        if x < .4 and unique:
            out.append({"patch": t.styled(merge_for(t, o)) + "\n"})
        elif x < .65:
            name = t.pick([None, "any"])
            out.append({"target": selector(t, o),
                        "patch": t.styled(merge_for(t, o, name))})
            if t.chance(.2):
                out[-1]["options"] = {"allowNameChange": t.chance(.7)}
                if t.chance(.3):
                    out[-1]["options"]["allowKindChange"] = True
        else:
            ops = json_for(t, o)
            text = json.dumps(ops, ensure_ascii=False) if t.chance(.4) \
                else dump(ops)
            out.append({"target": {"kind": o["kind"],
                                   "name": o["metadata"]["name"]},
                        "patch": text})
    return out


def target_paths(t, o):
    paths = ["metadata.name", "metadata.annotations.x",
             "metadata.labels.[k8s.io/name]", "metadata.annotations.x\\.y",
             "metadata.namespace", "metadata.annotations.[a.b/c]"]
    if o["kind"] not in ("ConfigMap", "Secret"):  # generated: hashed by kind
        paths.append("kind")
    spec = o.get("spec", {})
    if isinstance(spec, dict) and "template" in spec:
        pod = "spec.template.spec."
        paths += [pod + "containers.[name=c0].image",
                  pod + "containers.*.image", pod + "containers.0.name",
                  pod + "containers.[image=.*].image",
                  pod + "containers.[name=new].image",
                  pod + "volumes.*.name", pod + "containers.0.env.0.value",
                  pod + "nodeSelector.k", "spec.replicas",
                  "spec.template.metadata.labels.app"]
    elif o["kind"] == "ConfigMap":
        paths += ["data.new", "data.a", "data.[k8s.io/name]"]
    elif o["kind"] in ("Foo", "Bar"):
        paths += ["spec.f1", "spec.new.deep.er", "spec.l.[=q]",
                  "spec.m.[id=5].v", "spec.containers.0.image"]
    return paths


def replacement(t, objects):
    s, d = t.pick(objects), t.pick(objects)
    select = {"kind": d["kind"]}
    if t.chance(.6):
        select["name"] = d["metadata"]["name"]
    target = {"select": select, "fieldPaths": [
        t.pick(target_paths(t, d)) for _ in range(t.pick([1, 1, 2]))],
        "options": {"create": t.chance(.9)}}
    if t.chance(.25):
        target["options"].update({"delimiter": t.pick([":", "-", "/"]),
                                  "index": t.pick([0, 1, -1, 5])})
    if t.chance(.2):
        target["reject"] = [t.pick([{"name": "web"}, {"kind": "Service"},
                                    {"labelSelector": "app"},
                                    {"namespace": "one"}])]
    source = {"kind": s["kind"], "name": s["metadata"]["name"],
              "version": s["apiVersion"].rpartition("/")[2]}
    ns = s["metadata"].get("namespace")
    if ns:
        source["namespace"] = ns
    if t.chance(.7):
        own = ["metadata.name", "kind", "apiVersion", "metadata"]
        spec = s.get("spec", {})
        if isinstance(spec, dict) and "template" in spec:
            own += ["spec.template.spec.containers",
                    "spec.template.spec.containers.[name=c0].image",
                    "spec.template.spec.containers.0", "spec.template",
                    "spec.template.spec.containers.[name=c0]"]
        source["fieldPath"] = t.pick(own)
    scalar = source.get("fieldPath", "metadata.name").endswith(
        ("name", "kind", "apiVersion", "image"))
    if not scalar:
        target["options"].pop("delimiter", None)
    elif t.chance(.15):
        source.setdefault("fieldPath", "metadata.name")
        source["options"] = {"delimiter": t.pick(["-", "a"]), "index": 0}
    return {"source": source, "targets": [target]}


def variables(t, objects):
    o = t.pick(objects)
    v = {"name": "VAR", "objref": {
        "kind": o["kind"], "name": o["metadata"]["name"],
        "apiVersion": o["apiVersion"]}}
    ns = o["metadata"].get("namespace")
    if ns:
        v["objref"]["namespace"] = ns
    x = t.r.random()
    if x < .3:
        v["fieldref"] = {"fieldpath": t.pick(["kind", "metadata.name",
                                              "metadata"])}
    elif x < .5 and o["kind"] == "Service":
        v["fieldref"] = {"fieldpath": "spec.ports[0].port"}
    return [v]


def image(t):
    i = {"name": t.pick(["nginx", "redis", "busybox", "reg.io/redis", "a.b/c",
                         "reg.io:5000/team/nginx",
                         "docker.io/library/redis"])}
    for _ in range(t.pick([1, 1, 2])):
        k = t.pick(["newTag", "newName", "digest", "tagSuffix"])
        i[k] = {"newTag": t.pick(["v9", "1.0", "0123"]), "newName":
                t.pick(["other/x", "q.io:1/y"]), "digest": "sha256:99",
                "tagSuffix": "-sfx"}[k]
    return i


