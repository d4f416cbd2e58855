"""Transformers that are configured by hand: inline, from files, from
kustomizations, and from kustomizations that change them; as validators too."""
import json

from plugins import config
from values import dump

NAMES = ["app", "web", "db"]
POD = "spec/template/spec/"


def resource(t):
    kind = t.pick(["Deployment", "Service", "ConfigMap", "Secret", "Foo",
                   "CronJob"])
    o = {"apiVersion": "v1", "kind": kind, "metadata": {"name": t.pick(NAMES)}}
    if t.chance(.3):
        o["metadata"]["labels"] = {"app": t.pick(NAMES)}
    if t.chance(.3):
        o["metadata"]["annotations"] = {"x": t.pick(["1", "v"])}
    if kind == "Deployment":
        o["apiVersion"] = "apps/v1"
        o["spec"] = {"replicas": 1, "selector": {"matchLabels": {"app": "a"}},
                     "template": {"metadata": {"labels": {"app": "a"}},
                                  "spec": {"containers": [{
                                      "name": "c", "image": t.pick(
                                          ["nginx:1", "busybox",
                                           "foo.io/redis@sha256:aa"])}]}}}
    elif kind == "CronJob":
        o["apiVersion"] = "batch/v1"
        o["spec"] = {"jobTemplate": {"spec": {"template": {"spec": {
            "containers": [{"name": "c", "image": "nginx"}]}}}}}
    elif kind == "ConfigMap":
        o["data"] = {"a": "1", "b": "x y"}
    elif kind == "Service":
        o["spec"] = {"ports": [{"port": 80}], "selector": {"app": "a"}}
    elif kind == "Foo":
        o["apiVersion"] = "x.io/v1"
        o["spec"] = {"image": "nginx", "deep": {"x": "y"}}
    return o


def marks(t):
    """Labels, annotations, names, namespaces."""
    name = {"path": "metadata/name"}
    if t.chance(.4):
        name["kind"] = t.pick(["Service", "Foo", "ConfigMap"])
    space = config("NamespaceTransformer", fieldSpecs=[
        {"path": "metadata/namespace", "create": True}])
    space["metadata"]["namespace"] = t.pick(["n1", "n2"])
    if t.chance(.3):
        space["unsetOnly"] = t.chance(.5)
    if t.chance(.4):
        space["fieldSpecs"].append({"path": "spec/deep/ns", "create": True,
                                    "kind": "Foo"})
    return [
        config("PrefixTransformer", prefix="x-", fieldSpecs=[name]),
        config("SuffixTransformer", suffix="-x",
               fieldSpecs=[{"path": "metadata/name"}]), space,
        config("LabelTransformer", labels={"l": "v"}, fieldSpecs=[{
            "path": t.pick(["metadata/labels", "spec/selector",
                            "spec/template/metadata/labels",
                            "spec/selector/matchLabels"]),
            "create": t.chance(.7)}]),
        config("AnnotationsTransformer", annotations={"q": "v", "x": "2"},
               fieldSpecs=[{"path": t.pick(
                   ["metadata/annotations",
                    "spec/template/metadata/annotations"]), "create": True}]),
        config("HashTransformer"), config("LegacyOrderTransformer"),
        config("SortOrderTransformer", sortOptions=t.pick([
            {"order": "legacy"}, {"order": "fifo"},
            {"order": "legacy", "legacySortOptions": {
                "orderFirst": ["Foo"], "orderLast": ["Service"]}}])),
    ]


