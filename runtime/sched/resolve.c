#include "runtime/sched/part.h"

#include "base/file.h"

#include <string.h>

static bool find_output(struct sched *s, const struct expr *x,
                        struct value *out, struct err *e)
{
    const struct graph_node *n = map_get(&s->node_index, x->stage);

    if (!n)
        return err_set(e, ERR_INPUT, "no stage '" STR_FMT "'",
                       STR_ARG(x->stage));

    uint32_t i = (uint32_t)(n - s->graph->nodes);

    for (struct output *o = s->stages[i].outputs; o; o = o->next)
        if (str_eq(o->name, x->name)) {
            *out = o->value;
            return true;
        }
    if (plan_state(s->plan, i) == PLAN_LEFT_OUT)
        return err_set(e, ERR_INPUT, "'" STR_FMT "." STR_FMT "' is not known: "
                       "the stage is not part of this run", STR_ARG(x->stage),
                       STR_ARG(x->name));
    return err_set(e, ERR_INPUT, "stage '" STR_FMT "' set no output '" STR_FMT
                   "'", STR_ARG(x->stage), STR_ARG(x->name));
}

static struct value run_map(struct sched *s)
{
    struct arena *a = &s->arena;
    struct value_pair *pairs = arena_array(a, struct value_pair, 2);

    pairs[0] = (struct value_pair){
        STR("dir"), value_string(arena_printf(a, "%s/logs/%lld",
                                              store_dir(s->store),
                                              (long long)s->run))};
    pairs[1] = (struct value_pair){
        STR("id"), value_string(arena_printf(a, "%lld", (long long)s->run))};
    return (struct value){.kind = VALUE_MAP, .map = {pairs, 2}};
}

/* In hooks: which stage it is, and why it failed. */
static struct value stage_map(struct attempt *a)
{
    struct value_pair *pairs = arena_array(&a->arena, struct value_pair, 4);

    pairs[0] = (struct value_pair){STR("error"), value_string(
        a->why.n ? a->why : STR(""))};
    pairs[1] = (struct value_pair){STR("id"), value_string(a->node->id)};
    pairs[2] = (struct value_pair){STR("kind"), value_string(a->node->kind)};
    pairs[3] = (struct value_pair){STR("name"), value_string(a->node->name)};
    return (struct value){.kind = VALUE_MAP, .map = {pairs, 4}};
}

static bool look_up(void *ctx, const struct expr *x, struct value *out,
                    struct err *e)
{
    struct attempt *a = ctx;
    struct sched *s = a->s;

    if (x->kind == EXPR_OUTPUT)
        return find_output(s, x, out, e);
    if (str_eq(x->name, STR("stage"))) {
        *out = stage_map(a);
        return true;
    }
    if (str_eq(x->name, STR("run"))) {
        *out = run_map(s);
        return true;
    }
    if (str_eq(x->name, STR("git")) && s->spec.git.kind == VALUE_MAP) {
        *out = s->spec.git;
        return true;
    }
    return err_set(e, ERR_INPUT, "'" STR_FMT "' has no value in a run",
                   STR_ARG(x->name));
}

static struct str content_of(void *ctx, struct str name)
{
    struct attempt *a = ctx;
    const struct str *content = secret_value(a->s, name);

    return content ? *content : STR("");
}

struct expr_env resolve_env(struct attempt *a)
{
    return (struct expr_env){.lookup = look_up, .ctx = a,
                             .secret = content_of};
}

bool resolve_when(struct attempt *a, bool *yes, struct err *e)
{
    struct expr_env env = resolve_env(a);
    struct value v = a->node->when;

    if (v.kind == VALUE_EXPR &&
        !expr_eval(&a->arena, a->node->when.expr, &env, &v, e))
        return err_wrap(e, "when");
    *yes = v.kind != VALUE_BOOL || v.b;
    return true;
}

