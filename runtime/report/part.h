#ifndef RUNTIME_REPORT_PART_H
#define RUNTIME_REPORT_PART_H

#include "base/buf.h"
#include "runtime/report/report.h"

/* Shared by the sinks. */

enum {
    FLUSH_MS = 50,              /* text waits no longer than this */
    FLUSH_BYTES = 64 * 1024,    /* nor grows larger */
    KEPT_BYTES = 1024 * 1024,   /* of one stage's output, for its group */
    VIEW_ROWS_MAX = 12,         /* of the live view */
};

struct stage_view {
    int64_t started_ms; /* monotonic; 0: not running */
    struct buf text;    /* groups: all of it; tty: its last lines */
    bool open;          /* the last line has not ended */
};

struct report {
    struct report_options options;
    struct buf out;
    const struct graph *graph;
    struct stage_view *stages; /* by node */
    size_t n_stages;
    int64_t seq;       /* json: events written */
    size_t typed;      /* tty: lines, since the view was drawn */
    size_t drawn;      /* tty: lines of the live view on the screen */
    size_t width, height;              /* tty: columns and rows, now */
    bool broken;       /* the reader went away */
    struct arena a;    /* of one event */
};

enum tint { TINT_NONE, TINT_BOLD, TINT_DIM, TINT_RED, TINT_GREEN, TINT_YELLOW,
            TINT_BLUE };

/* Text in a colour, or as it is. */
void report_tint(struct report *r, enum tint t, struct str text);
void report_flush(struct report *r);
/* "[unit] ", in a colour of its own. */
void report_prefix(struct report *r, const struct event *v);
/* The lines of a log event, each with the prefix. */
void report_lines(struct report *r, const struct event *v);
/* Everything but stage logs, as plain lines. */
void report_event(struct report *r, const struct event *v);
/* The end of a run: what failed, its last lines, the counts. */
void report_summary(struct report *r, const struct event *v);
/* A terminal's control characters become '?': a child must not drive it. */
void report_safe(struct buf *out, struct str text);

/* The live view. */
void tty_measure(struct report *r);
void tty_event(struct report *r, const struct event *v);
void tty_tick(struct report *r, int64_t now_ms);
/* Groups and annotations. */
void ci_event(struct report *r, const struct event *v);

#endif
