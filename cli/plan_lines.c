#include "cli/plan_view.h"

#include "base/clock.h"

/* What a stage would do, line by line. */

static const char *const phases[] = {
    [HOOK_BEFORE] = "before", [HOOK_AFTER] = "after",
    [HOOK_FAILURE] = "on failure", [HOOK_SUCCESS] = "on success",
    [HOOK_ALWAYS] = "always", [HOOK_ABORT] = "on abort",
    [HOOK_PROMOTE] = "on promote",
};

static void add_expr(struct arena *a, struct buf *b, const struct expr *x)
{
    struct str text;

    if (x->kind == EXPR_LITERAL) {
        text = x->lit.kind == VALUE_STRING ? x->lit.s : plan_show(a, &x->lit);
        buf_add(b, text);
        return;
    }
    if (x->kind == EXPR_TEXT || x->kind == EXPR_SHELL) {
        for (size_t i = 0; i < x->n; i++)
            add_expr(a, b, &x->kids[i]);
        return;
    }
    if (x->kind == EXPR_LIST) {
        for (size_t i = 0; i < x->n; i++) {
            if (i)
                buf_addc(b, ' ');
            add_expr(a, b, &x->kids[i]);
        }
        return;
    }
    text = expr_waits_for(x);
    if (text.n)
        buf_addf(b, "(known after " STR_FMT ")", STR_ARG(text));
    else
        buf_addf(b, "(" STR_FMT ")", STR_ARG(expr_show(a, x)));
}

struct str plan_show(struct arena *a, const struct value *v)
{
    struct buf b = {0};
    struct str text;

    if (v->kind == VALUE_SECRET)
        return arena_printf(a, "(secret " STR_FMT ")", STR_ARG(v->s));
    if (v->kind == VALUE_STRING)
        return v->s;
    if (v->kind == VALUE_LIST)
        for (size_t i = 0; i < v->list.n; i++) {
            text = plan_show(a, &v->list.items[i]);
            buf_addf(&b, "%s", i ? " " : "");
            buf_add(&b, v->list.items[i].kind == VALUE_STRING
                            ? expr_shell_quote(a, text) : text);
        }
    else if (v->kind == VALUE_EXPR)
        add_expr(a, &b, v->expr);
    else
        buf_add(&b, value_show(a, v));
    text = arena_dup(a, buf_str(&b));
    buf_free(&b);
    return text;
}

struct lines {
    struct plan_line *items;
    size_t n, cap;
};

static void add(struct arena *a, struct lines *l, int kind, struct str label,
                struct str text)
{
    struct plan_line line = {.label = label, .text = text};

    line.kind = (__typeof__(line.kind))kind;
    arena_push(a, l, line);
}

static struct str step_text(struct arena *a, const struct graph_step *s)
{
    struct str message;

    switch (s->kind) {
    case STEP_COMMAND:
        return plan_show(a, &s->command);
    case STEP_LUA:
        if (s->file.n)
            return arena_printf(a, "lua " STR_FMT "%s" STR_FMT,
                                STR_ARG(s->file), s->call.n ? ": " : "",
                                STR_ARG(s->call));
        return STR("lua, inline");
    case STEP_STAGE:
        break;
    }
    const struct value *text = value_get(&s->config, STR("text"));

    if (!text)
        text = value_get(&s->config, STR("message"));
    message = text ? plan_show(a, text) : STR("");
    return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(s->stage_kind),
                        message.n ? ": " : "", STR_ARG(message));
}

static void add_hooks(struct arena *a, struct lines *l,
                      const struct graph_node *n, bool before)
{
    for (size_t i = 0; i < n->extra->n_hooks; i++) {
        const struct graph_hook *h = &n->extra->hooks[i];

        for (size_t k = 0; k < h->n && (h->phase == HOOK_BEFORE) == before; k++)
            add(a, l, LINE_HOOK, str_of(phases[h->phase]),
                step_text(a, &h->steps[k]));
    }
}

