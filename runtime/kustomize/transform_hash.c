/* The plain functions: the newer interface looks for providers first, which
 * takes longer than a small tree's whole build. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "runtime/kustomize/node_hash.h"
#include "runtime/kustomize/transform.h"
#include "runtime/yaml/ywrite.h"

#include <openssl/sha.h>

/* The suffix of generated ConfigMaps and Secrets: ten digits of a SHA-256 over
 * what they hold. The name in it is always empty: so the reference has it. */

transform_fn transform_hash;

enum { SUFFIX = 10 };

static void take(struct transform *t, struct ynode *into,
                 const struct ynode *from, const char *key, bool always)
{
    struct ynode *n = ynode_get(from, key);

    if (n || always)
        ynode_set(t->a, into, str_of(key),
                  n ? n : ynode_string(t->a, STR("")));
}

/* What is digested of a ConfigMap or Secret; NULL: of another kind, all. */
static struct ynode *essence(struct transform *t, const struct resource *r)
{
    struct str kind = resource_kind(r);
    struct ynode *n = ynode_map(t->a);
    bool secret = str_eq(kind, STR("Secret"));

    if (!secret && !str_eq(kind, STR("ConfigMap")))
        return r->noted ? NULL : r->node;
    ynode_set_string(t->a, n, "kind", kind);
    ynode_set_string(t->a, n, "name", STR(""));
    take(t, n, r->node, "data", true);
    if (secret) {
        take(t, n, r->node, "type", true);
        take(t, n, r->node, "stringData", false);
    } else {
        take(t, n, r->node, "binaryData", false);
    }
    return n;
}

static bool suffix_of(struct transform *t, struct resource *r, char *out,
                      struct err *e)
{
    struct buf b = {0};
    unsigned char sum[SHA256_DIGEST_LENGTH];
    const struct ynode *n = essence(t, r);
    bool ok = true;
    SHA256_CTX hash;

    if (n)
        ok = ywrite_json(&b, n, e);
    else
        node_json(t->a, &b, r);

    SHA256_Init(&hash);
    if (ok)
        SHA256_Update(&hash, b.s, b.n);
    SHA256_Final(sum, &hash);
    buf_free(&b);
    /* Digits and letters that spell no words. */
    for (size_t i = 0; ok && i < SUFFIX; i++)
        out[i] = "gh2k456789mbcdtf"[i % 2 ? sum[i / 2] & 15 : sum[i / 2] >> 4];
    return ok;
}

bool transform_hash(struct transform *t, struct err *e)
{
    for (size_t i = 0; i < t->m->n; i++) {
        struct resource *r = t->m->items[i];
        char suffix[SUFFIX];

        if (!r->needs_hash)
            continue;
        if (!suffix_of(t, r, suffix, e))
            return false;
        resource_remember(t->a, r);
        resource_set_name(t->a, r,
                          arena_printf(t->a, STR_FMT "-%.*s",
                                       STR_ARG(resource_name(r)), SUFFIX,
                                       suffix));
    }
    return true;
}
