#include "graph/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA_DEPTH_MAX = 16, FIELDS_MAX = 1000 };

static bool read_body(struct arena *a, const struct value *v, int depth,
                      struct schema_body *out, struct err *e);

static struct str *names_of(struct arena *a, const struct value *v, size_t *n)
{
    *n = 0;
    if (!v || v->kind != VALUE_LIST)
        return NULL;
    struct str *names = arena_array(a, struct str, v->list.n);

    for (size_t i = 0; i < v->list.n; i++)
        if (v->list.items[i].kind == VALUE_STRING)
            names[(*n)++] = arena_dup(a, v->list.items[i].s);
    return names;
}

static bool read_type(struct arena *a, const struct value *v,
                      const struct type **out, struct err *e)
{
    const struct value *t = value_get(v, STR("type"));

    *out = t && t->kind == VALUE_STRING ? type_parse(a, t->s, e) : NULL;
    return *out || !t ||
           (t->kind == VALUE_STRING ? false
                : err_set(e, ERR_INPUT, "'type' is not a string"));
}

static const struct value *kept(struct arena *a, const struct value *v)
{
    if (!v)
        return NULL;
    struct value *copy = arena_new(a, struct value);

    *copy = value_copy(a, v);
    return copy;
}

/* A member's text, kept: the JSON it came from is given back. */
static struct str kept_str(struct arena *a, const struct value *v,
                           const char *key)
{
    struct str s = value_get_str(v, key, STR(""));

    return s.n ? arena_dup(a, s) : s;
}

static const struct schema_range *read_range(struct arena *a,
                                             const struct value *v)
{
    const struct value *min = value_get(v, STR("min"));
    const struct value *max = value_get(v, STR("max"));
    struct schema_range *r;

    if (!min && !max)
        return NULL;
    r = arena_new(a, struct schema_range);
    *r = (struct schema_range){-INFINITY, INFINITY};
    if (min)
        value_number(min, &r->min);
    if (max)
        value_number(max, &r->max);
    return r;
}

static bool read_arg(struct arena *a, const struct value *v,
                     struct schema_arg *out, struct err *e)
{
    out->name = kept_str(a, v, "name");
    if (out->name.n == 0)
        return err_set(e, ERR_INPUT, "an argument has no name");
    if (!read_type(a, v, &out->type, e))
        return err_wrap(e, "argument '" STR_FMT "'", STR_ARG(out->name));
    if (!out->type)
        out->type = type_simple(TYPE_ANY);
    out->range = read_range(a, v);
    out->doc = kept_str(a, v, "doc");
    out->rest = value_get_bool(v, "rest", false);
    out->dflt = kept(a, value_get(v, STR("default")));
    out->optional = value_get_bool(v, "optional", false) || out->dflt;
    return true;
}

static bool read_field(struct arena *a, struct str name, const struct value *v,
                       int depth, struct schema_field *out, struct err *e)
{
    out->name = name;
    out->doc = kept_str(a, v, "doc");
    out->repeat = value_get_bool(v, "repeat", false);
    out->required = value_get_bool(v, "required", false);
    out->deprecated = value_get_bool(v, "deprecated", false);
    out->family = kept_str(a, v, "family");
    out->needs = kept_str(a, v, "needs");
    out->range = read_range(a, v);
    out->dflt = kept(a, value_get(v, STR("default")));
    out->scope = names_of(a, value_get(v, STR("scope")), &out->n_scope);
    out->effects = names_of(a, value_get(v, STR("effects")), &out->n_effects);
    return (read_type(a, v, &out->type, e) &&
            read_body(a, v, depth + 1, &out->body, e)) ||
           err_wrap(e, "field '" STR_FMT "'", STR_ARG(name));
}

static int by_name(const void *x, const void *y)
{
    const struct schema_field *l = x, *r = y;

    return str_cmp(l->name, r->name);
}

static bool read_fields(struct arena *a, const struct value *v, int depth,
                        struct schema_body *out, struct err *e)
{
    if (v->kind == VALUE_LIST && v->list.n == 0)
        return true; /* Lua has one empty table for both */
    if (v->kind != VALUE_MAP || v->map.n > FIELDS_MAX)
        return err_set(e, ERR_INPUT, "'fields' is not a map of at most %d",
                       FIELDS_MAX);
    out->n_fields = v->map.n;
    out->fields = arena_array(a, struct schema_field, v->map.n);
    for (size_t i = 0; i < v->map.n; i++)
        if (!read_field(a, arena_dup(a, v->map.pairs[i].key), &v->map.pairs[i].value, depth,
                        &out->fields[i], e))
            return false;
    if (out->n_fields)
        qsort(out->fields, out->n_fields, sizeof(*out->fields), by_name);
    return true;
}

static void read_choices(struct arena *a, const struct value *v,
                         struct schema_body *out)
{
    const struct value *some = value_get(v, STR("some"));
    const struct value *one = value_get(v, STR("one"));
    size_t n_some = some && some->kind == VALUE_LIST ? some->list.n : 0;
    size_t n_one = one && one->kind == VALUE_LIST ? one->list.n : 0;

