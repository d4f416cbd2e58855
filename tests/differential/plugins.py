"""Built-in plug-ins named in transformers, generators and validators."""
from patches import image, json_for, merge_for, replacement
from values import dump


def config(kind, **fields):
    return dict({"apiVersion": "builtin", "kind": kind,
                 "metadata": {"name": "any-" + kind.lower()}}, **fields)


def transformer(t, objects):
    own = t.pick(objects) if objects else None
    all_of = [
        config("PrefixTransformer", prefix="tp-",
               fieldSpecs=[{"path": "metadata/name"}]),
        config("SuffixTransformer", suffix="-ts", fieldSpecs=[
            {"path": "metadata/name", "kind": "ConfigMap"}]),
        config("PrefixSuffixTransformer", prefix="a-", suffix="-z",
               fieldSpecs=[{"path": "metadata/name"}]),
        config("LabelTransformer", labels={"tl": t.text(), t.key(): "v"},
               fieldSpecs=[{"path": "metadata/labels", "create": True},
                           {"path": "spec/template/metadata/labels",
                            "create": t.chance(.5), "kind": "Deployment"}]),
        config("AnnotationsTransformer", annotations={"ta": t.text()},
               fieldSpecs=[{"path": "metadata/annotations",
                            "create": True}]),
        config("ImageTagTransformer", imageTag=image(t), fieldSpecs=[
            {"path": "spec/template/spec/containers[]/image"}]),
        config("HashTransformer"),
        config("ValueAddTransformer", value="added", targets=[
            {"fieldPath": t.pick(["metadata/namespace", "metadata/labels/va",
                                  "metadata/annotations/x", "extra/path"]),
             "filePathPosition": t.pick([0, 1, 2])}]),
    ]
    space = config("NamespaceTransformer", unsetOnly=t.chance(.5))
    space["metadata"]["namespace"] = "tns"
    if t.chance(.5):
        space["setRoleBindingSubjects"] = t.pick(
            ["defaultOnly", "allServiceAccounts", "none"])
    all_of.append(space)
    if own:
        name = own["metadata"]["name"]
        all_of += [
            config("PatchTransformer", patch=dump(merge_for(t, own)),
                   target={"kind": own["kind"], "name": name + ".*"}),
            config("PatchJson6902Transformer", jsonOp=dump(json_for(t, own)),
                   target={"kind": own["kind"], "name": name}),
            config("PatchStrategicMergeTransformer",
                   patches=dump(merge_for(t, own))),
            config("ReplacementTransformer",
                   replacements=[replacement(t, objects)]),
        ]
    return t.pick(all_of)


def generator(t):
    literals = ["k=" + t.text(), "l=w"]
    return t.pick([
        config("ConfigMapGenerator", literals=literals),
        config("SecretGenerator", literals=literals, type="x/y"),
        config("IAMPolicyGenerator", cloud="gke",
               kubernetesService={"name": "ks"},
               serviceAccount={"name": "gs", "projectId": "pr"}),
    ])


def add(t, k, path, objects):
    if t.chance(.7):
        x = dump(transformer(t, objects)) + "\n"
        where = t.r.random()
        if where < .5:
            k["transformers"] = [x]
        else:
            t.write(path + "/transformer.yaml", x)
            k["transformers"] = ["transformer.yaml"]
    if t.chance(.3):
        k["generators"] = [dump(generator(t)) + "\n"]
    if t.chance(.15):
        k["validators"] = [dump(config(
            "LabelTransformer", labels={"validated-by": "any"},
            fieldSpecs=[{"path": "metadata/labels", "create": True}]))]
