"""Strategic merges: objects and patches made of the same few names, with
directives in all places, and here and there a value of the wrong kind."""
from values import Raw, Writer

NAMES = ["a", "b", "c"]
DIRECTIVES = ["delete", "replace", "merge"]
KINDS = {
    "Deployment": "apps/v1", "StatefulSet": "apps/v1", "Job": "batch/v1",
    "Pod": "v1", "Service": "v1", "ConfigMap": "v1", "Secret": "v1",
    "ServiceAccount": "v1", "Role": "rbac.authorization.k8s.io/v1",
    "Ingress": "networking.k8s.io/v1", "Foo": "x.io/v1",
}
ODD = [None, {}, [], "s", 1, ["x"], {"k": "v"}, [{"name": "a"}], [None], True,
       "", Raw("~"), [[1]], [{}], {"$patch": "delete"}, [{"$patch": "replace"}],
       {"$patch": "replace", "z": 1}, [{"$patch": "delete"}]]


class Maker:
    def __init__(self, t, patch):
        self.t, self.patch = t, patch
        self.odd = .04 if patch else .02

    def rare(self, p):
        """Of what only patches have."""
        return self.patch and self.t.chance(p)

    def of(self, make, odd=ODD):
        return self.t.pick(odd) if self.t.chance(self.odd) else make()

    def some(self, fields, p=.3):
        return {k: v() if callable(v) else v for k, v in fields.items()
                if self.t.chance(p)}

    def names(self):
        return self.list(lambda: self.t.pick(NAMES))

    def list(self, element):
        out = [self.of(element) for _ in range(self.t.r.randint(0, 3))]
        if self.rare(.06):
            out.insert(self.t.r.randint(0, len(out)),
                       {"$patch": self.t.pick(DIRECTIVES)})
        return out

    def keyed(self, key, values, rest=dict):
        """A list of maps that are told apart by the key."""
        def element():
            e = {} if self.t.chance(.04) else {key: self.t.pick(values)}
            e.update(rest())
            if self.rare(.1):
                e["$patch"] = self.t.pick(DIRECTIVES)
            items = list(e.items())
            if self.t.chance(.3):
                self.t.r.shuffle(items)
            return dict(items)
        return self.list(element)

    def text(self):
        return self.t.pick(["x", "y z", "1", "true", Raw("1"), Raw("true"),
                            Raw("'q'"), Raw("1.50"),
                            None if self.patch else "n"])

    def map(self):
        no_list = [x for x in ODD if not isinstance(x, list)]
        out = {k: self.of(self.text, no_list) for k in "klm"
               if self.t.chance(.5)}
        if self.rare(.08):
            out["$patch"] = self.t.pick(DIRECTIVES)
        return out

    def container(self):
        t = self.t
        out = self.some({
            "image": lambda: t.pick(["nginx", "nginx:1"]),
            "args": lambda: self.of(self.names), "command": self.names,
            "env": lambda: self.of(lambda: self.keyed(
                "name", NAMES, lambda: t.pick([
                    {"value": self.text()}, {"valueFrom": None},
                    {"valueFrom": {"fieldRef": {"fieldPath": "a"}}}]))),
            "ports": lambda: self.of(lambda: self.keyed(
                "containerPort", [80, 81, Raw("0x50")], lambda: self.some({
                    "protocol": lambda: t.pick(["TCP", "UDP"]),
                    "name": lambda: t.pick(NAMES), "hostPort": 1}, .5))),
            "volumeMounts": lambda: self.keyed(
                "mountPath", ["/a", "/b"], lambda: {"name": t.pick(NAMES)}),
            "resources": lambda: self.of(lambda: self.some(
                {"limits": self.map, "requests": self.map}, .5)),
            "livenessProbe": lambda: t.pick([
                {"httpGet": {"path": "/", "port": 1}}, {"exec": None},
                {"exec": {"command": ["x"]}}]),
        })
        if self.rare(.04):
            out["$setElementOrder/env"] = [{"name": "b"}, {"name": "a"}]
        return out

    def volume(self):
        t = self.t
        out = t.pick([
            {"emptyDir": {}}, {"secret": {"secretName": t.pick(NAMES)}},
            {"hostPath": {"path": "/"}, "emptyDir": None},
            {"configMap": {"name": t.pick(NAMES), "items": self.keyed(
                "key", NAMES, lambda: {"path": "p"})}}])
        if self.rare(.15):
            out["$retainKeys"] = ["name", "secret"]
        return out

    def pod(self):
        t = self.t
        out = self.some({
            "containers": lambda: self.of(
                lambda: self.keyed("name", NAMES, self.container)),
            "initContainers": lambda: self.keyed("name", NAMES,
                                                 self.container),
            "volumes": lambda: self.of(
                lambda: self.keyed("name", NAMES, self.volume)),
            "tolerations": lambda: self.keyed("key", NAMES),
            "imagePullSecrets": lambda: self.of(
                lambda: self.keyed("name", NAMES)),
            "hostAliases": lambda: self.keyed(
                "ip", ["1.1.1.1", "2.2.2.2"],
                lambda: {"hostnames": self.names()}),
            "topologySpreadConstraints": lambda: self.keyed(
                "topologyKey", NAMES, lambda: self.some({
                    "maxSkew": 1, "whenUnsatisfiable": lambda: t.pick(
                        ["DoNotSchedule", "ScheduleAnyway"])}, .8)),
            "nodeSelector": lambda: self.of(self.map),
            "serviceAccountName": self.text,
            "readinessGates": lambda: self.keyed("conditionType", NAMES),
            "securityContext": lambda: self.of(lambda: {
                "sysctls": self.keyed("name", NAMES),
                "supplementalGroups": self.list(lambda: t.pick([1, 2]))}),
        })
        if self.rare(.06):
            out["$setElementOrder/containers"] = [{"name": "c"}]
        if self.rare(.04):
            out["$patch"] = t.pick(DIRECTIVES)
        return out

    def free(self, depth=0):
        x = self.t.r.random()
        if depth > 3 or x < .4:
            return self.text()
        if x > .7:
            return [self.free(depth + 1)
                    for _ in range(self.t.r.randint(0, 3))]
        out = {k: self.free(depth + 1) for k in self.t.r.sample(
            NAMES + ["name", "key"], self.t.r.randint(0, 3))}
        if self.rare(.08):
            out["$patch"] = self.t.pick(DIRECTIVES)
        return out

    def metadata(self, name):
        out = {"name": name}
        out.update(self.some({
            "labels": self.map, "annotations": self.map,
            "finalizers": lambda: self.of(self.names),
            "ownerReferences": lambda: self.keyed("uid", NAMES)}, .2))
        if self.rare(.05):
            out["$deleteFromPrimitiveList/finalizers"] = ["a"]
        return out

    def workload(self):
        out = self.some({
            "replicas": lambda: self.t.pick([1, 2]),
            "selector": lambda: {"matchLabels": self.map()},
            "strategy": lambda: self.of(lambda: {
                "type": "Recreate", "$retainKeys": ["type"]}
                if self.rare(.4) else {"type": self.text()}),
            "volumeClaimTemplates": lambda: self.list(
                lambda: {"metadata": {"name": self.t.pick(NAMES)}})})
        out["template"] = self.of(lambda: {"spec": self.of(self.pod)})
        return out

    def fields(self, kind):
        """All but apiVersion, kind and metadata."""
        if kind in ("Deployment", "StatefulSet", "Job"):
            return {"spec": self.of(self.workload)}
        if kind == "Pod":
            return {"spec": self.of(self.pod)}
        if kind == "Service":
            return {"spec": self.of(lambda: self.some({
                "ports": lambda: self.of(lambda: self.keyed(
                    "port", [80, 81], lambda: self.some({
                        "protocol": lambda: self.t.pick(["TCP", "UDP"]),
                        "name": lambda: self.t.pick(NAMES),
                        "targetPort": 1}, .5))),
                "selector": self.map, "externalIPs": self.names}, .7))}
        if kind in ("ConfigMap", "Secret"):
            return self.some({"data": lambda: self.of(self.map),
                              "binaryData": self.map}, .7)
        if kind == "Role":
            return {"rules": self.of(lambda: self.list(
                lambda: {"resources": self.names(), "verbs": ["get"]}))}
        if kind == "ServiceAccount":
            return self.some({"secrets": lambda: self.keyed("name", NAMES),
                              "imagePullSecrets": lambda: self.keyed(
                                  "name", NAMES)}, .7)
        if kind == "Ingress":
            return {"spec": {"rules": self.keyed("host", NAMES),
                             "tls": self.list(lambda: {"hosts": ["a"]})}}
        return {k: self.free() for k in self.t.r.sample(["spec", "a"], 2)}

    def object(self, kind, name):
        out = {"apiVersion": KINDS[kind], "kind": kind,
               "metadata": self.metadata(name)}
        out.update(self.fields(kind))
        if self.rare(.03):
            out["$patch"] = self.t.pick(DIRECTIVES)
        return out


def tree(t):
    write = Writer(t.r if t.chance(.5) else None).dump
    kinds = t.r.sample(list(KINDS) + ["Deployment", "Foo", "Pod"], 2)
    known = list(zip(kinds, ["w", "v"]))
    t.write("base/r.yaml", "\n---\n".join(
        write(Maker(t, False).object(*o)) for o in known) + "\n")
    t.write("base/kustomization.yaml", "resources: [r.yaml]\n")
    k = {"resources": ["../base"]}
    for i in range(t.r.randint(1, 3)):
        kind, name = t.pick(known)
        text = write(Maker(t, True).object(kind, name)) + "\n"
        x = t.r.random()
        if x < .75:
            k.setdefault("patches", []).append({"patch": text})
            if x > .5:
                k["patches"][-1]["target"] = {"kind": kind}
        else:
            t.write("ov/p%d.yaml" % i, text)
            k.setdefault("patchesStrategicMerge", []).append("p%d.yaml" % i)
    t.write("ov/kustomization.yaml", Writer().dump(k) + "\n")
    return t
