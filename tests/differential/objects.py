"""Objects of many kinds, with names few enough that references meet."""

IMAGES = ["nginx", "nginx:1.7", "reg.io:5000/team/nginx:v1", "redis@sha256:ab",
          "reg.io/redis:3@sha256:cd", "busybox:latest", "a.b/c", "nginx:",
          "aXb/c:1", "docker.io/library/redis:6.2-alpine", "localhost/a:b.c"]
RBAC = "rbac.authorization.k8s.io/v1"


def meta(t, name=None, ns=True):
    m = {"name": name or t.name()}
    if ns and t.chance(.2):
        m["namespace"] = t.pick(["one", "two", "default"])
    if t.chance(.4):
        m["labels"] = {t.key(): t.text() for _ in range(t.r.randint(0, 3))}
    if t.chance(.3):
        m["annotations"] = {t.key(): t.text()
                            for _ in range(t.r.randint(0, 3))}
    if t.chance(.1):
        m["creationTimestamp"] = None
    return m


def container(t, i):
    c = {"name": "c%d" % i, "image": t.pick(IMAGES)}
    if t.chance(.4):
        c["env"] = [t.pick([
            {"name": "A", "value": t.text()},
            {"name": "B", "valueFrom": {"configMapKeyRef": {
                "name": t.name(), "key": "k"}}},
            {"name": "C", "valueFrom": {"secretKeyRef": {
                "name": t.name(), "key": "k"}}},
        ]) for _ in range(t.r.randint(1, 3))]
    if t.chance(.3):
        c["envFrom"] = [t.pick([{"configMapRef": {"name": t.name()}},
                                {"secretRef": {"name": t.name()}}])]
    if t.chance(.4):
        c["ports"] = [{"containerPort": t.pick([80, 81, 443])}
                      for _ in range(t.r.randint(1, 2))]
        if t.chance(.4):
            for p in c["ports"]:
                p["protocol"] = t.pick(["TCP", "UDP"])
    if t.chance(.3):
        c["args"] = [t.text() for _ in range(t.r.randint(0, 3))]
    if t.chance(.2):
        c["volumeMounts"] = [{"name": "v", "mountPath": "/m"}]
    return c


def pod(t):
    s = {"containers": [container(t, i) for i in range(t.r.randint(1, 2))]}
    if t.chance(.2):
        s["initContainers"] = [container(t, 9)]
    if t.chance(.4):
        s["volumes"] = [t.pick([
            {"name": "v", "configMap": {"name": t.name()}},
            {"name": "v", "secret": {"secretName": t.name()}},
            {"name": "v", "emptyDir": {}},
            {"name": "v", "persistentVolumeClaim": {"claimName": t.name()}},
            {"name": "v", "projected": {"sources": [
                {"configMap": {"name": t.name()}},
                {"secret": {"name": t.name()}}]}},
        ])]
    if t.chance(.3):
        s["serviceAccountName"] = t.name()
    if t.chance(.2):
        s["imagePullSecrets"] = [{"name": t.name()}]
    if t.chance(.15):
        s["tolerations"] = [{"key": t.text(), "operator": "Exists"}]
    if t.chance(.15):
        s["topologySpreadConstraints"] = [{
            "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"a": "b"}}}]
    return s


def workload(t, kind, api="apps/v1"):
    o = {"apiVersion": api, "kind": kind, "metadata": meta(t)}
    template = {"metadata": {"labels": {"app": t.name()}}, "spec": pod(t)}
    if t.chance(.3):
        template["metadata"]["annotations"] = {"x": t.text()}
    spec = {"template": template}
    if kind in ("Deployment", "StatefulSet", "ReplicaSet") and t.chance(.6):
        spec["replicas"] = t.r.randint(0, 5)
    if kind not in ("Job",) and t.chance(.7):
        spec["selector"] = {"matchLabels": {"app": t.name()}}
    if kind == "StatefulSet":
        spec["serviceName"] = t.name()
        if t.chance(.4):
            spec["volumeClaimTemplates"] = [{"metadata": {"name": "d"}}]
    if kind == "Deployment" and t.chance(.2):
        spec["strategy"] = {"type": "Recreate"}
    o["spec"] = spec
    return o


def custom(t):
    spec = {k: t.raw() if t.chance(.5) else t.text()
            for k in t.r.sample(["f1", "f2", "f3", "f10", "list", "B", "-c",
                                 "d e", "containers2"], 4)}
    if t.chance(.4):
        spec["containers"] = [{"name": "x", "image": t.pick(IMAGES)}]
    if t.chance(.3):
        spec["ref"] = {"name": t.name(), "kind": "ConfigMap"}
    if t.chance(.3):
        spec["nested"] = [[1, [2]], {"a": [{"b": t.raw()}]}]
    return {"apiVersion": "x.io/v1", "kind": t.pick(["Foo", "Bar"]),
            "metadata": meta(t), "spec": spec}


def claim(t):
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata":
            meta(t, ns=False), "spec": {
                "storageClassName": t.name(),
                t.pick(["azureFile", "csi", "cephfs", "rbd", "flexVolume"]):
                {t.pick(["secretName", "secretRef", "nodePublishSecretRef"]):
                 t.pick([t.name(), {"name": t.name()}])}}}


def pod_object(t):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(t),
            "spec": pod(t)}


