/* The live view: what has ended scrolls up and stays; below it stand the
 * stages that run, how long, and the last line each has printed. */
#include "base/clock.h"
#include "runtime/report/part.h"

#include <inttypes.h>

enum { LINE_KEPT = 512, VIEW_ROWS_MAX = 12 };

static void erase(struct report *r)
{
    if (r->drawn)
        buf_addf(&r->out, "\r\033[%zuA\033[J", r->drawn);
    r->drawn = 0;
}

/* Text cut to the columns that are left; each code point counts as one. */
static void add_cut(struct report *r, struct str text, size_t columns)
{
    while (text.n && columns) {
        size_t n = str_utf8(text);

        if (n)
            buf_add(&r->out, str_sub(text, 0, n));
        else
            buf_addc(&r->out, '?');
        text = str_skip(text, n ? n : 1);
        columns--;
    }
}

static void draw_stage(struct report *r, const struct graph_node *n,
                       const struct stage_view *s, int64_t now_ms)
{
    struct str took = clock_duration(&r->a, (now_ms - s->started_ms) / 1000 *
                                            1000);
    size_t used = n->id.n + took.n + 6;

    report_tint(r, TINT_BLUE, STR("> "));
    report_tint(r, TINT_BOLD, n->id);
    buf_addf(&r->out, "  " STR_FMT, STR_ARG(took));
    if (s->text.n && used < r->width) {
        if (r->options.colour)
            buf_adds(&r->out, "\033[2m");
        buf_adds(&r->out, "  ");
        add_cut(r, buf_str(&s->text), r->width - used);
        if (r->options.colour)
            buf_adds(&r->out, "\033[0m");
    }
    buf_addc(&r->out, '\n');
    r->drawn++;
}

static void draw(struct report *r, int64_t now_ms)
{
    const struct graph *g = r->graph;
    size_t more = 0;

    for (size_t i = 0; i < r->n_stages; i++) {
        if (!r->stages[i].started_ms)
            continue;
        if (r->drawn < VIEW_ROWS_MAX)
            draw_stage(r, &g->nodes[i], &r->stages[i], now_ms);
        else
            more++;
    }
    if (more) {
        buf_addf(&r->out, "  and %zu more\n", more);
        r->drawn++;
    }
}

/* Keeps the last line that is not blank. */
static void keep_last_line(struct report *r, const struct event *v)
{
    struct stage_view *s = &r->stages[v->node];

    for (struct str rest = v->log.text; rest.n;) {
        struct str line = str_trim(str_cut(rest, '\n', &rest));

        if (line.n == 0)
            continue;
        buf_clear(&s->text);
        report_safe(&s->text, str_sub(line, 0, LINE_KEPT));
    }
}

void tty_event(struct report *r, const struct event *v)
{
    bool own = v->kind == EVENT_STAGE_LOG && v->log.stream >= EVENT_INFO;

    if (v->kind == EVENT_STAGE_LOG && !own) {
        keep_last_line(r, v);
        return;
    }
    if (v->kind == EVENT_STAGE_STARTED)
        return;
    erase(r);
    if (v->kind == EVENT_STAGE_FINISHED)
        r->stages[v->node].started_ms = 0;
    if (own) /* what pipec itself has to say stays */
        report_lines(r, v);
    report_event(r, v);
    if (v->kind != EVENT_RUN_FINISHED && r->out.n < FLUSH_BYTES)
        draw(r, clock_monotonic_ms());
}

void tty_tick(struct report *r, int64_t now_ms)
{
    erase(r);
    draw(r, now_ms);
    arena_free(&r->a);
}
