#include "compiler/check.h"

/* Schemas, read when first asked for. */

/* What goes with every kind, and the statements that are no stages, in the
 * form of docs/internals/schema.md. `on`, the hooks, needs, when, for and
 * environment are read by hook.c, when.c, needs.c and expand.c. */
static const char own_schemas[] =
    "[{\"family\":\"own\",\"name\":\"common\",\"doc\":\"with every stage\",\"fields\":{"
    "\"timeout\":{\"type\":\"duration\",\"doc\":\"stop an attempt after this long\"},"
    "\"retry\":{\"args\":[{\"name\":\"limit\",\"type\":\"int\",\"doc\":\"attempts after the first\"}],\"fields\":{"
    "\"backoff\":{\"type\":\"duration\",\"doc\":\"wait before the second attempt\"},"
    "\"factor\":{\"type\":\"float\",\"doc\":\"by which the wait grows\"},"
    "\"max\":{\"type\":\"duration\",\"doc\":\"the longest wait\"}},\"doc\":\"try again when it fails\"},"
    "\"inputs\":{\"type\":\"path\",\"repeat\":true,\"doc\":\"files it reads; unchanged, it is not run again\"},"
    "\"outputs\":{\"type\":\"path\",\"repeat\":true,\"doc\":\"files it writes, restored when it is not run\"},"
    "\"env\":{\"type\":\"map(secret(string))\",\"doc\":\"variables of its commands\"},"
    "\"dir\":{\"type\":\"path\",\"doc\":\"the folder its commands run in\"},"
    "\"container\":{\"type\":\"string\",\"doc\":\"the image its commands run in\"},"
    "\"lock\":{\"type\":\"string\",\"repeat\":true,\"doc\":\"one at a time among all runs\"},"
    "\"optional\":{\"type\":\"bool\",\"doc\":\"its failure does not fail the run\"}}},"
    "{\"family\":\"own\",\"name\":\"pipeline\",\"doc\":\"names the pipeline\","
    "\"args\":[{\"name\":\"name\",\"type\":\"symbol\",\"doc\":\"its name\"}],\"fields\":{"
    "\"language\":{\"type\":\"int\",\"doc\":\"the edition of the language\"}}},"
    "{\"family\":\"own\",\"name\":\"environment\",\"doc\":\"a place that stages deploy to\",\"fields\":{"
    "\"branch\":{\"type\":\"string\",\"repeat\":true,\"doc\":\"only commits of such a branch, as a glob\"},"
    "\"overlay\":{\"type\":\"path\",\"doc\":\"its Kustomize overlay\"},"
    "\"freeze\":{\"args\":[{\"name\":\"from\",\"type\":\"string\",\"doc\":\"such as Fri 16:00\"}],\"fields\":{"
    "\"until\":{\"type\":\"string\",\"required\":true,\"doc\":\"such as Mon 08:00\"},"
    "\"zone\":{\"type\":\"string\",\"doc\":\"such as Europe/Berlin\"}},\"repeat\":true,\"doc\":\"no deployments then\"},"
    "\"approve\":{\"fields\":{\"by\":{\"type\":\"list(string)\",\"doc\":\"who may\"},"
    "\"within\":{\"type\":\"duration\",\"doc\":\"no answer by then is a no\"},"
    "\"message\":{\"type\":\"string\",\"doc\":\"what is asked\"}},\"doc\":\"somebody has to say yes\"},"
    "\"vars\":{\"type\":\"map(string)\",\"doc\":\"values of one's own\"}}}]";

const struct schema_body *catalogue_own(struct check *c, const char *name)
{
    const struct schema_entry *e = schema_find(&c->schemas, STR("own"),
                                               str_of(name));
    struct err err = {0};

    if (e)
        return &e->body;
    schema_add_json(c->a, &c->schemas, STR(own_schemas), &err);
    return &schema_find(&c->schemas, STR("own"), str_of(name))->body;
}

const struct schema_entry *catalogue_find(struct check *c, struct str family,
                                          struct str name)
{
    const struct schema_entry *e = schema_find(&c->schemas, family, name);
    struct str key;
    struct err err = {0};

    if (e || !c->o->host->schema)
        return e;
    key = arena_printf(c->a, STR_FMT "/" STR_FMT, STR_ARG(family),
                       STR_ARG(name));
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

void catalogue_near(struct check *c, struct str family, struct diag_near *near)
{
    struct str name = STR("x");

    for (size_t i = 0; c->o->host->schema_name && name.n; i++) {
        name = c->o->host->schema_name(c->o->host->ctx, family, i);
        if (name.n)
            diag_consider(near, name);
    }
    for (struct map_entry *i = map_first(&c->schemas.entries); i;
         i = map_next(i)) {
        const struct schema_entry *e = map_value(i);

        if (str_eq(e->family, family))
            diag_consider(near, e->name);
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