def webhook(t):
    service = {"name": t.name(), "namespace": t.pick(["one", "default"])}
    if t.chance(.3):
        del service["namespace"]
    return {"apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": meta(t, ns=False),
            "webhooks": [{"name": "w", "clientConfig": {"service": service}},
                         {"name": "v"}]}


def conversion(t):
    service = {"name": t.name(), "namespace": "one"}
    v1 = t.chance(.6)
    return {"apiVersion": "apiextensions.k8s.io/v1" if v1 else
            "apiextensions.k8s.io/v1beta1",
            "kind": "CustomResourceDefinition", "metadata": meta(t, ns=False),
            "spec": {"conversion": {"webhook": {"clientConfig": {
                "service": service}}} if v1 else {"webhookClientConfig": {
                    "service": service}}}}


def ingress(t):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"name": t.name(), "annotations": {
                "nginx.ingress.kubernetes.io/auth-secret": t.name(),
                "kubernetes.io/ingress.class": t.name()}},
            "spec": {"ingressClassName": t.name(), "defaultBackend": {
                "service": {"name": t.name(), "port": {"number": 80}}},
                "rules": [{"host": t.pick(["$(VAR).x", "*.x.io"])}]}}


def scoped(t):
    api, kind = t.pick([
        ("networking.k8s.io/v1", "IngressClass"),
        ("scheduling.k8s.io/v1", "PriorityClass"),
        ("policy/v1beta1", "PodSecurityPolicy"),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
        ("v1", "PersistentVolume"), ("v1", "Node"),
        ("gateway.networking.k8s.io/v1", "GatewayClass"),
        ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema"),
        ("x.io/v1", "Namespace"), ("apps/v1beta1", "Deployment"),
        ("extensions/v1beta1", "DaemonSet"), ("v1", "Endpoints"),
        ("v1", "LimitRange"), ("v1", "ResourceQuota"), ("v2", "ConfigMap")])
    return {"apiVersion": api, "kind": kind, "metadata": meta(t)}


def controller(t):
    return {"apiVersion": "v1", "kind": "ReplicationController",
            "metadata": meta(t), "spec": {
                "replicas": 2, "selector": {"app": t.name()},
                "template": {"metadata": {"labels": {"app": t.name()}},
                             "spec": pod(t)}}}


def rare(t):
    return t.pick([claim, pod_object, webhook, conversion, ingress, scoped,
                   scoped, controller])(t)


