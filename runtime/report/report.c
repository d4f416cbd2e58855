#include "runtime/report/report.h"

#include "base/clock.h"
#include "base/die.h"
#include "runtime/report/part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct report *report_create(const struct report_options *options)
{
    struct report *r = calloc(1, sizeof(*r));

    if (!r)
        die_oom();
    r->options = *options;
    tty_measure(r);
    return r;
}

void report_flush(struct report *r)
{
    struct str rest = buf_str(&r->out);

    while (rest.n && !r->broken) {
        ssize_t n = write(r->options.fd, rest.s, rest.n);

        if (n < 0 && errno != EINTR)
            r->broken = true;
        if (n > 0)
            rest = str_skip(rest, (size_t)n);
    }
    buf_clear(&r->out);
}

void report_destroy(struct report *r)
{
    if (!r)
        return;
    report_flush(r);
    for (size_t i = 0; i < r->n_stages; i++)
        buf_free(&r->stages[i].text);
    free(r->stages);
    buf_free(&r->out);
    arena_free(&r->a);
    free(r);
}

/* A terminal that moves no cursor and has no colours. */
static bool is_dumb(void)
{
    const char *term = getenv("TERM");

    return !term || !strcmp(term, "dumb");
}

enum report_format report_detect(int fd)
{
    const char *github = getenv("GITHUB_ACTIONS");
    const char *gitlab = getenv("GITLAB_CI");

    if (github && !strcmp(github, "true"))
        return REPORT_GITHUB;
    if (gitlab && !strcmp(gitlab, "true"))
        return REPORT_GITLAB;
    return isatty(fd) && !is_dumb() ? REPORT_TTY : REPORT_PLAIN;
}

bool report_colour(int fd)
{
    const char *no = getenv("NO_COLOR");

    return (!no || !*no) && !is_dumb() && isatty(fd);
}

void report_tint(struct report *r, enum tint t, struct str text)
{
    static const char *const codes[] = {
        [TINT_NONE] = "", [TINT_BOLD] = "1", [TINT_DIM] = "2",
        [TINT_RED] = "31", [TINT_GREEN] = "32", [TINT_YELLOW] = "33",
        [TINT_BLUE] = "36",
    };

    if (r->options.colour && t)
        buf_addf(&r->out, "\033[%sm", codes[t]);
    buf_add(&r->out, text);
    if (r->options.colour && t)
        buf_adds(&r->out, "\033[0m");
}

void report_prefix(struct report *r, const struct event *v)
{
    if (v->node == EVENT_NO_NODE)
        return;
    report_tint(r, TINT_BLUE, v->graph->nodes[v->node].id);
    buf_adds(&r->out, " | ");
}

void report_safe(struct buf *out, struct str text)
{
    for (size_t i = 0, from = 0; i <= text.n; i++) {
        unsigned char c = i < text.n ? (unsigned char)text.s[i] : 0;
        bool bad = i < text.n && ((c < 0x20 && c != '\t' && c != '\n') ||
                                  c == 0x7f);

        if (!bad && i < text.n)
            continue;
        buf_add(out, str_sub(text, from, i - from));
        if (bad && c != '\r')
            buf_addc(out, '?');
        from = i + 1;
    }
}

/* What report_prefix() writes, for the time of one event. */
static struct str prefix_of(struct report *r, const struct event *v)
{
    size_t from = r->out.n;
    struct str text;

    report_prefix(r, v);
    text = arena_dup(&r->a, str_skip(buf_str(&r->out), from));
    r->out.n = from;
    return text;
}

void report_lines(struct report *r, const struct event *v)
{
    struct stage_view *s = &r->stages[v->node];
    struct str prefix = prefix_of(r, v);

    for (struct str rest = v->log.text; rest.n;) {
        size_t n = str_find(rest, '\n');
        bool ended = n < rest.n;

        if (!s->open)
            buf_add(&r->out, prefix);
        n += ended;
        buf_add(&r->out, (struct str){rest.s, n});
        s->open = !ended;
        rest = (struct str){rest.s + n, rest.n - n};
        if (r->out.n >= FLUSH_BYTES)
            report_flush(r);
    }
}

/* A line that was left open ends before something else is said. */
static void close_line(struct report *r, const struct event *v)
{
    if (v->node == EVENT_NO_NODE || !r->stages[v->node].open)
        return;
    buf_addc(&r->out, '\n');
    r->stages[v->node].open = false;
}

static void begin(struct report *r, const struct event *v)
{
    r->graph = v->graph;
    r->n_stages = v->graph->n_nodes;
    r->stages = calloc(r->n_stages + 1, sizeof(*r->stages));
    if (!r->stages)
        die_oom();
}

static void on_event(void *ctx, const struct event *v)
{
    struct report *r = ctx;

    if (!r->stages)
        begin(r, v);
    if (v->kind == EVENT_STAGE_STARTED)
        r->stages[v->node].started_ms = clock_monotonic_ms();
    if (v->kind != EVENT_STAGE_LOG && r->options.format == REPORT_PLAIN)
        close_line(r, v);
    switch (r->options.format) {
    case REPORT_JSON:
        event_json(&r->out, v, &r->seq);
        break;
    case REPORT_TTY:
        tty_event(r, v);
        break;
    case REPORT_GITHUB:
    case REPORT_GITLAB:
        ci_event(r, v);
        break;
    case REPORT_PLAIN:
        if (v->kind != EVENT_STAGE_LOG)
            report_event(r, v);
        else if (!r->options.quiet)
            report_lines(r, v);
        break;
    }
    if (v->kind == EVENT_STAGE_FINISHED) {
        r->stages[v->node].started_ms = 0;
        buf_free(&r->stages[v->node].text);
    }
    arena_free(&r->a);
    if (r->out.n >= FLUSH_BYTES || v->kind == EVENT_RUN_FINISHED)
        report_flush(r);
}

void report_typed(struct report *r, size_t lines)
{
    if (r->drawn)
        r->typed += lines;
}

static void on_tick(void *ctx, int64_t now_ms)
{
    struct report *r = ctx;

    if (r->options.format == REPORT_TTY && r->stages)
        tty_tick(r, now_ms);
    report_flush(r);
}

struct event_sink report_sink(struct report *r)
{
    return (struct event_sink){
        .on_event = on_event, .on_tick = on_tick,
        .tick_ms = r->options.format == REPORT_TTY ? 2 * FLUSH_MS : FLUSH_MS,
        .ctx = r,
    };
}
