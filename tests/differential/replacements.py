"""Replacements from and to places that are there, and some that are not."""
from values import Raw, Writer

NAMES = ["a", "b", "c"]
KINDS = {"Deployment": "apps/v1", "ConfigMap": "v1", "Foo": "x.io/v1",
         "Pod": "v1", "Service": "v1"}
VALUES = ["x", "x:y", "a-b-c", "1:2:3", "", Raw("1"), Raw("true"),
          Raw("1.50"), Raw("null"), Raw("'7'"), Raw('"q: r"'), Raw("0x10"),
          Raw("~"), "true", "12", "line\nline\n",
          "reg.io/nginx:1.2@sha256:ab", Raw("2001-01-01")]
ANYWHERE = [
    "metadata.name", "metadata.namespace", "metadata.annotations.x", "kind",
    "metadata.annotations.[x.y]", "metadata.annotations.x\\.y", "metadata",
    "metadata.annotations.[a/b]", "metadata.annotations", "metadata.labels",
    "apiVersion", "metadata.labels.[app]", "", "spec", "spec.*", "metadata.*",
    "nothing", "nothing.at.all", "spec.", ".spec", "metadata..name",
]
IN_LIST = ["0", "*", "[name=a]", "[name=b]", "-", "[v=x]", "[=x]", "5", "-1",
           "[name=.*]", "[0]", "+0"]
IN_POD = [
    "containers.[name=a].image", "containers.*.image", "containers.0.image",
    "containers.[image=nginx.*].image", "containers.[image=nginx:1].image",
    "containers.*.env.[name=E].value", "containers.[name=new].image",
    "containers.*.env.*.value", "containers.0.args.0", "containers",
    "containers.*.args.[=p]", "containers.*.args.*", "containers.0",
    "containers.[name=a].env.[name=F].value", "containers.[name=a]",
    "containers.1.name", "containers.-.name", "containers.[name=b].args",
    "volumes.*.name", "containers.[name=z].*", "nodeSelector.[k.l]",
]


def free(t, depth=0):
    x = t.r.random()
    if depth > 2 or x < .45:
        return t.pick(VALUES)
    if x < .75:
        return {k: free(t, depth + 1) for k in t.r.sample(
            ["a", "b", "name", "x.y", "k/v"], t.r.randint(0, 4))}
    return [free(t, depth + 1) if t.chance(.5) else
            {"name": t.pick(NAMES), "v": t.pick(VALUES)}
            for _ in range(t.r.randint(0, 3))]


def container(t, name):
    c = {"name": name, "image": t.pick(["nginx:1", "reg/x", "busybox"])}
    if t.chance(.5):
        c["env"] = [{"name": "E", "value": t.pick(VALUES)}]
    if t.chance(.5):
        c["args"] = ["p", "q"]
    return c


def resource(t, kind, name):
    m = {"name": name}
    if t.chance(.4):
        m["annotations"] = {k: t.pick(VALUES)
                            for k in t.r.sample(["x", "x.y", "a/b"], 2)}
    if t.chance(.4):
        m["labels"] = {"app": t.pick(["u", "w"])}
    if t.chance(.3):
        m["namespace"] = t.pick(["n1", "n2"])
    o = {"apiVersion": KINDS[kind], "kind": kind, "metadata": m}
    if kind == "ConfigMap":
        o["data"] = {k: t.pick(VALUES)
                     for k in t.r.sample(["a", "b", "x.y", "f.yaml"], 2)}
    elif kind == "Foo":
        o["spec"] = free(t)
    elif kind == "Service":
        o["spec"] = {"ports": [{"port": 80, "name": "h"},
                               {"port": t.pick([81, 80]), "name": "g"}]}
    else:
        pod = {"containers": [container(t, n) for n in t.r.sample(
            NAMES, t.r.randint(1, 2))]}
        o["spec"] = pod if kind == "Pod" else {
            "replicas": Raw(t.pick(["1", "'1'"])), "template": {"spec": pod}}
    return o


