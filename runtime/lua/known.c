#include "runtime/lua/known.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

bool known_value(struct arena *a, const json_t *v, struct value *out,
                   struct err *e)
{
    char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!text)
        return err_set(e, ERR_INPUT, "it cannot be written as JSON");
    struct str copy = arena_dup(a, str_of(text));
    free(text);
    return value_from_json(a, copy, out, e);
}

static json_t *stage_of(const struct host *h)
{
    json_t *v = json_object();

    for (size_t i = 0; i < 3; i++) {
        static const char *const keys[] = {"id", "name", "kind"};

        json_object_set(v, keys[i], json_object_get(h->node, keys[i]));
    }
    json_object_set_new(v, "error", json_string(h->error ? h->error : ""));
    return v;
}

static bool from_vars(struct known *r, struct str name, struct value *out,
                      struct err *e)
{
    const char *key = arena_dup(r->arena, name).s;
    json_t *v = json_object_get(json_object_get(r->host->start, "vars"), key);
    if (strcmp(key, "rollout") == 0)
        v = r->host->rollout;
    if (strcmp(key, "stage") == 0) {
        v = stage_of(r->host);
        bool ok = known_value(r->arena, v, out, e);
        json_decref(v);
        return ok;
    }
    if (!v)
        return err_set(e, ERR_INPUT, "'%s' is not known here", key);
    return known_value(r->arena, v, out, e);
}

static bool output(struct known *r, const struct expr *x, struct value *out,
                   struct err *e)
{
    struct host *h = r->host;
    const char *text = json_string_value(json_object_get(h->start, "known"));
    const char *stage = arena_dup(r->arena, x->stage).s;
    const char *name = arena_dup(r->arena, x->name).s;
    const char *own = json_string_value(json_object_get(h->node, "id"));
    json_t *needs = text ? json_loads(text, 0, NULL) : NULL;
    json_t *of = own && !strcmp(own, stage) ? h->outputs
                                            : json_object_get(needs, stage);
    json_t *v = json_object_get(of, name);
    bool ok = v ? known_value(r->arena, v, out, e)
                : err_set(e, ERR_INPUT, "stage '%s' has no output '%s'", stage,
                          name);

    json_decref(needs);
    return ok;
}

bool known_name(void *ctx, const struct expr *x, struct value *out,
                  struct err *e)
{
    struct known *r = ctx;
    if (x->kind == EXPR_OUTPUT)
        return output(r, x, out, e);
    return from_vars(r, x->name, out, e);
}

json_t *known_json(struct host *h, json_t *v, struct err *e)
{
    struct arena a = {0};
    struct known r = {.host = h, .arena = &a};
    struct expr_env env = {.lookup = known_name, .ctx = &r};
    struct value before, after;
    json_t *out = NULL;
    if (!known_value(&a, v, &before, e)) {
        arena_free(&a);
        return NULL;
    }
    if (!value_pending(&before)) {
        out = json_incref(v);
    } else if (expr_resolve(&a, &before, &env, &after, e)) {
        struct buf b = {0};
        value_json(&b, &after, false);
        out = json_loadb(b.s, b.n, JSON_DECODE_ANY, NULL);
        buf_free(&b);
    }
    arena_free(&a);
    return out;
}
