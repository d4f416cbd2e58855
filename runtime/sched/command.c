#include "runtime/sched/part.h"

#include "base/clock.h"
#include "base/die.h"
#include "runtime/proc/container.h"

#include <string.h>

enum { SHOWN_BYTES_MAX = 60 }; /* of a command in a message */

/* The steps of the part that the attempt is in: of its `hook`-th hook, or its
 * commands. NULL where there is none any more. */
static const struct graph_step *step_at(struct attempt *a)
{
    static const enum graph_hook_phase phases[] = {
        [PART_BEFORE] = HOOK_BEFORE, [PART_AFTER] = HOOK_AFTER,
        [PART_ALWAYS] = HOOK_ALWAYS};
    const struct graph_node *n = a->node;
    enum graph_hook_phase want;

    if (a->part == PART_MAIN)
        return a->step < n->n_commands ? &n->commands[a->step] : NULL;
    want = a->part == PART_OUTCOME ? a->failed ? HOOK_FAILURE : HOOK_SUCCESS
                                   : phases[a->part];
    for (; a->hook < n->extra->n_hooks; a->hook++, a->step = 0)
        if (n->extra->hooks[a->hook].phase == want &&
            a->step < n->extra->hooks[a->hook].n)
            return &n->extra->hooks[a->hook].steps[a->step];
    return NULL;
}

static void enter(struct attempt *a, enum part part)
{
    a->part = part;
    a->hook = a->step = 0;
}

/* Whether this part is left out: what failed goes on with the hooks for that,
 * and those speak once, of the last attempt. */
static bool left_out(const struct attempt *a)
{
    switch (a->part) {
    case PART_BEFORE:
    case PART_MAIN:
    case PART_AFTER:
        return a->failed || a->cancelled;
    case PART_OUTCOME:
        return a->cancelled || (a->failed && !attempt_is_last(a));
    case PART_ALWAYS:
    case PART_END:
        return false;
    }
    BUG("part %d", (int)a->part);
}

static void on_hook_limit(void *ctx)
{
    struct attempt *a = ctx;

    a->timer = NULL;
    if (a->proc)
        proc_stop(a->proc);
}

static void on_end(void *ctx, const struct proc_end *end)
{
    struct attempt *a = ctx;
    bool ok = !end->code && !end->sig && !end->timed_out;

    a->proc = NULL;
    a->cpu_ms += end->cpu_ms;
    if (end->rss_kib > a->rss_kib)
        a->rss_kib = end->rss_kib;
    if (a->part <= PART_AFTER) {
        a->code = end->code;
        a->sig = end->sig;
        if (!ok || a->timed_out)
            command_note_end(a, end);
    } else if (!ok && !a->killed) {
        tell_log(a, EVENT_WARN, STR("a hook failed\n"));
    }
    if (a->cancelled || a->timed_out) {
        /* What is left are hooks, with a limit of their own. */
        loop_cancel(a->timer);
        a->timer = loop_after(a->s->loop, SCHED_HOOK_MS, on_hook_limit, a);
    }
    a->step++;
    command_next(a);
}

void command_note_end(struct attempt *a, const struct proc_end *end)
{
    if (a->timed_out) {
        struct str limit = clock_duration(&a->arena, a->node->timeout_ms);

        attempt_fail(a, "timed out after " STR_FMT, STR_ARG(limit));
    } else if (a->cancelled) {
        attempt_fail(a, STR_FMT, STR_ARG(a->reason));
    } else if (end->sig) {
        attempt_fail(a, "'%s' was killed by signal %d (%s)", a->command_text,
                     end->sig, sigabbrev_np(end->sig));
    } else {
        attempt_fail(a, "'%s' ended with exit code %d", a->command_text,
                     end->code);
    }
}

void command_output(void *ctx, struct str bytes)
{
    struct attempt *a = ctx;
    struct err e = {0};

    if (!capture_feed(a->capture, bytes, &e) && !a->s->failure.kind)
        a->s->failure = e;
}