def simple(t):
    if t.chance(.25):
        return rare(t)
    kind = t.pick(["ConfigMap", "Secret", "Service", "ServiceAccount",
                   "PersistentVolumeClaim", "Namespace", "Role",
                   "RoleBinding", "ClusterRole", "ClusterRoleBinding",
                   "Ingress", "HorizontalPodAutoscaler",
                   "PodDisruptionBudget", "CustomResourceDefinition",
                   "NetworkPolicy", "ValidatingWebhookConfiguration",
                   "StorageClass", "CronJob", "APIService"])
    o = {"apiVersion": "v1", "kind": kind,
         "metadata": meta(t, ns=kind not in ("Namespace", "ClusterRole",
                                             "StorageClass"))}
    if kind == "ConfigMap":
        o["data"] = {t.key(): t.text() for _ in range(t.r.randint(0, 4))}
    elif kind == "Secret":
        o["type"] = "Opaque"
        o["data"] = {"k": "dg=="}
    elif kind == "Service":
        o["spec"] = {"ports": [{"port": 80}], "selector": {"app": t.name()}}
        if t.chance(.3):
            o["spec"]["ports"].append({"port": 81, "protocol": "UDP"})
    elif kind == "ServiceAccount" and t.chance(.5):
        o["secrets"] = [{"name": t.name()}]
        o["imagePullSecrets"] = [{"name": t.name()}]
    elif kind == "PersistentVolumeClaim":
        o["spec"] = {"storageClassName": t.name()}
    elif kind in ("Role", "ClusterRole"):
        o["apiVersion"] = RBAC
        o["rules"] = [{"resources": ["secrets"],
                       "resourceNames": [t.name(), t.name()]}]
    elif kind in ("RoleBinding", "ClusterRoleBinding"):
        o["apiVersion"] = RBAC
        o["roleRef"] = {"apiGroup": "rbac.authorization.k8s.io",
                        "kind": t.pick(["Role", "ClusterRole"]),
                        "name": t.name()}
        o["subjects"] = [{"kind": "ServiceAccount",
                          "name": t.pick([t.name(), "default"])}]
        if t.chance(.5):
            o["subjects"][0]["namespace"] = t.pick(["one", "two", "default"])
    elif kind == "Ingress":
        o["apiVersion"] = "networking.k8s.io/v1"
        o["spec"] = {"tls": [{"secretName": t.name()}], "rules": [{"http": {
            "paths": [{"backend": {"service": {"name": t.name()}}}]}}]}
    elif kind == "HorizontalPodAutoscaler":
        o["apiVersion"] = t.pick(["autoscaling/v1", "autoscaling/v2"])
        o["spec"] = {"scaleTargetRef": {"kind": "Deployment",
                                        "name": t.name()}}
    elif kind == "PodDisruptionBudget":
        o["apiVersion"] = "policy/v1"
        o["spec"] = {"selector": {"matchLabels": {"app": t.name()}}}
    elif kind == "CustomResourceDefinition":
        o["apiVersion"] = "apiextensions.k8s.io/v1"
        o["spec"] = {"group": "x.io", "names": {"kind": "Foo"}}
    elif kind == "NetworkPolicy":
        o["apiVersion"] = "networking.k8s.io/v1"
        o["spec"] = {"podSelector": {"matchLabels": {"a": "b"}}, "ingress": [
            {"from": [{"podSelector": {"matchLabels": {"c": "d"}}}]}]}
    elif kind == "ValidatingWebhookConfiguration":
        o["apiVersion"] = "admissionregistration.k8s.io/v1"
        o["webhooks"] = [{"name": "w", "clientConfig": {"service": {
            "name": t.name(), "namespace": t.pick(["one", "default"])}}}]
    elif kind == "StorageClass":
        o["apiVersion"] = "storage.k8s.io/v1"
    elif kind == "CronJob":
        o["apiVersion"] = "batch/v1"
        o["spec"] = {"jobTemplate": {"spec": {"template": {"spec": pod(t)}}}}
    elif kind == "APIService":
        o["apiVersion"] = "apiregistration.k8s.io/v1"
        o["spec"] = {"service": {"name": t.name(), "namespace": "one"}}
    return o


def resource(t):
    x = t.r.random()
    if x < .35:
        return workload(t, t.pick(["Deployment", "StatefulSet", "DaemonSet",
                                   "ReplicaSet"]))
    if x < .4:
        return workload(t, "Job", "batch/v1")
    return custom(t) if x < .55 else simple(t)
