#include "runtime/kustomize/selector.h"

static bool at(struct arena *a, const struct ynode *n, struct err *e)
{
    struct str where = ynode_where(a, n);

    return where.n ? err_wrap(e, STR_FMT, STR_ARG(where)) : false;
}

static bool open_regex(struct arena *a, struct regex *r,
                       const struct ynode *spec, const char *key,
                       struct err *e)
{
    const struct ynode *n = ynode_get(spec, key);

    return regex_open(r, ynode_text(n), REGEX_WHOLE, e) || at(a, n, e);
}

static bool open_labels(struct arena *a, struct labelsel *l,
                        const struct ynode *spec, const char *key,
                        struct err *e)
{
    const struct ynode *n = ynode_get(spec, key);

    return labelsel_parse(a, ynode_text(n), l, e) || at(a, n, e);
}

bool selector_open(struct selector *s, struct arena *a,
                   const struct ynode *spec, struct err *e)
{
    *s = (struct selector){0};
    return open_regex(a, &s->group, spec, "group", e) &&
           open_regex(a, &s->version, spec, "version", e) &&
           open_regex(a, &s->kind, spec, "kind", e) &&
           open_regex(a, &s->name, spec, "name", e) &&
           open_regex(a, &s->ns, spec, "namespace", e) &&
           open_labels(a, &s->labels, spec, "labelSelector", e) &&
           open_labels(a, &s->annotations, spec, "annotationSelector", e);
}

void selector_close(struct selector *s)
{
    regex_close(&s->group);
    regex_close(&s->version);
    regex_close(&s->kind);
    regex_close(&s->name);
    regex_close(&s->ns);
}

static bool either(const struct regex *r, struct str first, struct str second,
                   bool *matches, struct err *e)
{
    if (!regex_match(r, first, matches, e))
        return false;
    return *matches || regex_match(r, second, matches, e);
}

static bool match_id(const struct selector *s, const struct resource *r,
                     bool *matches, struct err *e)
{
    struct resid now = resource_id(r), first = resource_original_id(r);
    const struct {
        const struct regex *regex;
        struct str first, now;
    } parts[] = {
        {&s->kind, now.kind, now.kind},
        {&s->group, now.group, now.group},
        {&s->version, now.version, now.version},
        {&s->name, first.name, now.name},
        {&s->ns, resid_namespace(&first), resid_namespace(&now)},
    };

    *matches = true;
    for (size_t i = 0; *matches && i < sizeof(parts) / sizeof(*parts); i++)
        if (!either(parts[i].regex, parts[i].first, parts[i].now, matches, e))
            return false;
    return true;
}

bool selector_labels_match(const struct selector *s, const struct resource *r)
{
    return labelsel_match(&s->labels, resource_labels(r)) &&
           labelsel_match(&s->annotations, resource_annotations(r));
}

bool selector_match(const struct selector *s, const struct resource *r,
                    bool *matches, struct err *e)
{
    if (!match_id(s, r, matches, e))
        return false;
    *matches = *matches && selector_labels_match(s, r);
    return true;
}

static bool select_all(const struct selector *s, struct resmap *m,
                       struct arena *a, struct resource_set *out,
                       struct err *e)
{
    for (size_t i = 0; i < m->n; i++) {
        bool matches;

        if (!m->items[i]->node)
            continue;
        if (!selector_match(s, m->items[i], &matches, e))
            return false;
        if (matches)
            arena_push(a, out, m->items[i]);
    }
    return true;
}

bool selector_select(struct resmap *m, struct arena *a,
                     const struct ynode *spec, struct resource_set *out,
                     struct err *e)
{
    struct selector s;

    *out = (struct resource_set){0};
    bool ok = selector_open(&s, a, spec, e) && select_all(&s, m, a, out, e);

    selector_close(&s);
    return ok;
}