static struct value with_secrets(struct attempt *a, const struct value *v)
{
    struct value out = *v;

    if (v->kind == VALUE_SECRET)
        return value_string(content_of(a, v->s));
    if (v->kind == VALUE_LIST) {
        out.list.items = arena_array(&a->arena, struct value, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            out.list.items[i] = with_secrets(a, &v->list.items[i]);
    }
    if (v->kind == VALUE_MAP) {
        out.map.pairs = arena_array(&a->arena, struct value_pair,
                                    v->map.n + 1);
        for (size_t i = 0; i < v->map.n; i++) {
            out.map.pairs[i].key = v->map.pairs[i].key;
            out.map.pairs[i].value = with_secrets(a, &v->map.pairs[i].value);
        }
    }
    return out;
}

bool resolve_value(struct attempt *a, const struct value *v, struct value *out,
                   struct err *e)
{
    struct expr_env env = resolve_env(a);

    if (!expr_resolve(&a->arena, v, &env, out, e))
        return false;
    *out = with_secrets(a, out);
    return true;
}

static bool resolve_text(struct attempt *a, const struct value *v,
                         struct str *out, struct err *e)
{
    struct value known;

    return resolve_value(a, v, &known, e) &&
           (value_text(&a->arena, &known, out) ||
            err_set(e, ERR_INPUT, "a list or map has no text"));
}

void resolve_set_variable(const char **envp, size_t *n, const char *entry)
{
    size_t name = strcspn(entry, "=") + 1;
    size_t i = 0;

    while (i < *n && strncmp(envp[i], entry, name) != 0)
        i++;
    envp[i] = entry;
    if (i == *n)
        (*n)++;
}

static bool resolve_envp(struct attempt *a, struct err *e)
{
    const struct graph_node *node = a->node;
    size_t n = 0;

    while (a->s->envp[n])
        n++;

    const char **envp = arena_array(&a->arena, const char *,
                                    n + node->extra->n_env + 2);

    memcpy(envp, a->s->envp, n * sizeof *envp);
    resolve_set_variable(envp, &n, arena_printf(
        &a->arena, CONTAINER_STAGE STR_FMT, STR_ARG(node->id)).s);
    for (size_t i = 0; i < node->extra->n_env; i++) {
        const struct graph_env *v = &node->extra->env[i];
        struct str text;

        if (!resolve_text(a, &v->value, &text, e))
            return err_wrap(e, "env " STR_FMT, STR_ARG(v->name));
        if (memchr(text.s, '\0', text.n))
            return err_set(e, ERR_INPUT, "env " STR_FMT ": holds a NUL byte",
                           STR_ARG(v->name));
        resolve_set_variable(envp, &n, arena_printf(&a->arena, STR_FMT "=" STR_FMT,
                                            STR_ARG(v->name),
                                            STR_ARG(text)).s);
    }
    a->envp = envp;
    return true;
}

bool resolve_place(struct attempt *a, struct err *e)
{
    struct str dir = {0};

    if (a->node->extra->dir.kind != VALUE_NONE &&
        !resolve_text(a, &a->node->extra->dir, &dir, e))
        return err_wrap(e, "dir");
    a->dir = a->s->spec.pipeline_dir;
    if (dir.n)
        a->dir = file_join(&a->arena, str_of(a->dir), dir).s;
    if (a->node->extra->container.n)
        a->container = arena_dup(&a->arena, a->node->extra->container).s;
    return resolve_envp(a, e);
}

void resolve_add_output(struct sched *s, uint32_t node, struct str name,
                        const struct value *v)
{
    struct output *o = s->stages[node].outputs;

    while (o && !str_eq(o->name, name))
        o = o->next;
    if (!o) {
        o = arena_new(&s->arena, struct output);
        o->name = arena_dup(&s->arena, name);
        o->next = s->stages[node].outputs;
        s->stages[node].outputs = o;
    }
    o->value = value_copy(&s->arena, v);
}
