#ifndef RUNTIME_REPORT_REPORT_H
#define RUNTIME_REPORT_REPORT_H

#include "base/arena.h"
#include "runtime/sched/event.h"

#include <stdbool.h>
#include <stddef.h>

/* What people and programs see of a run while it lasts: sinks for its events.
 * Each writes to one descriptor, gathers what it writes, and is silent about a
 * reader that went away. */
enum report_format {
    REPORT_TTY,    /* a live view below the lines that stay */
    REPORT_PLAIN,  /* one prefixed line after the other */
    REPORT_JSON,   /* one event a line (docs/internals/events.md) */
    REPORT_GITHUB, /* plain, in groups, with annotations */
    REPORT_GITLAB, /* plain, in collapsible sections */
};

struct report_options {
    enum report_format format;
    int fd;
    bool colour;
    bool quiet; /* not what the stages print, unless they fail */
    bool asks;  /* somebody can answer 'y' or 'n' where this is shown */
};

struct report;

struct report *report_create(const struct report_options *options);
/* Writes what is left. */
void report_destroy(struct report *r);
struct event_sink report_sink(struct report *r);
/* So many lines were typed on the terminal, which has shown them. */
void report_typed(struct report *r, size_t lines);

/* The format that fits: GitHub's and GitLab's by their environment variables,
 * a terminal where fd is one, else plain. */
enum report_format report_detect(int fd);
/* False where NO_COLOR is set or fd is no terminal that knows colours. */
bool report_colour(int fd);

/* One line that says what a named event (EVENT_OTHER) means, empty where it is
 * nothing for people: "weight 10%", "success-rate 0.811: failed, below 0.99". */
struct str report_describe(struct arena *a, const struct event *v);
/* "12 passed, 1 failed, 1 failed but optional, 3 skipped" */
struct str report_counts(struct arena *a, const struct event *finished);

#endif