    if (n_some + n_one == 0)
        return;
    out->choices = arena_array(a, struct schema_choice, n_some + n_one);
    for (size_t i = 0; i < n_some + n_one; i++) {
        const struct value *names = i < n_some ? &some->list.items[i]
                                               : &one->list.items[i - n_some];
        struct schema_choice *c = &out->choices[out->n_choices++];

        c->names = names_of(a, names, &c->n);
        c->one = i >= n_some;
    }
}

static bool read_body(struct arena *a, const struct value *v, int depth,
                      struct schema_body *out, struct err *e)
{
    const struct value *args = value_get(v, STR("args"));
    const struct value *fields = value_get(v, STR("fields"));

    if (depth > SCHEMA_DEPTH_MAX)
        return err_set(e, ERR_INPUT, "nested deeper than %d", SCHEMA_DEPTH_MAX);
    out->sequence = value_get_bool(v, "sequence", false);
    out->hook = value_get_bool(v, "hook", false);
    out->families = names_of(a, value_get(v, STR("families")),
                             &out->n_families);
    read_choices(a, v, out);
    if (args && args->kind == VALUE_LIST) {
        out->n_args = args->list.n;
        out->args = arena_array(a, struct schema_arg, args->list.n);
        for (size_t i = 0; i < args->list.n; i++)
            if (!read_arg(a, &args->list.items[i], &out->args[i], e))
                return false;
    }
    return !fields || read_fields(a, fields, depth, out, e);
}

static bool read_outputs(struct arena *a, const struct value *v,
                         struct schema_entry *out, struct err *e)
{
    if (!v || v->kind != VALUE_MAP)
        return true;
    out->n_outputs = v->map.n;
    out->outputs = arena_array(a, struct schema_output, v->map.n);
    for (size_t i = 0; i < v->map.n; i++) {
        const struct value *o = &v->map.pairs[i].value;

        out->outputs[i].name = arena_dup(a, v->map.pairs[i].key);
        out->outputs[i].doc = kept_str(a, o, "doc");
        if (!read_type(a, o, &out->outputs[i].type, e))
            return err_wrap(e, "output '" STR_FMT "'",
                            STR_ARG(out->outputs[i].name));
        if (!out->outputs[i].type)
            out->outputs[i].type = type_simple(TYPE_ANY);
    }
    return true;
}

void schema_add(struct arena *a, struct schema_set *set,
                const struct schema_entry *entry)
{
    struct str key = arena_join(a, entry->family, STR("/"), entry->name);

    map_set(a, &set->entries, key, (void *)(uintptr_t)entry);
}

static bool add_entry(struct arena *a, struct schema_set *set,
                      const struct value *v, struct err *e)
{
    struct schema_entry *entry = arena_new(a, struct schema_entry);

    entry->family = kept_str(a, v, "family");
    if (entry->family.n == 0)
        entry->family = STR("kind");
    entry->name = kept_str(a, v, "name");
    if (entry->name.n == 0)
        return err_set(e, ERR_INPUT, "an entry has no name");
    entry->doc = kept_str(a, v, "doc");
    entry->source = kept_str(a, v, "source");
    entry->commands = kept_str(a, v, "commands");
    entry->runs = value_get_bool(v, "runs", false);
    entry->plans = value_get_bool(v, "plans", false);
    entry->anonymous = value_get_bool(v, "anonymous", false);
    entry->effects = names_of(a, value_get(v, STR("effects")),
                              &entry->n_effects);
    entry->can = names_of(a, value_get(v, STR("can")), &entry->n_can);
    if (!read_body(a, v, 0, &entry->body, e) ||
        !read_outputs(a, value_get(v, STR("outputs")), entry, e))
        return err_wrap(e, STR_FMT " '" STR_FMT "'", STR_ARG(entry->family),
                        STR_ARG(entry->name));
    schema_add(a, set, entry);
    return true;
}

bool schema_add_json(struct arena *a, struct schema_set *set, struct str json,
                     struct err *e)
{
    struct arena scratch = {0};
    struct value v;
    bool ok = value_from_json(&scratch, json, &v, e) || err_wrap(e, "schema");

    if (ok && v.kind != VALUE_LIST)
        ok = add_entry(a, set, &v, e);
    else if (ok)
        for (size_t i = 0; ok && i < v.list.n; i++)
            ok = add_entry(a, set, &v.list.items[i], e);
    arena_free(&scratch);
    return ok;
}

struct str schema_bound(struct arena *a, enum value_kind kind, double bound)
{
    struct value v = {.kind = kind};

    if (kind == VALUE_FLOAT || kind == VALUE_PERCENT)
        v.d = bound;
    else
        v.i = (int64_t)bound;
    return value_show(a, &v);
}

const struct schema_entry *schema_find(const struct schema_set *set,
                                       struct str family, struct str name)
{
    char key[256];

    if (family.n + name.n + 1 > sizeof(key))
        return NULL;
    memcpy(key, family.s, family.n);
    key[family.n] = '/';
    memcpy(key + family.n + 1, name.s, name.n);
    return map_get(&set->entries, (struct str){key, family.n + name.n + 1});
}

const struct schema_field *schema_field(const struct schema_body *body,
                                        struct str name)
{
    size_t low = 0, high = body->n_fields;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = str_cmp(name, body->fields[mid].name);

        if (order == 0)
            return &body->fields[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}
