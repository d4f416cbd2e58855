#include "runtime/kustomize/schema.h"

enum shape { SCHEMA_OBJECT, SCHEMA_LIST, SCHEMA_DICT };

struct field {
    struct str name;
    uint8_t shape;
    uint16_t target; /* the definition of it, its elements or its values */
    uint16_t keys;   /* into key_sets; 0 = not merged */
};

struct definition {
    uint16_t first, n; /* into fields, sorted by name */
};

struct root {
    struct str api_version, kind;
    uint16_t definition;
};

#include "kustomize_schema.inc"

static struct schema builtin_of(struct str api_version, struct str kind)
{
    size_t low = 0, high = sizeof(roots) / sizeof(*roots);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = str_cmp(roots[mid].api_version, api_version);

        if (!c)
            c = str_cmp(roots[mid].kind, kind);
        if (!c)
            return (struct schema){.known = true, .shape = SCHEMA_OBJECT,
                                   .target = roots[mid].definition};
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return (struct schema){0};
}

static struct schema builtin_field(uint16_t definition, struct str name)
{
    const struct definition *d = &definitions[definition];

    for (size_t i = d->first; i < (size_t)d->first + d->n; i++)
        if (str_eq(fields[i].name, name))
            return (struct schema){.known = true, .shape = fields[i].shape,
                                   .target = fields[i].target,
                                   .keys = fields[i].keys};
    return (struct schema){0};
}

static struct schema builtin_object(uint16_t target)
{
    if (!target)
        return (struct schema){0};
    return (struct schema){.known = true, .shape = SCHEMA_OBJECT,
                           .target = target};
}

/* ---- custom ---- */

/* "#/definitions/NAME" -> its node; anything else is itself. A reference to a
 * reference is not followed, as the reference implementation does not. */
static struct schema custom_resolve(const struct schema_set *set,
                                    const struct ynode *n)
{
    struct str ref = ynode_get_text(n, "$ref");
    struct str prefix = STR("#/definitions/");

    if (!n)
        return (struct schema){0};
    if (ref.n) {
        if (!str_starts(ref, prefix))
            return (struct schema){0};
        n = ynode_get_str(set->definitions, str_skip(ref, prefix.n));
    }
    return (struct schema){.known = n != NULL, .node = n};
}

static bool has_gvk(const struct ynode *definition, struct str api_version,
                    struct str kind)
{
    const struct ynode *list =
        ynode_get(definition, "x-kubernetes-group-version-kind");
    struct str version = {0};
    struct str group = str_cut(api_version, '/', &version);

    if (str_find(api_version, '/') == api_version.n) {
        version = api_version;
        group = (struct str){0};
    }
    if (!ynode_is_seq(list))
        return false;
    for (size_t i = 0; i < list->seq.n; i++) {
        const struct ynode *gvk = list->seq.items[i];

        if (str_eq(ynode_get_text(gvk, "group"), group) &&
            str_eq(ynode_get_text(gvk, "version"), version) &&
            str_eq(ynode_get_text(gvk, "kind"), kind))
            return true;
    }
    return false;
}

static struct schema custom_of(const struct schema_set *set,
                               struct str api_version, struct str kind)
{
    for (size_t i = 0; i < ynode_count(set->definitions); i++) {
        const struct ynode *d = set->definitions->map.items[i].value;

        if (has_gvk(d, api_version, kind))
            return (struct schema){.known = true, .node = d};
    }
    return (struct schema){0};
}

static bool custom_merges(const struct ynode *n, struct merge_keys *keys)
{
    struct str strategy = ynode_get_text(n, "x-kubernetes-patch-strategy");
    const struct ynode *list = ynode_get(n, "x-kubernetes-list-map-keys");
    const struct ynode *key = ynode_get(n, "x-kubernetes-patch-merge-key");

    if (str_search(strategy, STR("merge")) == strategy.n)
        return false;
    if (ynode_is_seq(list))
        for (size_t i = 0; i < list->seq.n && keys->n < MERGE_KEYS_MAX; i++)
            keys->items[keys->n++] = ynode_text(list->seq.items[i]);
    else if (key)
        keys->items[keys->n++] = ynode_text(key);
    return true;
}

/* ---- both ---- */

bool schema_set_init(struct schema_set *set, const struct ynode *document,
                     struct err *e)
{
    const struct ynode *d = ynode_get(document, "definitions");

    if (!ynode_is_map(document) || (d && !ynode_is_map(d)))
        return err_set(e, ERR_INPUT, "an OpenAPI schema is a map with a map "
                                     "'definitions'");
    set->custom = true;
    set->definitions = d;
    set->paths = ynode_get(document, "paths");
    return true;
}

bool schema_cluster_scoped(const struct schema_set *set, struct str api_version,
                           struct str kind)
{
    static const char through[] = "namespaces/{namespace}";
    struct str version, group = str_cut(api_version, '/', &version);
    bool found = false;

    if (!version.n) {
        version = group;
        group = STR("");
    }
    for (size_t i = 0; ynode_is_map(set->paths) && i < set->paths->map.n; i++) {
        const struct ypair *p = &set->paths->map.items[i];
        const struct ynode *gvk = ynode_get(ynode_get(p->value, "get"),
                                            "x-kubernetes-group-version-kind");

        if (!str_eq(ynode_get_text(gvk, "kind"), kind) ||
            !str_eq(ynode_get_text(gvk, "group"), group) ||
            !str_eq(ynode_get_text(gvk, "version"), version))
            continue;
        if (memmem(p->key.s, p->key.n, through, sizeof through - 1))
            return false;
        found = true;
    }
    return found;
}

struct schema schema_of(const struct schema_set *set, struct str api_version,
                        struct str kind)
{
    return set->custom ? custom_of(set, api_version, kind)
                            : builtin_of(api_version, kind);
}

struct schema schema_member(const struct schema_set *set, struct schema s,
                           struct str name)
{
    if (!s.known)
        return s;
    if (!s.node && s.shape == SCHEMA_OBJECT)
        return builtin_field(s.target, name);
    if (!s.node)
        return s.shape == SCHEMA_DICT ? builtin_object(s.target)
                                      : (struct schema){0};
    const struct ynode *found =
        ynode_get_str(ynode_get(s.node, "properties"), name);

    if (!found)
        found = ynode_get(s.node, "additionalProperties");
    return ynode_is_map(found) ? custom_resolve(set, found)
                               : (struct schema){0};
}

struct schema schema_element(const struct schema_set *set, struct schema s)
{
    if (!s.known)
        return s;
    if (!s.node)
        return s.shape == SCHEMA_LIST ? builtin_object(s.target)
                                      : (struct schema){0};
    if (!str_eq(ynode_get_text(s.node, "type"), STR("array")))
        return (struct schema){0};
    return custom_resolve(set, ynode_get(s.node, "items"));
}

bool schema_merges(struct schema s, struct merge_keys *keys)
{
    *keys = (struct merge_keys){0};
    if (!s.known)
        return false;
    if (s.node)
        return custom_merges(s.node, keys);
    if (s.keys)
        *keys = key_sets[s.keys];
    return s.keys != 0;
}
