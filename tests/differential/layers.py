"""Trees of many layers over few names: who means whom, across namespaces,
prefixes, custom kinds with their CRDs, configurations and variables."""
import json

from values import dump

NAMES = ["app", "web", "db"]
RBAC = "rbac.authorization.k8s.io/v1"
CONFIGS = [
    "varReference:\n- {path: spec/containers/command, kind: MyKind}\n"
    "- {path: data/a, kind: ConfigMap}\n",
    "nameReference:\n- kind: Bee\n  fieldSpecs:\n"
    "  - {path: spec/beeRef/name, kind: MyKind}\n- kind: Secret\n"
    "  version: v1\n  fieldSpecs:\n"
    "  - {path: spec/secretRef/name, kind: MyKind}\n",
    "nameReference:\n- kind: Service\n  fieldSpecs:\n"
    "  - {path: data/b, version: v1, kind: ConfigMap}\n",
    "commonLabels:\n- {path: spec/sel/matchLabels, create: true, kind: MyKind}"
    "\nimages:\n- {path: spec/containers/image, kind: MyKind}\n",
    "namespace:\n- {path: spec/ns, create: true, kind: MyKind}\n"
    "namePrefix:\n- {path: spec/beeRef/name, kind: MyKind}\n",
]


def crds(t):
    base = "github.com/example/v1beta1."
    meta = {"apiVersion": {"type": "string"}, "kind": {"type": "string"},
            "metadata": {"$ref": "k8s.io/apimachinery/pkg/apis/meta/v1"
                                 ".ObjectMeta"}}
    secret = {"$ref": "k8s.io/api/core/v1.SecretReference"}
    if t.chance(.5):
        secret.update({"x-kubernetes-object-ref-api-version": "v1",
                       "x-kubernetes-object-ref-kind": "Secret",
                       "x-kubernetes-object-ref-name-key": "name"})
    fields = {
        "secretRef": secret,
        "beeRef": {"$ref": base + "Bee",
                   "x-kubernetes-object-ref-api-version": "v1beta1",
                   "x-kubernetes-object-ref-kind": "Bee"},
        "sel": {"x-kubernetes-label-selector": ""},
        "containers": {"type": "array", "items": {
            "$ref": "k8s.io/api/core/v1.Container"}}}
    if t.chance(.5):
        fields["action"] = {"type": "string", "x-kubernetes-annotation": ""}
    of = lambda kind, more: {base + kind: {"Schema": {"properties": dict(
        meta, spec={"$ref": base + kind + "Spec"})}, "Dependencies": []},
        base + kind + "Spec": {"Schema": {"properties": more},
                               "Dependencies": []}}
    return json.dumps({**of("Bee", {}), **of("MyKind", fields)})


def name(t):
    return t.pick(NAMES)


def pod(t):
    return {"serviceAccountName": name(t), "containers": [{
        "name": "c", "image": t.pick(["nginx", "redis:1"]),
        "args": ["--x=$(VAR)", "$(VAR2)", "$$(VAR)", "$(NOPE)"],
        "env": [{"name": "A", "value": "$(VAR)"},
                {"name": "B", "valueFrom": {"configMapKeyRef": {
                    "name": name(t), "key": "k"}}}],
        "envFrom": [{"secretRef": {"name": name(t)}}]}],
        "volumes": [{"name": "v", "configMap": {"name": name(t)}}]}


def body(t, o):
    kind = o["kind"]
    if kind in ("Deployment", "StatefulSet"):
        o["apiVersion"] = "apps/v1"
        o["spec"] = {"template": {"metadata": {"labels": {"app": name(t)}},
                                  "spec": pod(t)}}
    elif kind == "Service":
        o["spec"] = {"ports": [{"port": 80}], "selector": {"app": name(t)}}
    elif kind == "ConfigMap":
        o["data"] = {"a": "$(VAR)", "b": name(t)}
    elif kind == "MyKind":
        o["apiVersion"] = "example.com/v1beta1"
        o["spec"] = {"secretRef": {"name": name(t)}, "beeRef": {
            "name": name(t), "action": "fly"}, "containers": [{
                "image": "nginx:1", "command": ["echo", "$(VAR)"]}],
            "sel": {"matchLabels": {"a": "b"}}}
    elif kind == "Bee":
        o["apiVersion"] = "v1beta1"
        o["spec"] = {"action": "fly"}
    elif kind in ("RoleBinding", "ClusterRoleBinding"):
        o["apiVersion"] = RBAC
        o["roleRef"] = {"apiGroup": RBAC[:-3], "kind": "ClusterRole",
                        "name": name(t)}
        o["subjects"] = [{"kind": "ServiceAccount",
                          "name": t.pick(NAMES + ["default"])}]
        if t.chance(.6):
            o["subjects"][0]["namespace"] = t.pick(["one", "two", "app",
                                                    "default"])
    elif kind == "Ingress":
        o["apiVersion"] = "networking.k8s.io/v1"
        o["spec"] = {"rules": [{"host": "$(VAR).x", "http": {"paths": [{
            "backend": {"service": {"name": name(t)}}}]}}]}
    return o


