#include "runtime/kustomize/patch_merge_internal.h"

#include "base/map.h"

bool merge_empty_element(const struct ynode *n)
{
    return !n || ynode_is_null(n) || (ynode_is_map(n) && !ynode_count(n));
}

struct str merge_key_of(const struct ynode *elem, struct str key)
{
    const struct ynode *n = key.n ? ynode_get_str(elem, key) : elem;

    return n && !ynode_is_null(n) ? ynode_text(n) : (struct str){0};
}

static bool index_regular(struct merge *m, const struct ynode *list,
                          struct str key, struct map *by_key)
{
    for (size_t i = 0; list && i < list->seq.n; i++) {
        struct str text = merge_key_of(list->seq.items[i], key);

        if (!text.n || map_get(by_key, text))
            return false;
        map_set(m->a, by_key, text, list->seq.items[i]);
    }
    return true;
}

static bool join_one(struct merge *m, struct schema s, struct merge_pair p,
                     struct ynode *out)
{
    struct ynode *value;

    if (!merge_walk(m, s, p, &value))
        return false;
    if (!merge_empty_element(value))
        ynode_push(m->a, out, p.dest ? p.dest : value);
    return true;
}

static bool join_regular(struct merge *m, struct schema s,
                         struct merge_pair p, const struct map *old,
                         const struct map *new, struct ynode *out)
{
    for (struct map_entry *i = map_first(new); i; i = map_next(i)) {
        struct merge_pair both = {map_get(old, map_key(i)), map_value(i)};

        if (!join_one(m, s, both, out))
            return false;
    }
    if (p.dest == p.patch)
        return true;
    for (struct map_entry *i = map_first(old); i; i = map_next(i)) {
        struct merge_pair alone = {map_value(i), NULL};

        if (!map_get(new, map_key(i)) && !join_one(m, s, alone, out))
            return false;
    }
    return true;
}

bool merge_elements(struct merge *m, struct schema s,
                    const struct merge_keys *keys, struct merge_pair p,
                    struct ynode **out)
{
    struct map old = {0}, new = {0};
    struct ynode *joined = ynode_seq(m->a);
    bool ok;

    if (p.patch && ynode_is_null(p.patch))
        p.patch = NULL;
    if (keys->n == 1 && index_regular(m, p.dest, keys->items[0], &old) &&
        index_regular(m, p.patch, keys->items[0], &new))
        ok = join_regular(m, s, p, &old, &new, joined);
    else
        ok = merge_steps(m, s, keys, p, joined);
    map_free(&old);
    map_free(&new);
    if (!ok)
        return false;
    p.dest->seq = joined->seq;
    *out = p.dest;
    return true;
}

static bool has_scalars_only(const struct ynode *list)
{
    for (size_t i = 0; i < ynode_count(list); i++)
        if (list->seq.items[i]->kind != YNODE_SCALAR)
            return false;
    return true;
}

bool merge_primitives(struct merge *m, struct schema s, struct merge_pair p,
                      struct ynode **out)
{
    static const struct merge_keys themselves = {.n = 1};

    if (!has_scalars_only(p.dest) || !has_scalars_only(p.patch))
        return merge_elements(m, s, &themselves, p, out);

    struct ynode *joined = ynode_seq(m->a);
    struct ynode *lists[] = {p.patch == p.dest ? NULL : p.patch, p.dest};
    struct map have = {0};

    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; lists[i] && j < ynode_count(lists[i]); j++) {
            struct ynode *elem = lists[i]->seq.items[j];

            if (ynode_is_null(elem) || map_get(&have, ynode_text(elem)))
                continue;
            map_set(m->a, &have, ynode_text(elem), elem);
            ynode_push(m->a, joined, elem);
        }
    map_free(&have);
    p.dest->seq = joined->seq;
    *out = p.dest;
    return true;
}
