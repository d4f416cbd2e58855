#include "runtime/store/query.h"

#include "base/die.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0600, DIR_MODE = 0700 };

static const char *const schema[] = {
#define TABLE(sql) sql,
#include "runtime/store/schema.def"
#undef TABLE
};

static bool run_sql(struct store *s, const char *sql, struct err *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           query_fail(s, e);
}

static bool read_version(struct store *s, int *version, struct err *e)
{
    sqlite3_stmt *st = NULL;
    bool ok = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st,
                                 NULL) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_ROW;

    *version = ok ? sqlite3_column_int(st, 0) : 0;
    if (!ok)
        query_fail(s, e);
    sqlite3_finalize(st);
    return ok;
}

static bool make_tables(struct store *s, struct err *e)
{
    int version;

    /* Another process may be doing the same. */
    if (!run_sql(s, "BEGIN EXCLUSIVE", e) || !read_version(s, &version, e))
        return false;
    for (size_t i = 0; !version && i < sizeof schema / sizeof *schema; i++)
        if (!run_sql(s, schema[i], e))
            return err_wrap(e, "it was not made by pipec, or is damaged");
    return run_sql(s, "PRAGMA user_version = 1", e) && run_sql(s, "COMMIT", e);
}

_Static_assert(STORE_VERSION == 1, "make_tables() writes the version");

static bool prepare_tables(struct store *s, struct err *e)
{
    int version;

    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
    if (!read_version(s, &version, e))
        return false;
    if (version > STORE_VERSION)
        return err_set(e, ERR_IO, "store '%s': written by a newer pipec "
                       "(version %d, this one knows %d)", s->dir, version,
                       STORE_VERSION);
    /* There is nothing to lose yet. */
    if (!version && (!run_sql(s, "PRAGMA synchronous = OFF", e) ||
                     !run_sql(s, "PRAGMA journal_mode = WAL", e) ||
                     !make_tables(s, e)))
        return false;
    /* The log of writes stays when we close: no wait for the disk then. */
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return run_sql(s, "PRAGMA synchronous = NORMAL", e);
}

/* What is in the folder is of this machine alone: keep it out of Git. */
static bool make_dir(const char *dir, struct err *e)
{
    struct arena a = {0};
    struct str ignore = file_join(&a, str_of(dir), STR(".gitignore"));
    struct stat st;
    bool ok = file_mkdirs(dir, DIR_MODE, e) &&
              (!stat(dir, &st) || err_errno(e, "the folder")) &&
              (S_ISDIR(st.st_mode) || err_set(e, ERR_IO, "it is no folder")) &&
              (!access(ignore.s, F_OK) ||
               file_write(ignore.s, STR("*\n"), FILE_MODE, e));

    arena_free(&a);
    return ok;
}

static bool open_file(struct store *s, enum store_mode mode, struct err *e)
{
    struct arena a = {0};
    struct str path = file_join(&a, str_of(s->dir), STR("state.db"));
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                (mode == STORE_WRITE ? SQLITE_OPEN_CREATE : 0);
    bool ok = true;

    if (mode == STORE_READ && access(path.s, F_OK))
        ok = err_set(e, ERR_USAGE, "nothing has run here yet: no '%s'",
                     path.s);
    else if (sqlite3_open_v2(path.s, &s->db, flags, NULL) != SQLITE_OK)
        ok = query_fail(s, e);
    arena_free(&a);
    return ok;
}

struct store *store_open(const char *dir, enum store_mode mode, struct err *e)
{
    struct store *s;

    if (mode == STORE_WRITE && !make_dir(dir, e)) {
        err_wrap(e, "store '%s'", dir);
        return NULL;
    }
    s = calloc(1, sizeof *s);
    if (!s || !(s->dir = strdup(dir)))
        die_oom();
    s->lock_fd = -1;
    if (open_file(s, mode, e) && prepare_tables(s, e))
        return s;
    store_close(s);
    return NULL;
}

void store_close(struct store *s)
{
    struct err ignored = {0};

    if (!s)
        return;
    if (s->db)
        store_flush(s, &ignored);
    for (size_t i = 0; i < QUERY_COUNT; i++)
        sqlite3_finalize(s->prepared[i]);
    sqlite3_close(s->db);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s->dir);
    free(s);
}

const char *store_dir(const struct store *s)
{
    return s->dir;
}

void store_limit_pages(struct store *s, int64_t pages)
{
    char sql[64];

    sqlite3_snprintf(sizeof sql, sql, "PRAGMA max_page_count = %lld",
                     (long long)pages);
    sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

bool store_dirty(const struct store *s)
{
    return s->open_tx;
}

bool store_failed(const struct store *s, struct err *e)
{
    if (s->failed)
        *e = s->failure;
    return s->failed;
}

bool store_flush(struct store *s, struct err *e)
{
    if (s->open_tx && !s->failed)
        s->failed = !query_exec(s, QUERY_COMMIT, &s->failure, "");
    if (s->failed && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->open_tx = false;
    if (s->failed)
        *e = s->failure;
    return !s->failed;
}

struct str store_log_path(struct arena *a, const struct store *s, int64_t run,
                          uint32_t node, int attempt)
{
    return arena_printf(a, "%s/logs/%lld/%u.%d.log", s->dir, (long long)run,
                        node, attempt);
}
