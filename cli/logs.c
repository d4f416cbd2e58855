/* pipec logs: what the stages of a run printed. */
#include "cli/command.h"

#include "base/file.h"
#include "cli/option.h"
#include "cli/stored.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

command_fn command_logs;

enum { COPY_BYTES = 64 * 1024, FOLLOW_US = 200 * 1000 };

/* Copies what the file has beyond *from. An absent file is an empty one. */
static bool copy(const char *path, int64_t *from, struct err *e)
{
    char chunk[COPY_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = true;
    ssize_t n;

    if (fd < 0)
        return errno == ENOENT || err_errno(e, "'%s'", path);
    while (ok && (n = pread(fd, chunk, sizeof chunk, *from)) > 0) {
        ok = file_write_fd(STDOUT_FILENO, (struct str){chunk, (size_t)n}, e);
        *from += n;
    }
    close(fd);
    return ok;
}

struct wanted {
    const char *stage; /* NULL: all */
    int attempt;       /* 0: the last of each */
    bool follow, raw, headed;
};

static bool meant(const struct wanted *w, const struct stored_stage *t)
{
    struct str stage = w->stage ? str_of(w->stage) : (struct str){0};

    return t->last && t->last->attempt > 0 &&
           (!w->stage || str_eq(t->last->id, stage) ||
            (t->node && str_eq(t->node->name, stage)));
}

static bool print_one(struct store *s, const struct stored_run *r,
                      const struct stored_stage *t, const struct wanted *w,
                      struct err *e)
{
    struct arena a = {0};
    int attempt = w->attempt ? w->attempt : t->last->attempt;
    struct str path = store_log_path(&a, s, r->run.id, t->last->node, attempt);
    int64_t at = 0;

    if (w->headed && (!w->follow || !access(path.s, F_OK))) {
        printf("==> %s\n", t->last->id.s);
        fflush(stdout);
    }

    bool ok = copy(path.s, &at, e);

    while (ok && w->follow && r->alive && !t->last->ended &&
           store_run_alive(s, r->run.id)) {
        usleep(FOLLOW_US);
        ok = copy(path.s, &at, e);
    }
    arena_free(&a);
    return ok && (!w->follow || copy(path.s, &at, e));
}

static bool print(struct arena *a, struct store *s, const char *run,
                  struct wanted *w, struct err *e)
{
    struct stored_run r;
    size_t n = 0;

    if (!stored_run(a, s, run, &r, e))
        return false;
    for (size_t i = 0; i < r.n_stages; i++)
        n += meant(w, &r.stages[i]);
    if (!n && w->stage)
        return err_set(e, ERR_USAGE, "run %lld has no output of a stage '%s'",
                       (long long)r.run.id, w->stage);
    w->headed = n > 1 && !w->raw;
    for (size_t i = 0; i < r.n_stages; i++)
        if (meant(w, &r.stages[i]) && !print_one(s, &r, &r.stages[i], w, e))
            return false;
    return true;
}

/* "logs unit" means a stage of the latest run, "logs 7" a run. */
static void split(int argc, char **argv, const char **run, const char **stage)
{
    int64_t number;

    for (int i = 1; i < argc; i++)
        if (!*run && !*stage && str_int(str_of(argv[i]), &number))
            *run = argv[i];
        else
            *stage = argv[i];
}

int command_logs(int argc, char **argv)
{
    const char *state = NULL, *run = NULL;
    struct wanted w = {0};
    const struct option table[] = {
        {'f', "follow", OPTION_FLAG, &w.follow, NULL, "go on as it grows"},
        {0, "raw", OPTION_FLAG, &w.raw, NULL, "the bytes alone, without "
         "headings"},
        {0, "attempt", OPTION_NUMBER, &w.attempt, "N", "not the last one"},
        {0, "state", OPTION_TEXT, &state, "DIR", "where runs are remembered"},
        {0},
    };
    const struct option_usage usage = {
        "logs", "[RUN] [STAGE]", 2,
        "Prints what the stages of a run printed, or one stage of it; of the\n"
        "latest run without a number.\n"};
    struct arena a = {0};
    struct err e = {0};
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    split(argc, argv, &run, &w.stage);

    struct store *s = stored_open(&a, state, &e);
    bool ok = s && print(&a, s, run, &w, &e);

    if (!ok)
        fprintf(stderr, "pipec logs: %s\n", e.msg);
    store_close(s);
    arena_free(&a);
    return ok ? EXIT_DONE : e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
}