def quoted(key):
    return "[" + key + "]" if "." in key or "/" in key else key


def places(v, path=""):
    """The paths of all values that are there."""
    out = [path] if path and v is not None else []
    if isinstance(v, dict):
        for k, x in v.items():
            out += places(x, (path + "." if path else "") + quoted(k))
    elif isinstance(v, list):
        for i, x in enumerate(v):
            out += places(x, path + "." + str(i))
            if isinstance(x, dict) and x.get("name") in NAMES:
                out += places(x, "%s.[name=%s]" % (path, x["name"]))
    return out


def wild(t, o):
    """A path that may lead nowhere."""
    out = list(ANYWHERE)
    if o["kind"] in ("Pod", "Deployment"):
        pod = "spec." if o["kind"] == "Pod" else "spec.template.spec."
        out += [pod + x for x in IN_POD]
    for path in places(o.get("spec")):
        out += ["spec." + path + "." + t.pick(IN_LIST)]
    return t.pick(out)


def path(t, o, target):
    if not t.chance(.75 if target else .9):
        return wild(t, o)
    real = [p for p in places(o) if p.count(".") < 9]
    if target:
        real = [p for p in real if p not in (
            "kind", "apiVersion", "metadata", "metadata.name", "spec")] or real
    return t.pick(real)


def select(t, o):
    s = {"kind": o["kind"]}
    if t.chance(.7):
        s["name"] = o["metadata"]["name"]
    if t.chance(.85):
        return s
    return {k: v for k, v in (
        ("kind", o["kind"]), ("version", "v1"),
        ("group", o["apiVersion"].rpartition("/")[0] or "g"),
        ("namespace", o["metadata"].get("namespace", "n1")),
        ("name", t.pick(["b-w", "w.*", "zz"]))) if t.chance(.3)}


def options(t, source):
    o = {}
    if not source and t.chance(.8):
        o["create"] = t.chance(.75)
    if t.chance(.15):
        o["delimiter"] = t.pick([":", "-", "/", "", ".", "::"])
        if t.chance(.7):
            o["index"] = t.pick([0, 1, 2, -1, 5])
    elif t.chance(.05):
        o["index"] = 1
    return o


def target(t, objects):
    o = t.pick(objects)
    x = {"select": select(t, o), "fieldPaths": [
        path(t, o, True) for _ in range(t.pick([1, 1, 2]))]}
    if t.chance(.9):
        x["options"] = options(t, False)
    if t.chance(.2):
        x["reject"] = [select(t, t.pick(objects))]
    if t.chance(.1):
        x["select"][t.pick(["labelSelector", "annotationSelector"])] = "app=u"
    return x


def replacement(t, objects):
    o = t.pick(objects)
    source = select(t, o)
    if t.chance(.85):
        source["fieldPath"] = path(t, o, False)
    if t.chance(.15):
        source["options"] = options(t, True)
    return {"source": source, "targets": [
        target(t, objects) for _ in range(t.pick([1, 1, 2]))]}


def tree(t):
    write = Writer(t.r if t.chance(.4) else None).dump
    kinds = t.r.sample(list(KINDS), t.r.randint(1, 3))
    objects = [resource(t, *o) for o in zip(kinds, ["w", "wx", "v"])]
    t.write("base/r.yaml", "\n---\n".join(map(write, objects)) + "\n")
    t.write("base/kustomization.yaml", "resources: [r.yaml]\n" + t.pick(
        ["", "", "", "namePrefix: b-\n", "namespace: nn\n"]))
    k = {"resources": ["../base"], "replacements": []}
    for i in range(t.pick([1, 1, 2])):
        one = replacement(t, objects)
        if t.chance(.2):
            t.write("ov/r%d.yaml" % i,
                    write(one if t.chance(.5) else [one]) + "\n")
            one = {"path": "r%d.yaml" % i}
        k["replacements"].append(one)
    if t.chance(.1):
        k["namePrefix"] = "o-"
    t.write("ov/kustomization.yaml", Writer().dump(k) + "\n")
    return t
