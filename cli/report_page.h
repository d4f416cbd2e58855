#ifndef CLI_REPORT_PAGE_H
#define CLI_REPORT_PAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "cli/stored.h"
#include "graph/expr.h"

#include <stddef.h>

/* The last lines of a failed stage that a page and a test report repeat. */
enum { PAGE_LOG_BYTES = 64 * 1024, PAGE_TAIL_BYTES = 4 * 1024 };

/* What the store knows of one run, for reports about it. */
struct page_run {
    struct stored_record x;
    const struct store *store; /* for logs */
    struct str log;      /* the end of the failed stage's log */
    struct str log_of;   /* its id; empty: none failed */
};

bool page_gather(struct arena *a, struct store *s, const char *run,
                 struct page_run *p, struct err *e);

/* The whole page: timeline, rollouts with weights and measurements, what was
 * done to the outside world, the log of the stage that failed. */
void page_html(struct arena *a, struct buf *out, const struct page_run *p);

/* As JUnit XML: a test case per stage, with its time; a failed one has why and
 * its last lines, one that did not run has the reason; one that failed and is
 * optional counts as skipped, for it fails nothing. */
bool page_junit(struct arena *a, struct buf *out, const struct page_run *p,
                struct err *e);
/* As SARIF 2.1.0: the findings of all scans, one run per tool, also of a tool
 * that found nothing; and a run of pipec itself, whose invocation tells which
 * stages failed. Each result has a place in the repository, for services that
 * want one: the stage's, where the tool gives none. */
void page_sarif(struct arena *a, struct buf *out, const struct page_run *p);
/* report.html, junit.xml and results.sarif in the folder, which is made; each
 * is there whole or not at all. */
bool page_write_all(struct arena *a, struct store *s, int64_t run,
                    const char *dir, struct err *e);

/* The part about rollouts (report_rollout.c). */
void page_rollouts(struct arena *a, struct buf *out, const struct page_run *p);

/* Adds the numbers that a condition compares `result` with, for charts. */
void page_thresholds(const struct expr *x, double *out, size_t max, size_t *n);

#endif
