#include "runtime/kustomize/noted.h"

#include "runtime/kustomize/memo.h"
#include "runtime/kustomize/node_place.h"
#include "runtime/yaml/yscalar.h"

static size_t find(const struct noted *x, struct str key)
{
    size_t i = 0;

    while (i < x->n && !str_eq(x->items[i].key, key))
        i++;
    return i;
}

/* One that is there keeps its place and its style. */
static void set(struct arena *a, struct noted *x, struct str key,
                enum noted_how how)
{
    if (find(x, key) == x->n)
        arena_push(a, x, ((struct noted_item){key, how}));
}

struct ynode *noted_show(struct arena *a, const struct resource *r)
{
    struct resource all = *r;
    struct ynode *meta = ynode_map(a), *notes = resource_annotations(r);

    all.node = ynode_map(a);
    ynode_set(a, all.node, STR("metadata"), meta);
    ynode_set(a, meta, STR("annotations"),
              notes ? ynode_copy(a, notes) : ynode_map(a));
    memo_show(a, &all);
    return resource_annotations(&all);
}

void noted_renew(struct arena *a, struct resource *r)
{
    if (!r->noted || !r->node)
        return;
    struct ynode *notes = noted_show(a, r);
    const struct ynode *meta = ynode_get(r->node, "metadata");

    ynode_sort(notes);
    r->noted->n = 0;
    for (size_t i = 0; i < notes->map.n; i++) {
        struct ynode *text =
            ynode_string(a, ynode_text(notes->map.items[i].value));

        yscalar_quote(text);
        set(a, r->noted, notes->map.items[i].key,
            text->style == YSTYLE_PLAIN ? NOTED_PLAIN : NOTED_QUOTED);
    }
    r->noted->before = ynode_count(meta) - (resource_annotations(r) != NULL);
}

/* Options of a patch come with its annotations, all in order. */
static bool has_new_option(const struct noted *x, const struct ynode *notes)
{
    bool found = false;

    for (size_t i = 0; i < notes->map.n; i++)
        found = found || (str_starts(notes->map.items[i].key, STR(MEMO_OWN)) &&
                          find(x, notes->map.items[i].key) == x->n);
    return found;
}

void noted_sync(struct arena *a, struct resource *r)
{
    if (!r->noted || !r->node)
        return;
    struct ynode *notes = noted_show(a, r);

    if (has_new_option(r->noted, notes))
        ynode_sort(notes);
    for (size_t i = 0; i < notes->map.n; i++)
        set(a, r->noted, notes->map.items[i].key, NOTED_AS_NODE);
}

void noted_set(struct arena *a, struct resource *r, const char *key)
{
    if (r->noted)
        set(a, r->noted, str_of(key), NOTED_ALONE);
}

void noted_reread(struct arena *a, struct resource *r)
{
    if (!r->noted || !r->node)
        return;
    struct ynode *own = resource_annotations(r);
    struct ynode *meta = ynode_get(r->node, "metadata");

    /* What is remembered takes its lines too, unless the patch took it out. */
    if (own)
        ynode_set(a, meta, STR("annotations"), noted_show(a, r));
    ynode_sort(r->node);
    node_place(r->node);
    if (own)
        ynode_set(a, meta, STR("annotations"), own);
    r->noted->reread = true;
    r->noted->ns = resource_namespace(r);
}
