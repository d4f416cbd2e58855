"""Generated objects whose kind a patch changes: their digest is of the nodes
themselves, where each has its line, its column and its style."""

LITERALS = ["a=b", "long=" + "wo rd " * 30, "n=12", '"m=a\\nb\\n"', "Y=yes",
            '"m2= a\\nb"', "e=", '"h=#x"', '"c=a: b"', "t=2020-01-01",
            '"z=a<b>&c"', "u=é", "q=true", "123=x", '"tab=\\ta"',
            '"sp=a \\nb"', '"a-b.c=*x"', '"n4=\\na"', "\"q2='x'\""]
KINDS = ["Foo", "Deployment", "Widget", "ServiceAccount"]
ALSO = [
    "{op: add, path: /spec, value: {a: [1, {b: c, d: [x, [y, z]]}, []], e: {},"
    " f: 1.5, g: null, h: true}}",
    "{op: add, path: /spec, value: {a: [1, {b: c}], f: 1.5, h: true}}",
    "{op: add, path: /apiVersion, value: x/v1}",
    "{op: add, path: /metadata/annotations/j, value: k}",
    '{op: add, path: /metadata/labels, value: {q: "1"}}',
    "{op: remove, path: /metadata/annotations}",
]
TEXTS = ["x", "1", "true", "yes", ".inf", "two words"]


def layer(t, n):
    lines = []
    if t.chance(.4):
        lines.append("namePrefix: p%d-" % n)
    if t.chance(.4):
        lines.append("nameSuffix: -s%d" % n)
    if t.chance(.3):
        lines.append("namespace: ns%d" % n)
    if t.chance(.3):
        lines.append('labels: [{pairs: {%s: "%s"}}]'
                     % (t.pick(["l", "g", "k/j"]), t.pick(TEXTS[:3])))
    if t.chance(.4):
        lines.append('commonAnnotations: {%s: "%s", b: "%s"}'
                     % (t.pick(["note", "g", "zz", "a"]), t.pick(TEXTS),
                        t.pick(TEXTS)))
    return lines


def generator(t):
    lines = [t.pick(["configMapGenerator:", "secretGenerator:"]),
             "- name: " + t.pick(["cm", "x-y", '"12"'])]
    if t.chance(.3):
        lines.append("  namespace: gen")
    lines.append("  literals:")
    lines += ["  - " + x for x in t.r.sample(LITERALS, t.r.randint(1, 5))]
    if t.chance(.6):
        lines.append("  options:")
        if t.chance(.5):
            lines.append('    labels: {g: "%s", w: v}' % t.pick(TEXTS))
        if t.chance(.6):
            lines.append('    annotations: {g: "%s", w: "%s", b: "%s"}'
                         % (t.pick(TEXTS), t.pick(TEXTS), t.pick(TEXTS)))
        lines.append("    immutable: " + t.pick(["true", "false"]))
    return lines


def patch(t):
    ops = ["{op: replace, path: /kind, value: %s}" % t.pick(KINDS)]
    ops += [x for x in ALSO if t.chance(.15)]
    return ["patches:", "- target: {kind: ConfigMap|Secret}", "  patch: |-"] \
        + ["    - " + x for x in ops]


def tree(t):
    change, late = patch(t), t.chance(.3)
    base = generator(t) + ([] if late else change) + layer(t, 1)
    over = ["resources: [../base]"] + (change if late else []) + layer(t, 2)
    t.write("base/kustomization.yaml", "\n".join(base) + "\n")
    t.write("ov/kustomization.yaml", "\n".join(over) + "\n")
    return t