/* The first line of a command, short, for people. */
static const char *show(struct attempt *a, struct str text)
{
    struct str rest;
    struct str line = str_trim(str_cut(str_trim(text), '\n', &rest));
    bool cut = rest.n || line.n > SHOWN_BYTES_MAX;

    line = tell_mask_str(&a->arena, a->s->mask, line);
    line = str_sub(line, 0, SHOWN_BYTES_MAX);
    while (line.n && !str_utf8(str_skip(line, line.n - 1)) && cut)
        line.n--;
    return arena_printf(&a->arena, STR_FMT "%s", STR_ARG(line),
                        cut ? "..." : "").s;
}

static const char **words(struct attempt *a, const struct value *list,
                          struct err *e)
{
    size_t n = list->list.n;
    const char **argv = arena_array(&a->arena, const char *, n + 1);
    struct buf all = {0};

    for (size_t i = 0; i < n; i++) {
        struct str word;

        if (!value_text(&a->arena, &list->list.items[i], &word)) {
            err_set(e, ERR_INPUT, "word %zu of a command has no text", i + 1);
            buf_free(&all);
            return NULL;
        }
        argv[i] = arena_dup(&a->arena, word).s;
        buf_addf(&all, "%s%s", i ? " " : "", argv[i]);
    }
    a->command_text = show(a, buf_str(&all));
    buf_free(&all);
    return argv;
}

static bool fill(struct attempt *a, const struct graph_step *step,
                 struct proc_spec *spec, struct err *e)
{
    struct value v;

    if (step->kind != STEP_COMMAND)
        return err_set(e, ERR_INPUT, "a step in Lua outside a worker");
    if (!resolve_value(a, &step->command, &v, e))
        return false;
    if (v.kind == VALUE_LIST) {
        spec->argv = words(a, &v, e);
        return spec->argv != NULL;
    }

    struct str text;

    if (!value_text(&a->arena, &v, &text))
        return err_set(e, ERR_INPUT, "a command has no text");
    spec->shell = arena_dup(&a->arena, text).s;
    a->command_text = show(a, text);
    return true;
}

/* Makes the spec one that runs the same inside a->container. */
static bool contain(struct attempt *a, struct proc_spec *spec, struct err *e)
{
    const char *shell[] = {"sh", "-eu", "-c", spec->shell, NULL};
    const char *folders[] = {a->s->spec.pipeline_dir, NULL};
    const char **names = arena_array(&a->arena, const char *,
                                     a->node->extra->n_env + 1);
    struct container box = {.image = a->container, .folders = folders,
                            .dir = a->dir, .names = names, .envp = a->envp};

    for (size_t i = 0; i < a->node->extra->n_env; i++)
        names[i] = arena_dup(&a->arena, a->node->extra->env[i].name).s;
    spec->argv = container_argv(&a->arena, &box,
                                spec->shell ? shell : spec->argv, e);
    spec->shell = NULL;
    return spec->argv != NULL;
}

static bool start(struct attempt *a, const struct graph_step *step,
                  struct err *e)
{
    struct proc_spec spec = {
        .envp = a->envp,
        .dir = a->dir,
        .on_output = command_output,
        .on_end = on_end,
        .ctx = a,
    };

    if (!fill(a, step, &spec, e) ||
        (a->container && !contain(a, &spec, e)))
        return false;
    a->proc = proc_start(a->s->host, &spec, e);
    return a->proc != NULL;
}

void command_next(struct attempt *a)
{
    while (a->part != PART_END && !a->killed) {
        const struct graph_step *step = left_out(a) ? NULL : step_at(a);
        struct err e = {0};

        if (!step) {
            enter(a, a->part + 1);
            continue;
        }
        if (start(a, step, &e))
            return;
        if (a->part <= PART_AFTER) {
            a->code = 127;
            attempt_fail(a, "%s", e.msg);
        } else {
            tell_log(a, EVENT_WARN,
                     arena_printf(&a->arena, "a hook failed: %s\n", e.msg));
        }
        a->step++;
    }
    attempt_end(a);
}
