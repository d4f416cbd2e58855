/* pipec report: a page about a run. */
#include "base/file.h"
#include "cli/command.h"
#include "cli/option.h"
#include "cli/report_page.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOG_SHOWN = 64 * 1024 };

/* The end of a log file, from the begin of a line on. */
static struct str log_end(struct arena *a, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct str text = {0}, rest;
    struct err e = {0};

    if (fd < 0)
        return text;
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > LOG_SHOWN ? size - LOG_SHOWN : 0;

    lseek(fd, from, SEEK_SET);
    if (file_read_fd(a, fd, 2 * LOG_SHOWN, &text, &e) && from)
        str_cut(text, '\n', &rest), text = rest;
    close(fd);
    return text;
}

static bool failed(const struct store_attempt *t)
{
    return t->attempt > 0 && t->result.n &&
           !str_eq(t->result, STR("passed")) &&
           !str_eq(t->result, STR("cached")) &&
           !str_eq(t->result, STR("skipped")) &&
           !str_eq(t->result, STR("cancelled"));
}

static bool gather(struct arena *a, struct store *s, int64_t id,
                   struct page_run *p, struct err *e)
{
    struct str json;
    struct err none = {0};

    if (!store_get_run(a, s, id, &p->run, e))
        return false;
    id = p->run.id;
    if (!store_list_attempts(a, s, id, &p->attempts, &p->n_attempts, e) ||
        !store_list_events(a, s, id, 0, STR(""), &p->events, &p->n_events,
                           e) ||
        !store_list_measurements(a, s, id, &p->measurements,
                                 &p->n_measurements, e) ||
        !store_list_effects(a, s, id, STR(""), &p->effects, &p->n_effects, e))
        return false;
    if (!store_get_plan(a, s, p->run.plan, &json, &none) ||
        !graph_load(a, json, &p->graph, &none))
        p->graph = (struct graph){0};
    for (size_t i = 0; i < p->n_attempts && !p->log_of.n; i++) {
        const struct store_attempt *t = &p->attempts[i];

        if (!failed(t) || t->optional)
            continue;
        p->log_of = t->id;
        p->log = log_end(a, store_log_path(a, s, id, t->node, t->attempt).s);
    }
    return true;
}

static bool report(struct arena *a, const char *state, int64_t id,
                   const char *path, struct err *e)
{
    struct store *s = store_open(state, STORE_READ, e);
    struct page_run p = {0};
    struct buf out = {0};

    if (!s)
        return false;
    bool ok = gather(a, s, id, &p, e);

    store_close(s);
    if (!ok)
        return false;
    page_html(a, &out, &p);
    ok = strcmp(path, "-") ? file_write(path, buf_str(&out), 0644, e)
                           : file_write_fd(STDOUT_FILENO, buf_str(&out), e);
    buf_free(&out);
    return ok;
}

command_fn command_report;

int command_report(int argc, char **argv)
{
    static const struct option_usage usage = {
        "report", "[RUN]", 1,
        "Writes one self-contained page about a run, the latest one unless "
        "said:\nwhen each stage ran, the rollouts' weights and measurements, "
        "what was done to\nthe outside world, the log of the stage that "
        "failed.\n",
    };
    const char *state = ".pipec", *html = "-";
    const struct option options[] = {
        {'o', "html", OPTION_TEXT, &html, "FILE", "where to; '-' or without: "
         "standard output"},
        {0, "state", OPTION_TEXT, &state, "DIR", "the store (.pipec)"},
        {0},
    };
    int code = option_parse(&usage, options, &argc, argv);
    struct arena a = {0};
    struct err e = {0};
    int64_t id = 0;

    if (code >= 0)
        return code;
    if (argc > 1 && (!str_int(str_of(argv[1]), &id) || id <= 0)) {
        fprintf(stderr, "pipec report: '%s' is not a run's number; 'pipec "
                        "history' lists them\n", argv[1]);
        return EXIT_INPUT;
    }
    bool ok = report(&a, state, id, html, &e);

    if (!ok)
        fprintf(stderr, "pipec report: %s\n", e.msg);
    arena_free(&a);
    return ok ? EXIT_DONE : e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
}
