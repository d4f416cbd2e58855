#!/usr/bin/perl
# tree.pl N SEED: a base of N resources and an overlay with prefix, namespace,
# labels, images, patches by kind and by selector, and a generator, in N/.
use strict;
use warnings;
my ($n, $seed) = @ARGV;
srand $seed;
sub out { my ($path, $text) = @_; open my $f, '>', "$n/$path" or die "$path: $!"; print $f $text }

my @id = map { sprintf "a%x-%d", rand 1e6, $_ } 1 .. $n;
my $all = '';
for my $i (0 .. $n - 1) {
    my ($name, $kind) = ($id[$i], $i % 3);
    my $config = $id[$i - $i % 3]; # its own group's ConfigMap
    $all .= "---\n" if $i;
    if ($kind == 0) {
        $all .= "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: $name\ndata:\n  key: \"" . int(rand 1e9) . "\"\n";
    } elsif ($kind == 1) {
        my $tier = $i % 2 ? 'front' : 'back';
        $all .= <<"EOT";
apiVersion: apps/v1
kind: Deployment
metadata:
  name: $name
  labels: {tier: $tier}
spec:
  replicas: @{[1 + int rand 9]}
  selector:
    matchLabels: {app: $name}
  template:
    metadata:
      labels: {app: $name}
    spec:
      containers:
      - name: main
        image: registry.example.com/$name:@{[int rand 100]}
        envFrom:
        - configMapRef: {name: $config}
      - name: side
        image: side:1
EOT
    } else {
        $all .= "apiVersion: v1\nkind: Service\nmetadata:\n  name: $name\nspec:\n  selector: {app: $id[$i - 1]}\n  ports:\n  - port: 80\n";
    }
}
out 'base/all.yaml', $all;
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
