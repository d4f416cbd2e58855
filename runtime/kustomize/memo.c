#include "runtime/kustomize/memo.h"

#include "base/buf.h"

static const char HASH[] = MEMO_OWN "needsHashSuffix",
                  BEHAVIOR[] = MEMO_OWN "generatorBehavior",
                  NAME_CHANGE[] = MEMO_OWN "allowNameChange",
                  KIND_CHANGE[] = MEMO_OWN "allowKindChange";

static bool is_whole(const struct ynode *map)
{
    return ynode_get(map, "$patch");
}

bool memo_in_patch(const struct ynode *patch)
{
    const struct ynode *meta = ynode_get(patch, "metadata");
    const struct ynode *notes = ynode_get(meta, "annotations");

    return is_whole(meta) || is_whole(notes) || ynode_is_null(notes);
}

bool memo_in_path(struct str path)
{
    return str_eq(path, STR("metadata")) ||
           str_eq(path, STR("metadata.annotations"));
}

bool memo_in_pointer(struct str pointer)
{
    return str_eq(pointer, STR("/metadata")) ||
           str_eq(pointer, STR("/metadata/annotations"));
}

static void put(struct arena *a, struct ynode *notes, const char *key,
                const struct texts *t)
{
    struct buf b = {0};

    if (!t->n)
        return;
    for (size_t i = 0; i < t->n; i++) {
        if (i)
            buf_adds(&b, ",");
        buf_add(&b, t->items[i]);
    }
    ynode_set_string(a, notes, key, arena_dup(a, buf_str(&b)));
    buf_free(&b);
}

static bool remembers(const struct resource *r)
{
    return r->former.n || r->prefixes.n || r->suffixes.n || r->needs_hash ||
           r->generated || r->may_change_name || r->may_change_kind;
}

static void put_former(struct arena *a, struct ynode *notes,
                       const struct resource *r)
{
    struct texts names = {0}, spaces = {0}, kinds = {0};

    for (size_t i = 0; i < r->former.n; i++) {
        arena_push(a, &names, r->former.items[i].name);
        arena_push(a, &spaces, r->former.items[i].ns);
        arena_push(a, &kinds, r->former.items[i].kind);
    }
    put(a, notes, MEMO_NAMES, &names);
    put(a, notes, MEMO_SPACES, &spaces);
    put(a, notes, MEMO_KINDS, &kinds);
}

void memo_show(struct arena *a, struct resource *r)
{
    if (!r->node || !remembers(r))
        return;
    struct ynode *meta = ynode_make_map(a, r->node, STR("metadata"));
    struct ynode *notes =
        meta ? ynode_make_map(a, meta, STR("annotations")) : NULL;

    if (!notes)
        return;
    put_former(a, notes, r);
    put(a, notes, MEMO_PREFIXES, &r->prefixes);
    put(a, notes, MEMO_SUFFIXES, &r->suffixes);
    if (r->needs_hash)
        ynode_set_string(a, notes, HASH, STR("enabled"));
    if (r->generated)
        ynode_set_string(a, notes, BEHAVIOR,
                         r->says_create ? STR("create") : STR("unspecified"));
    if (r->may_change_name)
        ynode_set_string(a, notes, NAME_CHANGE, STR("enabled"));
    if (r->may_change_kind)
        ynode_set_string(a, notes, KIND_CHANGE, STR("enabled"));
}

static struct texts take(struct arena *a, struct ynode *notes, const char *key)
{
    struct texts out = {0};
    struct ynode *n = ynode_get(notes, key);
    struct str rest = ynode_text(n);
    bool more = n != NULL;

    while (more) {
        more = str_find(rest, ',') < rest.n;
        arena_push(a, &out, str_cut(rest, ',', &rest));
    }
    ynode_remove(notes, str_of(key));
    return out;
}

static bool take_flag(struct ynode *notes, const char *key)
{
    return ynode_remove(notes, str_of(key));
}

void memo_take(struct arena *a, struct resource *r)
{
    struct ynode nothing = {.kind = YNODE_MAP};
    struct ynode *notes = r->node ? resource_annotations(r) : NULL;

    if (!notes)
        notes = &nothing;
    struct texts names = take(a, notes, MEMO_NAMES);
    struct texts spaces = take(a, notes, MEMO_SPACES);
    struct texts kinds = take(a, notes, MEMO_KINDS);
    const struct ynode *behavior = ynode_get(notes, BEHAVIOR);

    r->former.items = NULL;
    r->former.n = r->former.cap = 0;
    if (names.n == spaces.n && names.n == kinds.n)
        for (size_t i = 0; i < names.n; i++)
            arena_push(a, &r->former,
                       ((struct former){kinds.items[i], names.items[i],
                                        spaces.items[i]}));
    r->prefixes = take(a, notes, MEMO_PREFIXES);
    r->suffixes = take(a, notes, MEMO_SUFFIXES);
    r->says_create = str_eq(ynode_text(behavior), STR("create"));
    r->generated = take_flag(notes, BEHAVIOR);
    r->needs_hash = take_flag(notes, HASH);
    r->may_change_name = take_flag(notes, NAME_CHANGE);
    r->may_change_kind = take_flag(notes, KIND_CHANGE);
}

void memo_hide(struct resource *r)
{
    static const char *const keys[] = {MEMO_NAMES, MEMO_SPACES, MEMO_KINDS, MEMO_PREFIXES,
                                       MEMO_SUFFIXES, HASH, BEHAVIOR, NAME_CHANGE,
                                       KIND_CHANGE};
    struct ynode *notes = r->node ? resource_annotations(r) : NULL;

    for (size_t i = 0; notes && i < sizeof(keys) / sizeof(*keys); i++)
        ynode_remove(notes, str_of(keys[i]));
}
