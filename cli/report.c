/* pipec report: what there is to say about a run, as files. */
#include "base/file.h"
#include "cli/command.h"
#include "cli/option.h"
#include "cli/report_page.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One format, and the file it goes to; NULL: not asked for. */
struct target {
    const char *html, *junit, *sarif;
};

static bool put(const char *path, struct buf *text, struct err *e)
{
    bool ok = strcmp(path, "-") ? file_write(path, buf_str(text), 0644, e)
                                : file_write_fd(STDOUT_FILENO, buf_str(text),
                                                e);

    buf_free(text);
    return ok;
}

static bool write_to(struct arena *a, const struct page_run *p,
                     const struct target *to, struct err *e)
{
    struct buf b = {0};

    if (to->html) {
        page_html(a, &b, p);
        if (!put(to->html, &b, e))
            return false;
    }
    if (to->junit && (!page_junit(a, &b, p, e) || !put(to->junit, &b, e)))
        return false;
    if (!to->sarif)
        return true;
    page_sarif(a, &b, p);
    return put(to->sarif, &b, e);
}

bool page_gather(struct arena *a, struct store *s, const char *run,
                 struct page_run *p, struct err *e)
{
    *p = (struct page_run){.store = s};
    if (!stored_record(a, s, run, &p->x, e))
        return false;
    for (size_t i = 0; i < p->x.r.n_attempts && !p->log_of.n; i++) {
        const struct store_attempt *t = &p->x.r.attempts[i];

        if (!stored_failed(t) || t->optional)
            continue;
        p->log_of = t->id;
        p->log = stored_log_end(a, s, t, PAGE_LOG_BYTES);
    }
    return true;
}

bool page_write_all(struct arena *a, struct store *s, int64_t run,
                    const char *dir, struct err *e)
{
    struct str folder = str_of(dir);
    struct page_run p;
    const struct target to = {
        .html = file_join(a, folder, STR("report.html")).s,
        .junit = file_join(a, folder, STR("junit.xml")).s,
        .sarif = file_join(a, folder, STR("results.sarif")).s,
    };

    return page_gather(a, s, arena_printf(a, "%lld", (long long)run).s, &p,
                       e) &&
           file_mkdirs(dir, 0755, e) && write_to(a, &p, &to, e);
}

static bool report(struct arena *a, const char *state, const char *run,
                   const struct target *to, struct err *e)
{
    struct store *s = stored_open(a, state, e);
    struct page_run p;
    bool ok = s && page_gather(a, s, run, &p, e) && write_to(a, &p, to, e);

    store_close(s);
    return ok;
}

command_fn command_report;

int command_report(int argc, char **argv)
{
    static const struct option_usage usage = {
        "report", "[RUN]", 1,
        "Writes what there is to say about a run, the latest one unless said, "
        "as one\nself-contained page (when each stage ran, the rollouts' "
        "weights and measurements,\nwhat was done to the outside world, the "
        "log of the stage that failed), as JUnit\nXML (a test case per stage) "
        "or as SARIF (what the scans found). FILE '-' is\nstandard output; "
        "without any option the page goes there.\n",
    };
    const char *state = NULL;
    struct target to = {0};
    const struct option options[] = {
        {'o', "html", OPTION_TEXT, &to.html, "FILE", "the page"},
        {0, "junit", OPTION_TEXT, &to.junit, "FILE", "the stages as test "
         "cases"},
        {0, "sarif", OPTION_TEXT, &to.sarif, "FILE", "the scans' findings"},
        {0, "state", OPTION_TEXT, &state, "DIR", "where runs are remembered"},
        {0},
    };
    int code = option_parse(&usage, options, &argc, argv);
    struct arena a = {0};
    struct err e = {0};

    if (code >= 0)
        return code;
    if (!to.html && !to.junit && !to.sarif)
        to.html = "-";
    bool ok = report(&a, state, argc > 1 ? argv[1] : NULL, &to, &e);

    if (!ok)
        fprintf(stderr, "pipec report: %s\n", e.msg);
    arena_free(&a);
    return ok ? EXIT_DONE : e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
}
