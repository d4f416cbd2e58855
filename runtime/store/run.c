#include "runtime/store/query.h"

#include "base/clock.h"
#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

enum { FILE_MODE = 0600, DIR_MODE = 0700 };

static int open_lock(struct arena *a, const struct store *s, int64_t run,
                     int flags)
{
    struct str path = arena_printf(a, "%s/logs/%lld/lock", s->dir,
                                   (long long)run);

    return open(path.s, flags | O_CLOEXEC, FILE_MODE);
}

/* A lock of the open file: it ends with the process, however that ends. */
static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static bool lock_run(struct store *s, int64_t run, struct err *e)
{
    struct arena a = {0};
    struct str dir = arena_printf(&a, "%s/logs/%lld", s->dir, (long long)run);
    struct flock lock = whole_file();
    bool ok = file_mkdirs(dir.s, DIR_MODE, e);

    if (ok) {
        s->lock_fd = open_lock(&a, s, run, O_RDWR | O_CREAT);
        if (s->lock_fd < 0)
            ok = err_errno(e, "lock in '%s'", dir.s);
        else if (fcntl(s->lock_fd, F_OFD_SETLK, &lock))
            ok = err_set(e, ERR_USAGE, "run %lld is still running",
                         (long long)run);
    }
    arena_free(&a);
    return ok;
}

bool store_run_alive(const struct store *s, int64_t run)
{
    struct arena a = {0};
    struct flock lock = whole_file();
    int fd = open_lock(&a, s, run, O_RDWR);
    bool alive = fd >= 0 && !fcntl(fd, F_OFD_GETLK, &lock) &&
                 lock.l_type != F_UNLCK;

    if (fd >= 0)
        close(fd);
    arena_free(&a);
    return alive;
}

int64_t store_begin(struct store *s, const struct store_run *r,
                    struct str plan_json, struct err *e)
{
    query_gather(s, QUERY_PUT_PLAN, "ss", r->plan, plan_json);
    query_gather(s, QUERY_PUT_RUN, "ssssssssii", r->pipeline, r->file,
                 r->dir, r->plan, r->git, r->options, STR(""), STR(""),
                 r->started, r->stages);

    int64_t id = sqlite3_last_insert_rowid(s->db);

    if (!store_flush(s, e) || !lock_run(s, id, e))
        return 0;
    return id;
}

bool store_adopt(struct store *s, int64_t run, struct err *e)
{
    if (!lock_run(s, run, e))
        return false;
    query_gather(s, QUERY_ADOPT_RUN, "i", run);
    return store_flush(s, e);
}

void store_end(struct store *s, const struct store_run *r)
{
    query_gather(s, QUERY_END_RUN, "ssiiiiii", r->result, r->cause, r->ended,
                 (int64_t)r->code, r->passed, r->failed, r->skipped, r->id);
}

static void read_run(struct arena *a, sqlite3_stmt *st, struct store_run *r)
{
    *r = (struct store_run){
        .id = sqlite3_column_int64(st, 0),
        .pipeline = query_str(a, st, 1),
        .file = query_str(a, st, 2),
        .dir = query_str(a, st, 3),
        .plan = query_str(a, st, 4),
        .git = query_str(a, st, 5),
        .options = query_str(a, st, 6),
        .result = query_str(a, st, 7),
        .cause = query_str(a, st, 8),
        .started = sqlite3_column_int64(st, 9),
        .ended = sqlite3_column_int64(st, 10),
        .code = sqlite3_column_int(st, 11),
        .stages = sqlite3_column_int64(st, 12),
        .passed = sqlite3_column_int64(st, 13),
        .failed = sqlite3_column_int64(st, 14),
        .skipped = sqlite3_column_int64(st, 15),
    };
}

bool store_get_run(struct arena *a, struct store *s, int64_t id,
                   struct store_run *out, struct err *e)
{
    struct err failure = {0};
    sqlite3_stmt *st = query_open(s, QUERY_GET_RUN, e, "ii", id, id);
    bool found = false;

    if (!st)
        return false;
    while (query_row(s, st, &failure)) {
        read_run(a, st, out);
        found = true;
    }
    if (failure.kind) {
        *e = failure;
        return false;
    }
    if (!found && id)
        return err_set(e, ERR_USAGE, "no run %lld", (long long)id);
    return found || err_set(e, ERR_USAGE, "nothing has run here yet");
}

bool store_list_runs(struct arena *a, struct store *s, size_t max,
                     struct store_run **out, size_t *n, struct err *e)
{
    struct err failure = {0};
    struct {
        struct store_run *items;
        size_t n, cap;
    } v = {0};
    sqlite3_stmt *st = query_open(s, QUERY_LIST_RUNS, e, "i", (int64_t)max);

    if (!st)
        return false;
    while (query_row(s, st, &failure)) {
        struct store_run r;

        read_run(a, st, &r);
        arena_push(a, &v, r);
    }
    *out = v.items;
    *n = v.n;
    if (failure.kind)
        *e = failure;
    return !failure.kind;
}

bool store_get_plan(struct arena *a, struct store *s, struct str digest,
                    struct str *json, struct err *e)
{
    if (!query_text(a, s, json, e, QUERY_GET_PLAN, "s", digest))
        return false;
    return json->n || err_set(e, ERR_IO, "plan '" STR_FMT "' is not stored",
                              STR_ARG(digest));
}
