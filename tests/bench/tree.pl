#!/usr/bin/perl
# tree.pl N SEED: a base of N resources and an overlay with prefix, namespace,
# labels, images, patches by kind and by selector, and a generator, in N/.
#
# The base is applications side by side, as a repository of one team's services
# has them. An application is ten objects: ConfigMap, Deployment (each fifth a
# StatefulSet), Service, Secret, ServiceAccount, Ingress, autoscaler, disruption
# budget, Role, RoleBinding, all of the application's name, as is the custom.
# They refer to each other where such objects do: the workload to its account,
# ConfigMap and Secret (whole, by four keys, as volumes), the Ingress to Service
# and Secret, the autoscaler to the workload, the binding to role and account.
use strict;
use warnings;
my ($n, $seed) = @ARGV;
srand $seed;
sub out { my ($path, $text) = @_; open my $f, '>', "$n/$path" or die "$path: $!"; print $f $text }

sub application { # application NAME NUMBER: its objects, in order
    my ($name, $i) = @_;
    my $tier = $i % 2 ? 'back' : 'front';
    my $stateful = $i % 5 == 4;
    my $kind = $stateful ? 'StatefulSet' : 'Deployment';
    my $serves = $stateful ? "\n  serviceName: $name" : '';
    my $meta = "metadata:\n  name: $name\n  labels:\n    app: $name";
    return (<<"EOT", <<"EOT", <<"EOT", <<"EOT", <<"EOT", <<"EOT", <<"EOT", <<"EOT", <<"EOT", <<"EOT");
apiVersion: v1
kind: ConfigMap
$meta
data:
  LOG_LEVEL: info
  PORT: "8080"
  seed: "@{[int rand 1e9]}"
  server.conf: |
    workers = @{[1 + int rand 16]}
    upstream = http://$name:80
EOT
apiVersion: apps/v1
kind: $kind
metadata:
  name: $name
  labels:
    app: $name
    tier: $tier
spec:
  replicas: @{[1 + int rand 9]}$serves
  selector:
    matchLabels:
      app: $name
  template:
    metadata:
      labels:
        app: $name
    spec:
      serviceAccountName: $name
      containers:
      - name: main
        image: registry.example.com/$name:@{[int rand 100]}
        ports:
        - containerPort: 8080
          name: http
        envFrom:
        - configMapRef:
            name: $name
        - secretRef:
            name: $name
        env:
        - name: LEVEL
          valueFrom:
            configMapKeyRef:
              name: $name
              key: LOG_LEVEL
        - name: TOKEN
          valueFrom:
            secretKeyRef:
              name: $name
              key: token
        - name: DB_USER
          valueFrom:
            secretKeyRef:
              name: $name
              key: user
        - name: DB_PASSWORD
          valueFrom:
            secretKeyRef:
              name: $name
              key: password
        readinessProbe:
          httpGet:
            path: /ready
            port: http
        resources:
          limits:
            memory: @{[64 * (1 + int rand 8)]}Mi
        volumeMounts:
        - name: config
          mountPath: /etc/app
      - name: side
        image: side:1
      volumes:
      - name: config
        configMap:
          name: $name
      - name: keys
        secret:
          secretName: $name
EOT
apiVersion: v1
kind: Service
$meta
spec:
  selector:
    app: $name
  ports:
  - port: 80
    targetPort: http
EOT
apiVersion: v1
kind: Secret
$meta
type: Opaque
stringData:
  token: t@{[int rand 1e9]}
  user: $name
  password: p@{[int rand 1e9]}
EOT
apiVersion: v1
kind: ServiceAccount
$meta
EOT
apiVersion: networking.k8s.io/v1
kind: Ingress
$meta
spec:
  tls:
  - hosts:
    - $name.example.com
    secretName: $name
  rules:
  - host: $name.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: $name
            port:
              number: 80
EOT
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
$meta
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: $kind
    name: $name
  minReplicas: 1
  maxReplicas: @{[10 + int rand 9]}
EOT
apiVersion: policy/v1
kind: PodDisruptionBudget
$meta
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: $name
EOT
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
$meta
rules:
- apiGroups: [""]
  resources: [configmaps, secrets]
  resourceNames: [$name]
  verbs: [get, watch]
EOT
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
$meta
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: $name
subjects:
- kind: ServiceAccount
  name: $name
EOT
}

my @all;
for (my $i = 0; @all < $n; $i++) {
    push @all, application(sprintf('a%x-%d', rand 1e6, $i), $i);
}
out 'base/all.yaml', join "---\n", @all[0 .. $n - 1];
out 'base/kustomization.yaml', "resources:\n- all.yaml\n";
my $patches = $n > 1 ? <<'EOT' : '';
patches:
- target: {kind: Deployment}
  patch: |-
    - op: add
      path: /spec/revisionHistoryLimit
      value: 3
- target: {kind: Deployment, labelSelector: tier=front}
  patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: any}
    spec:
      template:
        spec:
          containers:
          - name: side
            resources: {limits: {memory: 64Mi}}
EOT
out 'overlay/kustomization.yaml', <<"EOT";
namePrefix: pre-
namespace: ns-@{[int rand 1000]}
resources:
- ../base
labels:
- pairs: {team: t@{[int rand 100]}}
  includeSelectors: true
images:
- name: side
  newTag: "2"
configMapGenerator:
- name: generated
  literals: [a=@{[int rand 1e9]}]
$patches
EOT
