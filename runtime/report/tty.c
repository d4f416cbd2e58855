/* The live view: what has ended scrolls up and stays; below it stand the
 * stages that run, how long, and the last lines each has printed. */
#include "base/clock.h"
#include "runtime/report/part.h"

#include <sys/ioctl.h>

enum { LINE_KEPT = 512, LINES_KEPT = 3, WIDTH_ELSE = 80, HEIGHT_ELSE = 24 };

void tty_measure(struct report *r)
{
    struct winsize size;
    bool known = ioctl(r->options.fd, TIOCGWINSZ, &size) == 0;

    r->width = known && size.ws_col ? size.ws_col : WIDTH_ELSE;
    r->height = known && size.ws_row ? size.ws_row : HEIGHT_ELSE;
}

/* The cursor stands where the view begins, and stays with its line when the
 * window changes: all below it goes, however the lines have been broken since.
 * Not from the first column on, for what is cleared from the corner of the
 * screen some terminals keep among the lines that scrolled away. */
static void erase(struct report *r)
{
    if (r->typed)
        buf_addf(&r->out, "\033[%zuA", r->typed);
    if (r->drawn)
        buf_adds(&r->out, "\r \033[J\r");
    r->drawn = r->typed = 0;
}

/* Text cut to the columns that are left; each code point counts as one. */
static size_t add_cut(struct report *r, struct str text, size_t columns)
{
    size_t used = 0;

    for (; text.n && used < columns; used++) {
        size_t n = str_utf8(text);

        if (n)
            buf_add(&r->out, str_sub(text, 0, n));
        else
            buf_addc(&r->out, '?');
        text = str_skip(text, n ? n : 1);
    }
    return used;
}

static void add_dim(struct report *r, struct str text, size_t columns)
{
    if (r->options.colour)
        buf_adds(&r->out, "\033[2m");
    add_cut(r, text, columns);
    if (r->options.colour)
        buf_adds(&r->out, "\033[0m");
}

static void end_line(struct report *r)
{
    buf_addc(&r->out, '\n');
    r->drawn++;
}

/* The last n of the lines that are kept. */
static struct str last_lines(const struct stage_view *s, size_t n)
{
    struct str all = buf_str(&s->text);
    size_t i = all.n;

    while (i > 0 && (all.s[i - 1] != '\n' || --n > 0))
        i--;
    return str_skip(all, i);
}

/* One line, or with `below` > 0 so many more of what it printed. */
static void draw_stage(struct report *r, const struct graph_node *n,
                       const struct stage_view *s, size_t below, int64_t now_ms)
{
    struct str took = clock_duration(&r->a, (now_ms - s->started_ms) / 1000 *
                                            1000);
    struct str rest = last_lines(s, below ? below : 1);
    size_t room = r->width > took.n + 4 ? r->width - took.n - 4 : 1;
    size_t used = took.n + 4;

    report_tint(r, TINT_BLUE, STR("> "));
    if (r->options.colour)
        buf_adds(&r->out, "\033[1m");
    used += add_cut(r, n->id, room);
    if (r->options.colour)
        buf_adds(&r->out, "\033[0m");
    buf_addf(&r->out, "  " STR_FMT, STR_ARG(took));
    if (!below && rest.n && used + 2 < r->width) {
        buf_adds(&r->out, "  ");
        add_dim(r, rest, r->width - used - 2);
    }
    end_line(r);
    while (below && rest.n) {
        struct str line = str_cut(rest, '\n', &rest);

        buf_adds(&r->out, "    ");
        add_dim(r, line, r->width > 4 ? r->width - 4 : 1);
        end_line(r);
    }
}

static void draw_stages(struct report *r, size_t rows, size_t below,
                        int64_t now_ms)
{
    size_t more = 0;

    for (size_t i = 0; i < r->n_stages; i++) {
        if (!r->stages[i].started_ms)
            continue;
        if (r->drawn < rows)
            draw_stage(r, &r->graph->nodes[i], &r->stages[i], below, now_ms);
        else
            more++;
    }
    if (more) {
        struct str text = arena_printf(&r->a, "  and %zu more", more);

        add_cut(r, text, r->width);
        end_line(r);
    }
}

/* Lines do not wrap while it is drawn: the window may be narrower by now than
 * we have heard. */
static void draw(struct report *r, int64_t now_ms)
{
    size_t running = 0, below = 0;

    tty_measure(r);
    size_t rows = r->height > VIEW_ROWS_MAX ? VIEW_ROWS_MAX
                  : r->height > 2           ? r->height - 2
                                            : 1;

    for (size_t i = 0; i < r->n_stages; i++)
        running += r->stages[i].started_ms != 0;
    if (!running)
        return;
    if (rows / running > 1)
        below = rows / running - 1 < LINES_KEPT ? rows / running - 1
                                                : LINES_KEPT;
    buf_adds(&r->out, "\033[?7l");
    draw_stages(r, rows, below, now_ms);
    buf_addf(&r->out, "\033[?7h\r\033[%zuA", r->drawn);
}

/* Keeps the last lines that are not blank. */
static void keep_last_lines(struct report *r, const struct event *v)
{
    struct stage_view *s = &r->stages[v->node];

    for (struct str rest = v->log.text; rest.n;) {
        struct str line = str_trim(str_cut(rest, '\n', &rest));
        struct str old;

        if (line.n == 0)
            continue;
        old = arena_dup(&r->a, last_lines(s, LINES_KEPT - 1));
        buf_clear(&s->text);
        buf_add(&s->text, old);
        if (old.n)
            buf_addc(&s->text, '\n');
        report_safe(&s->text, str_sub(line, 0, LINE_KEPT));
    }
}

void tty_event(struct report *r, const struct event *v)
{
    bool own = v->kind == EVENT_STAGE_LOG && v->log.stream >= EVENT_INFO;

    if (v->kind == EVENT_STAGE_LOG && !own) {
        keep_last_lines(r, v);
        return;
    }
    if (v->kind == EVENT_STAGE_STARTED)
        return;
    erase(r);
    if (v->kind == EVENT_STAGE_FINISHED) {
        r->stages[v->node].started_ms = 0;
        buf_clear(&r->stages[v->node].text);
    }
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
