#include "runtime/sched/part.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES_MAX = 64 * 1024, SECRET_READ_MS = 60000 };

static struct secret *find(const struct sched *s, struct str name)
{
    for (size_t i = 0; i < s->graph->n_secrets; i++)
        if (str_eq(s->graph->secrets[i].name, name))
            return &s->secrets[i];
    return NULL;
}

const struct str *secret_value(const struct sched *s, struct str name)
{
    const struct secret *x = find(s, name);

    return x && x->state == SECRET_READ ? &x->value : NULL;
}

static void got(struct sched *s, struct secret *x, struct str value)
{
    if (str_ends(value, STR("\n"))) /* what `echo` and editors add */
        value.n--;
    x->value = arena_dup(&s->arena, value);
    x->state = SECRET_READ;
    mask_add(s->mask, x->value);
}

static void failed(struct sched *s, struct secret *x, const char *why)
{
    x->why = arena_dup(&s->arena, str_of(why));
    x->state = SECRET_FAILED;
}

static const char *get_variable(const struct sched *s, struct str name)
{
    for (const char *const *v = s->spec.envp; *v; v++)
        if (str_starts(str_of(*v), name) && (*v)[name.n] == '=')
            return *v + name.n + 1;
    return NULL;
}

static void read_variable(struct sched *s, struct secret *x, struct str name)
{
    const char *value = get_variable(s, name);

    if (value)
        got(s, x, str_of(value));
    else
        failed(s, x, arena_printf(&s->arena, "the variable " STR_FMT
                                  " is not set", STR_ARG(name)).s);
}

static void read_file(struct sched *s, struct secret *x, struct str path)
{
    struct arena a = {0};
    struct err e = {0};
    struct str text;

    path = file_join(&a, str_of(s->spec.pipeline_dir), path);
    if (file_read(&a, path.s, SECRET_BYTES_MAX, &text, &e))
        got(s, x, text);
    else
        failed(s, x, e.msg);
    arena_free(&a);
}

static void on_output(void *ctx, struct str bytes)
{
    struct secret *x = ctx;

    buf_add(&x->text, bytes);
}

/* Those that waited look again. */
static void go_on(struct sched *s)
{
    for (struct attempt *a = s->live, *next; a; a = next) {
        next = a->next;
        if (!a->needs_secret)
            continue;
        a->needs_secret = false;
        attempt_prepare(a);
    }
}

static void on_end(void *ctx, const struct proc_end *end)
{
    struct secret *x = ctx;
    struct sched *s = x->sched;

    x->proc = NULL;
    if (end->timed_out)
        failed(s, x, "its command took too long");
    else if (end->code)
        failed(s, x, arena_printf(&s->arena, "its command ended with exit "
                                  "code %d", end->code).s);
    else if (x->text.overflow)
        failed(s, x, "its command printed too much");
    else
        got(s, x, buf_str(&x->text));
    if (x->text.s)
        explicit_bzero(x->text.s, x->text.cap);
    buf_free(&x->text);
    go_on(s);
}

static void read_command(struct sched *s, struct secret *x, struct str command)
{
    struct arena a = {0};
    struct err e = {0};
    struct proc_spec spec = {
        .shell = arena_dup(&a, command).s,
        .envp = s->envp,
        .dir = s->spec.pipeline_dir,
        .timeout_ms = SECRET_READ_MS,
        .only_stdout = true,
        .on_output = on_output,
        .on_end = on_end,
        .ctx = x,
    };

    x->sched = s;
    x->text = (struct buf){.max = SECRET_BYTES_MAX};
    x->state = SECRET_READING;
    x->proc = proc_start(s->host, &spec, &e);
    if (!x->proc)
        failed(s, x, e.msg);
    arena_free(&a);
}

static bool need(struct attempt *a, struct str name, struct err *e)
{
    struct sched *s = a->s;
    struct secret *x = find(s, name);

    if (!x)
        return err_set(e, ERR_INPUT, "no secret '" STR_FMT "'",
                       STR_ARG(name));

    const struct graph_secret *g = &s->graph->secrets[x - s->secrets];

    if (x->state == SECRET_UNREAD) {
        switch (g->from) {
        case SECRET_ENV:
            read_variable(s, x, g->ref);
            break;
        case SECRET_FILE:
            read_file(s, x, g->ref);
            break;
        case SECRET_EXEC:
            read_command(s, x, g->ref);
            break;
        }
    }
    if (x->state == SECRET_READING)
        a->needs_secret = true;
    return x->state != SECRET_FAILED ||
           err_set(e, ERR_INPUT, "secret '" STR_FMT "': " STR_FMT,
                   STR_ARG(name), STR_ARG(x->why));
}

static bool need_in(struct attempt *a, const struct value *v, struct err *e);

static bool need_in_expr(struct attempt *a, const struct expr *x,
                         struct err *e)
{
    if (x->kind == EXPR_LITERAL)
        return need_in(a, &x->lit, e);
    for (size_t i = 0; i < x->n; i++)
        if (!need_in_expr(a, &x->kids[i], e))
            return false;
    return true;
}

static bool need_in(struct attempt *a, const struct value *v, struct err *e)
{
    bool ok = true;

    if (v->kind == VALUE_SECRET)
        return need(a, v->s, e);
    if (v->kind == VALUE_EXPR)
        return need_in_expr(a, v->expr, e);
    for (size_t i = 0; ok && v->kind == VALUE_LIST && i < v->list.n; i++)
        ok = need_in(a, &v->list.items[i], e);
    for (size_t i = 0; ok && v->kind == VALUE_MAP && i < v->map.n; i++)
        ok = need_in(a, &v->map.pairs[i].value, e);
    return ok;
}

static bool need_in_steps(struct attempt *a, const struct graph_step *steps,
                          size_t n, struct err *e)
{
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++) {
        if (steps[i].kind == STEP_COMMAND)
            ok = need_in(a, &steps[i].command, e);
        else if (steps[i].kind == STEP_STAGE)
            ok = need_in(a, &steps[i].config, e);
    }
    return ok;
}

bool secret_need(struct attempt *a, bool *wait, struct err *e)
{
    const struct graph_node *n = a->node;
    const struct graph_extra *x = n->extra;
    bool ok;

    *wait = false;
    if (!a->s->graph->n_secrets)
        return true;
    a->needs_secret = false;
    ok = need_in(a, &n->config, e) &&
         need_in_steps(a, n->commands, n->n_commands, e);
    for (size_t i = 0; ok && i < x->n_env; i++)
        ok = need_in(a, &x->env[i].value, e);
    for (size_t i = 0; ok && i < x->n_hooks; i++)
        ok = need_in_steps(a, x->hooks[i].steps, x->hooks[i].n, e);
    *wait = ok && a->needs_secret;
    if (!ok)
        a->needs_secret = false;
    return ok;
}

void secret_stop_all(struct sched *s)
{
    for (size_t i = 0; s->secrets && i < s->graph->n_secrets; i++)
        if (s->secrets[i].proc)
            proc_kill(s->secrets[i].proc);
}
