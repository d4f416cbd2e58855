#include "runtime/kustomize/manifest.h"

#include "runtime/kustomize/loss.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/ywrite.h"

static bool check_object(struct arena *a, const struct ynode *n,
                         struct err *e)
{
    struct str kind = ynode_get_text(n, "kind");
    struct ynode *name = ynode_find(n, "metadata", "name", NULL);

    if (n->kind != YNODE_MAP ||
        (!ynode_get(n, "kind") && !ynode_get(n, "apiVersion") &&
         !ynode_get(n, "metadata")))
        return err_set(e, ERR_INPUT, "%s: this is no Kubernetes object: it "
                       "has no apiVersion, kind and metadata",
                       ynode_where(a, n).s);
    if (!kind.n || ynode_is_null(ynode_get(n, "kind")))
        return err_set(e, ERR_INPUT, "%s: the object has no kind",
                       ynode_where(a, n).s);
    if (str_ends(kind, STR("List")) ||
        (ynode_text(name).n && !ynode_is_null(name)))
        return true;
    return err_set(e, ERR_INPUT, "%s: the " STR_FMT " has no metadata.name",
                   ynode_where(a, n).s, STR_ARG(kind));
}

/* text: all that the object was read from, "" where it is part of more. */
static bool keep_good(struct arena *a, struct ynode *n, struct str text,
                      struct resource_set *out, struct err *e)
{
    if (ynode_is_empty(n) || (n->kind == YNODE_SCALAR && !n->text.n))
        return true;
    if (!check_object(a, n, e))
        return false;
    struct resource *r = resource_create(a, n);

    r->text = text;
    arena_push(a, out, r);
    return true;
}

/* A sole List is its items, before anything is checked. */
static bool unwrap(struct arena *a, const struct yread_docs *docs,
                   size_t documents, struct resource_set *out, struct err *e)
{
    struct ynode *items = docs->n ? ynode_get(docs->items[0], "items") : NULL;
    struct str kind = docs->n ? ynode_get_text(docs->items[0], "kind")
                              : STR("");
    bool list = str_eq(kind, STR("List")) || str_eq(kind, STR("ResourceList"));

    if (documents == 1 && docs->n == 1 && list &&
        (items || ynode_get(docs->items[0], "functionConfig"))) {
        for (size_t i = 0; ynode_is_seq(items) && i < items->seq.n; i++)
            if (!keep_good(a, items->seq.items[i], STR(""), out, e))
                return false;
        return true;
    }
    for (size_t i = 0; i < docs->n; i++)
        if (!keep_good(a, docs->items[i], docs->texts.items[i], out, e))
            return false;
    return true;
}

/* The items of any other kind of list go to the end, as through JSON. */
static bool inline_list(struct arena *a, struct ynode *list,
                        struct ynode *items, struct resource_set *queue,
                        struct err *e)
{
    if (ynode_is_null(items))
        return true;
    if (items->kind != YNODE_SEQ)
        return err_set(e, ERR_INPUT, "%s: 'items' of a " STR_FMT
                       " is a list", ynode_where(a, items).s,
                       STR_ARG(ynode_get_text(list, "kind")));
    for (size_t i = 0; i < items->seq.n; i++)
        if (!ywrite_through_json(a, items->seq.items[i], YWRITE_WAY_LIST, e) ||
            !keep_good(a, items->seq.items[i], STR(""), queue, e))
            return false;
    return true;
}

static struct str noted(const struct ynode *annotations, const char *what)
{
    return ynode_get_text(annotations, what);
}

/* An object may bring the history that an earlier build wrote down. */
static void recall(struct arena *a, struct resource *r)
{
    const struct ynode *notes = resource_annotations(r);
    struct str names, kinds, spaces;

    if (!notes)
        return;
    names = noted(notes, "internal.config.kubernetes.io/previousNames");
    kinds = noted(notes, "internal.config.kubernetes.io/previousKinds");
    spaces = noted(notes, "internal.config.kubernetes.io/previousNamespaces");
    while (names.n && kinds.n && spaces.n) {
        struct former f = {.name = str_cut(names, ',', &names),
                           .kind = str_cut(kinds, ',', &kinds),
                           .ns = str_cut(spaces, ',', &spaces)};

        arena_push(a, &r->former, f);
    }
}

bool manifest_read(struct arena *a, struct str text, const char *file,
                   uint32_t line, struct resource_set *out, struct warnings *w,
                   struct err *e)
{
    struct yread_options o = {.file = file, .line = line,
                              .duplicates = YDUP_KEEP};
    struct yread_docs docs = {0};
    struct resource_set queue = {0};

    if (!yread_all(a, text, &o, &docs, e) ||
        !unwrap(a, &docs, docs.parts, &queue, e))
        return false;
    loss_of_reading(w, &docs.odd);
    for (size_t i = 0; i < queue.n; i++) {
        struct resource *r = queue.items[i];
        struct ynode *items = ynode_get(r->node, "items");

        if (items && str_ends(resource_kind(r), STR("List"))) {
            if (!inline_list(a, r->node, items, &queue, e))
                return false;
            continue;
        }
        recall(a, r);
        arena_push(a, out, r);
    }
    return true;
}