static struct str retry_text(struct arena *a, const struct graph_retry *r)
{
    struct str s = arena_printf(a, "up to %lld more times",
                                (long long)r->limit);

    if (r->backoff_ms)
        s = arena_printf(a, STR_FMT ", after " STR_FMT, STR_ARG(s),
                         STR_ARG(clock_duration(a, r->backoff_ms)));
    if (r->factor > 1)
        s = arena_printf(a, STR_FMT ", then %g times as long", STR_ARG(s),
                         r->factor);
    if (r->max_ms)
        s = arena_printf(a, STR_FMT ", at most " STR_FMT, STR_ARG(s),
                         STR_ARG(clock_duration(a, r->max_ms)));
    return s;
}

static struct str joined(struct arena *a, const struct str *items, size_t n)
{
    struct str s = {0};

    for (size_t i = 0; i < n; i++)
        s = arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(s), i ? ", " : "",
                         STR_ARG(items[i]));
    return s;
}

static void add_limits(struct arena *a, struct lines *l,
                       const struct graph_node *n)
{
    const struct graph_extra *x = n->extra;

    if (n->timeout_ms)
        add(a, l, LINE_LIMIT, STR("timeout"),
            clock_duration(a, n->timeout_ms));
    if (x->retry.limit)
        add(a, l, LINE_LIMIT, STR("retry"), retry_text(a, &x->retry));
    if (x->container.n)
        add(a, l, LINE_LIMIT, STR("container"), x->container);
    if (x->dir.kind != VALUE_NONE)
        add(a, l, LINE_LIMIT, STR("dir"), plan_show(a, &x->dir));
    if (x->n_locks)
        add(a, l, LINE_LIMIT, STR("lock"), joined(a, x->locks, x->n_locks));
    if (x->n_inputs)
        add(a, l, LINE_LIMIT, STR("inputs"),
            joined(a, x->inputs, x->n_inputs));
    if (x->n_outputs)
        add(a, l, LINE_LIMIT, STR("outputs"),
            joined(a, x->outputs, x->n_outputs));
    for (size_t i = 0; i < x->n_env; i++)
        add(a, l, LINE_LIMIT, STR("env"),
            arena_printf(a, STR_FMT "=" STR_FMT, STR_ARG(x->env[i].name),
                         STR_ARG(plan_show(a, &x->env[i].value))));
    if (n->optional)
        add(a, l, LINE_LIMIT, STR("optional"),
            STR("its failure does not fail the run"));
}

/* When the environment takes no deployment. */
static void add_freezes(struct arena *a, struct lines *l,
                        const struct value *environment)
{
    const struct value *all = value_get(environment, STR("freeze"));

    for (size_t i = 0; all && i < all->list.n; i++) {
        const struct value *f = &all->list.items[i];
        struct str zone = value_get_str(f, "zone", STR(""));

        add(a, l, LINE_LIMIT, STR("not from"),
            arena_printf(a, STR_FMT " to " STR_FMT "%s" STR_FMT,
                         STR_ARG(value_get_str(f, "from", STR("?"))),
                         STR_ARG(value_get_str(f, "until", STR("?"))),
                         zone.n ? ", " : "", STR_ARG(zone)));
    }
}

void plan_lines(struct arena *a, const struct graph_node *n,
                const struct value *environment, const struct str *words,
                size_t n_words, struct plan_stage *out)
{
    struct lines l = {0};

    if (environment)
        add_freezes(a, &l, environment);

    add_hooks(a, &l, n, true);
    for (size_t i = 0; i < n->n_commands; i++)
        add(a, &l, LINE_COMMAND, STR(""), plan_show(a, &n->commands[i].command));
    for (size_t i = 0; i < n_words; i++)
        add(a, &l, LINE_NOTE, STR(""), words[i]);
    add_hooks(a, &l, n, false);
    add_limits(a, &l, n);
    out->lines = l.items;
    out->n_lines = l.n;
}