def resource(t):
    kind = t.pick(["Deployment", "Service", "ConfigMap", "Secret", "MyKind",
                   "Bee", "Namespace", "ServiceAccount", "RoleBinding",
                   "ClusterRoleBinding", "Ingress", "StatefulSet"])
    m = {"name": name(t)}
    if kind not in ("Namespace", "ClusterRoleBinding") and t.chance(.5):
        m["namespace"] = t.pick(["one", "two", "app"])
    if t.chance(.15):
        m["annotations"] = {"config.kubernetes.io/local-config":
                            t.pick(["true", "false"])}
    return body(t, {"apiVersion": "v1", "kind": kind, "metadata": m})


def variables(t, objects):
    out = []
    for n in t.r.sample(["VAR", "VAR2"], t.r.randint(1, 2)):
        o = t.pick(objects)
        ref = {"kind": o["kind"], "name": o["metadata"]["name"],
               "apiVersion": o["apiVersion"]}
        if t.chance(.5) and "namespace" in o["metadata"]:
            ref["namespace"] = o["metadata"]["namespace"]
        out.append({"name": n, "objref": ref})
        if t.chance(.4):
            out[-1]["fieldref"] = {"fieldpath": t.pick(
                ["metadata.name", "kind", "apiVersion"])}
    return out


def generators(t, k):
    """Most names are given once, so that most trees are accepted."""
    def made():
        t.generated = getattr(t, "generated", 0) + 1
        return name(t) + ("-g%d" % t.generated if t.chance(.85) else "")
    if t.chance(.3):
        k["configMapGenerator"] = [{"name": made(), "literals": ["k=v"]}]
        if t.chance(.4):
            k["configMapGenerator"][0]["namespace"] = t.pick(["one", "two"])
    if t.chance(.2):
        k["secretGenerator"] = [{"name": made(), "literals": ["k=v"]}]
        if t.chance(.4):
            k["secretGenerator"][0]["options"] = {
                "disableNameSuffixHash": True}


def changes(t, k, path, objects):
    if t.chance(.3):
        k["crds"] = ["crd.json"]
        t.write(path + "/crd.json", crds(t))
    if t.chance(.35):
        k["configurations"] = ["c%d.yaml" % i
                               for i in range(t.r.randint(1, 2))]
        for c in k["configurations"]:
            t.write(path + "/" + c, t.pick(CONFIGS))
    if objects and t.chance(.3) and not hasattr(t, "vars"):
        k["vars"] = t.vars = variables(t, objects)
    generators(t, k)
    if objects and t.chance(.1):
        o = t.pick(objects)
        k["patches"] = [{"patch": dump({
            "apiVersion": o["apiVersion"], "kind": o["kind"],
            "metadata": dict(o["metadata"], labels={"p": "x"})})}]
    if objects and t.chance(.12):
        o = t.pick(objects)
        k["replacements"] = [{
            "source": {"kind": o["kind"], "name": o["metadata"]["name"]},
            "targets": [{"select": {"kind": t.pick(
                ["Deployment", "MyKind", "ConfigMap"])},
                "fieldPaths": ["metadata.annotations.rr"],
                "options": {"create": True}}]}]


def put(t, path, refs, objects, component=False, prefix=None):
    k = {"apiVersion": "kustomize.config.k8s.io/v1alpha1",
         "kind": "Component"} if component else {}
    if refs:
        k["resources"] = refs
    for field, often, values in (
            ("namePrefix", .45, ["p-", "q-"]), ("nameSuffix", .3, ["-s", "-t"]),
            ("namespace", .2, ["one", "two", "ns"]),
            ("commonLabels", .2, [{"app": "z"}]),
            ("commonAnnotations", .2, [{"n": "v"}]),
            ("labels", .2, [[{"pairs": {"l": "1"}, "includeSelectors": True}],
                            [{"pairs": {"l": "1"}}]]),
            ("images", .25, [[{"name": "nginx", "newTag": "9"}],
                             [{"name": "redis", "newTag": "9"}]]),
            ("buildMetadata", .1, [["originAnnotations"]])):
        if t.chance(often):
            k[field] = t.pick(values)
    changes(t, k, path, objects)
    if prefix or not k:
        k["namePrefix"] = prefix or "z-"
    t.write(path + "/kustomization.yaml", dump(k) + "\n")


def tree(t):
    objects, refs, seen = [], [], set()
    for b in range(t.r.randint(1, 3)):
        own = []
        for _ in range(t.r.randint(1, 5)):
            o = resource(t)
            ident = (o["kind"], o["metadata"]["name"]) + (
                (o["metadata"].get("namespace"),) if t.chance(.1) else ())
            if ident not in seen:
                seen.add(ident)
                own.append(o)
        t.write("b%d/r.yaml" % b, "\n---\n".join(map(dump, own)) + "\n")
        put(t, "b%d" % b, ["r.yaml"], own)
        objects += own
        refs.append("../b%d" % b)
    if t.chance(.5):
        for m in ("m1", "m2"):
            put(t, m, t.r.sample(refs, t.r.randint(1, len(refs))), [],
                prefix=m + "-")
        refs = ["../m1", "../m2"] if t.chance(.7) else ["../m1"] + refs[:1]
    put(t, "ov", refs, objects)
    below = "ov"
    for c in ("comp", "comp2"):
        if not t.chance(.35):
            break
        put(t, c, [], objects, component=True)
        text = t.files[below + "/kustomization.yaml"]
        t.write(below + "/kustomization.yaml",
                text + "components:\n- ../%s\n" % c)
        below = c
    return t
