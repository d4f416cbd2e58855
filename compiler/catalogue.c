#include "compiler/check.h"

#include "base/die.h"
#include "compiler/statements.h"

/* Schemas, read when first asked for. */

const struct schema_body *catalogue_own(struct check *c, const char *name)
{
    (void)c;
    for (size_t i = 0; statements[i]; i++)
        if (str_eq(statements[i]->name, str_of(name)))
            return &statements[i]->body;
    BUG("no statement '%s'", name);
}

const struct schema_entry *catalogue_find(struct check *c, struct str family,
                                          struct str name)
{
    const struct schema_entry *e = schema_find(&c->schemas, family, name);
    struct str key;
    struct err err = {0};

    if (e || !c->o->host->schema)
        return e;
    key = arena_join(c->a, family, STR("/"), name);
    if (map_get(&c->missing, key))
        return NULL;
    if (c->o->host->schema(c->o->host->ctx, c->a, &c->schemas, family, name,
                           &err))
        return schema_find(&c->schemas, family, name);
    c->lua_failed |= err.kind != ERR_NONE;
    if (err.kind != ERR_NONE)
        diag_add(c->d, DIAG_E0515, (struct span){0, 0},
                 "the schema of '" STR_FMT "' is broken: %s", STR_ARG(key),
                 err.msg);
    map_set(c->a, &c->missing, key, c);
    return NULL;
}

void catalogue_near(struct check *c, struct str family, struct near *near)
{
    struct str name = STR("x");

    for (size_t i = 0; c->o->host->schema_name && name.n; i++) {
        name = c->o->host->schema_name(c->o->host->ctx, family, i);
        if (name.n)
            near_consider(near, name);
    }
    for (struct map_entry *i = map_first(&c->schemas.entries); i;
         i = map_next(i)) {
        const struct schema_entry *e = map_value(i);

        if (str_eq(e->family, family))
            near_consider(near, e->name);
    }
}

void catalogue_use(struct check *c, struct str path, struct span at)
{
    const struct compile_host *h = c->o->host;
    struct str text;
    struct err e = {0};
    bool failed = c->lua_failed;

    c->lua_failed = true;
    if (!h->lua_file || !h->read) {
        diag_add(c->d, DIAG_E0905, at, "kinds in Lua cannot be read here");
        return;
    }
    if (!h->read(h->ctx, c->a, path, &text, &e)) {
        diag_add(c->d, DIAG_E0901, at, "%s", e.msg);
        return;
    }
    facts_file(c, path, text);
    if (h->lua_file(h->ctx, c->a, &c->schemas, path, text, &e)) {
        c->lua_failed = failed;
        return;
    }
    struct diag *g = diag_add(c->d, DIAG_E0905, at, "%s", e.msg);

    diag_help(c->d, g, "a kind's file is text that ends in return kind");
}
