#include "runtime/kustomize/order.h"

#include <stdlib.h>
#include <string.h>

static const char *const first_kinds[] = {
    "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition",
    "ServiceAccount", "PodSecurityPolicy", "Role", "ClusterRole",
    "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints",
    "Service", "LimitRange", "PriorityClass", "PersistentVolume",
    "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob",
    "PodDisruptionBudget",
};
static const char *const last_kinds[] = {
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
};

struct entry {
    struct resource *r;
    struct resid id;
    int rank;
    size_t at; /* keeps the sort stable */
};

struct ranks {
    const char *const *first, *const *last;
    size_t first_n, last_n;
    const struct ynode *own_first, *own_last; /* instead; NULL = as above */
};

static const struct ranks default_ranks = {
    .first = first_kinds, .last = last_kinds,
    .first_n = sizeof(first_kinds) / sizeof(*first_kinds),
    .last_n = sizeof(last_kinds) / sizeof(*last_kinds),
};

static size_t place_in(struct str kind, const char *const *names, size_t n,
                       const struct ynode *own)
{
    if (own) {
        size_t i = ynode_count(own);

        /* Of a kind named twice the last place counts. */
        while (i > 0 && !str_eq(kind, ynode_text(own->seq.items[i - 1])))
            i--;
        return i;
    }
    for (size_t i = 0; i < n; i++)
        if (str_eq(kind, str_of(names[i])))
            return i + 1;
    return 0;
}

static int rank(const struct ranks *k, struct str kind)
{
    size_t n = k->own_first ? ynode_count(k->own_first) : k->first_n;
    size_t last = place_in(kind, k->last, k->last_n, k->own_last);
    size_t first = place_in(kind, k->first, k->first_n, k->own_first);

    if (last)
        return (int)last;
    return first ? (int)first - 1 - (int)n : 0;
}

static struct str or_else(struct str s, const char *none)
{
    return s.n ? s : str_of(none);
}

static int compare_parts(struct str a, struct str b, const char *none)
{
    return str_cmp(or_else(a, none), or_else(b, none));
}

int order_kinds(const struct resid *a, const struct resid *b)
{
    int x = rank(&default_ranks, a->kind), y = rank(&default_ranks, b->kind);
    int order = x - y;

    if (!order)
        order = compare_parts(a->group, b->group, "~G");
    if (!order)
        order = compare_parts(a->version, b->version, "~V");
    if (!order)
        order = compare_parts(a->kind, b->kind, "~K");
    return order;
}

static struct entry make(const struct ranks *k, struct resource *r, size_t at)
{
    struct entry x = {.r = r, .id = resource_id(r), .at = at};

    x.rank = rank(k, x.id.kind);
    return x;
}

/* As the reference compares "x_y": a part that is the beginning of the other
 * is followed by '_' or '|'. */
static int compare_joined(struct str a, struct str b, char after)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.s, b.s, n) : 0;

    if (order || a.n == b.n)
        return order;
    if (a.n < b.n)
        return (unsigned char)after <= (unsigned char)b.s[n] ? -1 : 1;
    return (unsigned char)a.s[n] < (unsigned char)after ? -1 : 1;
}

static int compare_kinds(const struct resid *a, const struct resid *b)
{
    int order = compare_joined(or_else(a->group, "~G"),
                               or_else(b->group, "~G"), '_');

    if (!order)
        order = compare_joined(or_else(a->version, "~V"),
                               or_else(b->version, "~V"), '_');
    if (!order)
        order = compare_parts(a->kind, b->kind, "~K");
    return order;
}

static int compare(const void *p, const void *q)
{
    const struct entry *a = p, *b = q;

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    int order = compare_kinds(&a->id, &b->id);
    bool both = str_eq(a->id.kind, STR("Namespace")) &&
                str_eq(b->id.kind, STR("Namespace"));

    if (order)
        return both && (!a->id.group.n || !b->id.group.n) ? -order : order;
    order = compare_joined(or_else(a->id.ns, "~X"), or_else(b->id.ns, "~X"),
                           '|');
    if (!order)
        order = compare_parts(a->id.name, b->id.name, "~N");
    return order ? order : a->at < b->at ? -1 : 1;
}

static void sort(struct arena *a, struct resmap *m, const struct ranks *k)
{
    struct entry *v = arena_array(a, struct entry, m->n + 1);

    for (size_t i = 0; i < m->n; i++)
        v[i] = make(k, m->items[i], i);
    qsort(v, m->n, sizeof(*v), compare);
    for (size_t i = 0; i < m->n; i++)
        m->items[i] = v[i].r;
    resmap_touch(m);
}

static bool read_options(struct arena *a, const struct ynode *options,
                         struct ranks *k, bool *fifo, struct err *e)
{
    struct str order = ynode_get_text(options, "order");
    struct ynode *legacy = ynode_get(options, "legacySortOptions");

    *fifo = str_eq(order, STR("fifo"));
    if (!*fifo && !str_eq(order, STR("legacy")))
        return err_set(e, ERR_INPUT, "%s: sortOptions.order is fifo or "
                       "legacy, not '" STR_FMT "'", ynode_where(a, options).s,
                       STR_ARG(order));
    if (*fifo && legacy)
        return err_set(e, ERR_INPUT, "%s: legacySortOptions go with order "
                       "'legacy' only", ynode_where(a, legacy).s);
    if (!legacy)
        return true;
    k->first_n = k->last_n = 0;
    k->own_first = ynode_get(legacy, "orderFirst");
    k->own_last = ynode_get(legacy, "orderLast");
    return true;
}

bool order_apply(struct arena *a, struct resmap *m,
                 const struct ynode *options, struct err *e)
{
    struct ranks k = default_ranks;
    bool fifo = false;

    if (options && !read_options(a, options, &k, &fifo, e))
        return false;
    if (!fifo)
        sort(a, m, &k);
    return true;
}
