# Rendering beside the real kustomize, in the same run, outputs compared first.
kubectl=${KUBECTL:-$("$root/tests/peers" kubectl)} || exit 1
tree() { # tree N: base and overlay of N resources, by the seed
    mkdir -p "$1/base" "$1/overlay"
    perl "$here/tree.pl" "$1" "$seed"
    must "the same bytes at $1" sh -c "'$PIPEC' render $1/overlay >a.yaml && '$kubectl' kustomize $1/overlay >b.yaml && cmp a.yaml b.yaml"
}
for n in 1 10 100 1000; do tree $n; done
pair -n 11 "trivial overlay / kustomize" 0.04 "$PIPEC" render 1/overlay -- "$kubectl" kustomize 1/overlay
pair -n 11 "10 resources / kustomize" 0.025 "$PIPEC" render 10/overlay -- "$kubectl" kustomize 10/overlay
pair -n 7 "100 resources / kustomize" 0.025 "$PIPEC" render 100/overlay -- "$kubectl" kustomize 100/overlay
pair -n 3 "1,000 resources / kustomize" 0.005 "$PIPEC" render 1000/overlay -- "$kubectl" kustomize 1000/overlay
mkdir -p 10000/base 10000/overlay && perl "$here/tree.pl" 10000 "$seed"
growth "render 1,000 -> 10,000 resources" "$(fastest 5 "$PIPEC" render 1000/overlay)" "$(fastest 3 "$PIPEC" render 10000/overlay)" 11