def changes(t, o):
    """Of one object's kind or name."""
    kind, name = o["kind"], o["metadata"]["name"]
    group = o["apiVersion"].rpartition("/")[0]
    one = {"kind": kind, "name": name, "version": "v1"}
    if group:
        one["group"] = group
    target = {"kind": kind}
    if t.chance(.6):
        target["name"] = t.pick([name, ".*"])
    value = {"selector": {"kind": kind}, "fieldPath": t.pick(
        ["metadata/namespace", "metadata/annotations/va", "spec/deep/x"])}
    if t.chance(.5):
        value["filePathPosition"] = t.pick([0, 1, 2])
    return [
        config("ImageTagTransformer", imageTag={
            "name": t.pick(["nginx", "busybox", "foo.io/redis"]),
            t.pick(["newTag", "newName", "digest"]): "sha256:bb"},
            fieldSpecs=[{"path": t.pick([
                POD + "containers[]/image", POD + "containers/image",
                "spec/image", "spec/jobTemplate/" + POD +
                "containers[]/image"])}]),
        config("ReplicaCountTransformer", replica={"name": name, "count": 5},
               fieldSpecs=[{"path": "spec/replicas", "create": True,
                            "kind": "Deployment"}]),
        config("ValueAddTransformer", targets=[value], value=t.pick(
            ["added", "http://h/p", "a//b/../c", "/x/"])),
        config("PatchTransformer", target=target, patch=json.dumps([
            {"op": "add", "path": "/metadata/annotations",
             "value": {"z": "1"}}])),
        config("PatchJson6902Transformer", target=one, jsonOp=json.dumps([
            {"op": "add", "path": "/metadata/zz", "value": "1"}])),
        config("ReplacementTransformer", replacements=[{
            "source": {"kind": kind, "name": name,
                       "fieldPath": "metadata.name"},
            "targets": [{"select": {"kind": t.pick(["Foo", "Deployment"])},
                         "fieldPaths": ["metadata.annotations.rep"],
                         "options": {"create": True}}]}]),
    ]


def generator(t):
    g = config(t.pick(["ConfigMapGenerator", "SecretGenerator"]),
               literals=["a=b"])
    if t.chance(.2):
        g["metadata"]["namespace"] = "gns"
    if t.chance(.3):
        g["options"] = {"disableNameSuffixHash": True, "labels": {"x": "y"}}
    return g


def place(t, texts):
    """Where the transformers stand; what the field then holds."""
    how = t.pick(["inline", "file", "folder", "folder", "changed"])
    if how == "inline":
        return [dump(x) + "\n" for x in texts]
    where = "ov/t.yaml" if how == "file" else "tf/t.yaml"
    t.write(where, "\n---\n".join(map(dump, texts)) + "\n")
    if how == "file":
        return ["t.yaml"]
    t.write("tf/kustomization.yaml", "resources: [t.yaml]\n")
    if how == "folder":
        return ["../tf"]
    path = t.pick(["prefix", "suffix", "value", "labels/l", "annotations/x"])
    t.write("tf2/kustomization.yaml", "resources: [../tf]\n" + t.pick([
        "namePrefix: tp-\n", "commonLabels: {tl: a}\n", "namespace: tns\n",
        "patches:\n- target: {kind: %s}\n  patch: '[{\"op\": \"add\", "
        "\"path\": \"/%s\", \"value\": \"patched\"}]'\n"
        % (t.pick(texts)["kind"], path)]))
    return ["../tf2"]


def one(t, objects, name):
    x = t.pick(marks(t) + changes(t, t.pick(objects)))
    x["metadata"]["name"] = name
    return x


def tree(t):
    objects = {}
    for _ in range(t.r.randint(2, 6)):
        o = resource(t)
        objects[o["kind"], o["metadata"]["name"]] = o
    objects = list(objects.values())
    t.write("base/r.yaml", "\n---\n".join(map(dump, objects)) + "\n")
    t.write("base/kustomization.yaml", "resources: [r.yaml]\n" +
            t.pick(["", "", "namePrefix: b-\n"]))
    chosen = [one(t, objects, "t%d" % i) for i in range(t.r.randint(1, 3))]
    k = {"resources": ["../base"], "transformers": place(t, chosen)}
    if t.chance(.3):
        k["generators"] = [dump(generator(t)) + "\n"]
    if t.chance(.2):
        k["namePrefix"] = "o-"
    if t.chance(.2):
        k["labels"] = [{"pairs": {"ol": "1"}}]
    if t.chance(.15):
        k["validators"] = k["transformers"]
    elif t.chance(.15):
        k["validators"] = [dump(one(t, objects, "v%d" % i)) + "\n"
                           for i in range(t.r.randint(1, 2))]
    if t.chance(.2):
        k["buildMetadata"] = t.r.sample(
            ["originAnnotations", "transformerAnnotations", "managedByLabel"],
            2)
    t.write("ov/kustomization.yaml", dump(k) + "\n")
    return t
