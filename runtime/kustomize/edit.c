#include "runtime/kustomize/edit.h"

#include "runtime/kustomize/edit_text.h"

static bool done(const struct edit *x, struct str *out)
{
    *out = x->text;
    return true;
}

/* The entry of a list of maps whose 'name' this is; list->seq.n if none. */
static size_t find_named(const struct ynode *list, struct str name)
{
    size_t i = 0;

    while (i < list->seq.n &&
           !str_eq(ynode_get_text(list->seq.items[i], "name"), name))
        i++;
    return i;
}

/* Finds entry 'name' of the list anew; false where there is none. */
static bool entry_of(struct edit *x, struct str field, struct str name,
                     struct ynode **entry, size_t *bound)
{
    struct ynode *list;
    size_t end;

    *entry = NULL;
    if (!edit_block(x, field, &list, &end))
        return false;
    if (!ynode_is_seq(list))
        return !list || err_set(x->e, ERR_INPUT, "'" STR_FMT "' is no list",
                                STR_ARG(field));
    size_t i = find_named(list, name);

    if (i == list->seq.n)
        return true;
    *entry = list->seq.items[i];
    *bound = edit_item_bound(list, i, end);
    return true;
}

/* Sets a field of the entry called name, or removes it where value is
 * empty. */
static bool set_in_entry(struct edit *x, struct str field, struct str name,
                         struct str key, struct str value)
{
    struct ynode *entry;
    size_t bound = 0;

    if (!entry_of(x, field, name, &entry, &bound) || !entry)
        return false;
    return value.n ? edit_set(x, entry, bound, key, value)
                   : edit_remove(x, entry, bound, key);
}

static bool add_entry(struct edit *x, struct str field, struct str name)
{
    struct str quoted = edit_quote(x->a, name);

    return edit_append(x, field, arena_printf(x->a, "name: " STR_FMT,
                                              STR_ARG(quoted)));
}

/* ---- images ---- */

struct image_ref {
    struct str name, tag, digest;
};

/* A colon after the last slash begins the tag; one before is a port's. */
static struct image_ref split_ref(struct str ref)
{
    struct image_ref r = {0};
    struct str name = str_cut(ref, '@', &r.digest);
    size_t i = name.n;

    while (i > 0 && name.s[i - 1] != '/' && name.s[i - 1] != ':')
        i--;
    if (i > 0 && name.s[i - 1] == ':') {
        r.tag = str_skip(name, i);
        name.n = i - 1;
    }
    r.name = name;
    return r;
}

static bool check_ref(struct str ref, const struct image_ref *r,
                      struct err *e)
{
    bool fits = ref.n && (r->name.n || r->tag.n || r->digest.n);

    for (size_t i = 0; fits && i < ref.n; i++)
        fits = (unsigned char)ref.s[i] > ' ' && ref.s[i] != '"' &&
               ref.s[i] != '\'';
    return fits || err_set(e, ERR_INPUT,
                           "'" STR_FMT "' is no image; write name:tag, "
                           "name@digest, :tag or @digest", STR_ARG(ref));
}

bool kustomize_edit_set_image(struct arena *a, struct str text,
                              struct str name, struct str ref,
                              struct str *out, struct err *e)
{
    const struct str images = STR("images");
    struct image_ref r = split_ref(ref);
    struct ynode *entry;
    struct edit x;
    size_t bound;

    if (!name.n)
        return err_set(e, ERR_INPUT, "an image needs a name");
    if (!check_ref(ref, &r, e) || !edit_open(&x, a, text, e) ||
        !entry_of(&x, images, name, &entry, &bound))
        return false;
    if (!entry && !add_entry(&x, images, name))
        return false;
    if (r.name.n &&
        !set_in_entry(&x, images, name, STR("newName"),
                      str_eq(r.name, name) ? (struct str){0} : r.name))
        return false;
    if ((r.tag.n || r.digest.n) &&
        (!set_in_entry(&x, images, name, STR("newTag"), r.tag) ||
         !set_in_entry(&x, images, name, STR("digest"), r.digest)))
        return false;
    return done(&x, out);
}

/* ---- single fields, replicas ---- */

bool kustomize_edit_set_field(struct arena *a, struct str text,
                              const char *field, struct str value,
                              struct str *out, struct err *e)
{
    struct edit x;

    if (!edit_open(&x, a, text, e))
        return false;
    bool ok = value.n ? edit_set(&x, x.root, x.n, str_of(field), value)
                      : edit_remove(&x, x.root, x.n, str_of(field));

    return ok && done(&x, out);
}

/* edit_set() writes texts; a count is a number, so it goes in by its line. */
static bool set_count(struct edit *x, struct str name, int64_t count)
{
    struct str field = STR("replicas"), mark = STR("@count@");
    struct str number = arena_printf(x->a, "%lld", (long long)count);

    if (!set_in_entry(x, field, name, STR("count"), mark))
        return false;
    struct str quoted = edit_quote(x->a, mark);
    size_t i = str_search(x->text, quoted);
    struct str text = arena_printf(x->a, STR_FMT STR_FMT STR_FMT,
                                   STR_ARG(str_sub(x->text, 0, i)),
                                   STR_ARG(number),
                                   STR_ARG(str_skip(x->text, i + quoted.n)));

    return edit_open(x, x->a, text, x->e);
}

bool kustomize_edit_set_replicas(struct arena *a, struct str text,
                                 struct str name, int64_t count,
                                 struct str *out, struct err *e)
{
    struct ynode *entry;
    struct edit x;
    size_t bound;

    if (!name.n || count < 0)
        return err_set(e, ERR_INPUT, "replicas need a name and a count of 0 "
                                     "or more");
    if (!edit_open(&x, a, text, e) ||
        !entry_of(&x, STR("replicas"), name, &entry, &bound))
        return false;
    if (!entry && !add_entry(&x, STR("replicas"), name))
        return false;
    return set_count(&x, name, count) && done(&x, out);
}

/* ---- lists of texts ---- */

static size_t find_text(const struct ynode *list, struct str entry)
{
    size_t i = 0;

    while (i < ynode_count(list) &&
           !str_eq(ynode_text(list->seq.items[i]), entry))
        i++;
    return i;
}

static bool list_at(struct edit *x, const char *field, struct ynode **list)
{
    *list = ynode_get(x->root, field);
    return !*list || ynode_is_null(*list) || ynode_is_seq(*list) ||
           err_set(x->e, ERR_INPUT, "'%s' is no list", field);
}

bool kustomize_edit_add_entry(struct arena *a, struct str text,
                              const char *list, struct str entry,
                              struct str *out, struct err *e)
{
    struct ynode *at;
    struct edit x;

    if (!entry.n)
        return err_set(e, ERR_INPUT, "an entry of '%s' cannot be empty", list);
    if (!edit_open(&x, a, text, e) || !list_at(&x, list, &at))
        return false;
    if (find_text(at, entry) == ynode_count(at) &&
        !edit_append(&x, str_of(list), edit_quote(a, entry)))
        return false;
    return done(&x, out);
}

bool kustomize_edit_remove_entry(struct arena *a, struct str text,
                                 const char *list, struct str entry,
                                 struct str *out, struct err *e)
{
    struct ynode *at;
    struct edit x;

    if (!edit_open(&x, a, text, e) || !list_at(&x, list, &at))
        return false;
    size_t i = find_text(at, entry);

    if (i == ynode_count(at))
        return err_set(e, ERR_INPUT, "'%s' has no entry '" STR_FMT "'", list,
                       STR_ARG(entry));
    return edit_remove_item(&x, str_of(list), i) && done(&x, out);
}
