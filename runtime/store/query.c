#include "runtime/store/query.h"

#include "base/die.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

static const char *const texts[] = {
#define QUERY(name, sql) sql,
#include "runtime/store/query.def"
#undef QUERY
};

bool query_fail(struct store *s, struct err *e)
{
    int code = s->db ? sqlite3_errcode(s->db) : SQLITE_NOMEM;
    int system = s->db ? sqlite3_system_errno(s->db) : 0;

    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return err_set(e, ERR_IO, "store '%s': locked by another process for "
                       "more than %d s", s->dir, STORE_BUSY_MS / 1000);
    if (code == SQLITE_FULL || system == ENOSPC || system == EDQUOT)
        return err_set(e, ERR_IO, "store '%s': the disk is full", s->dir);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return err_set(e, ERR_IO, "store '%s': state.db is damaged (%s)",
                       s->dir, sqlite3_errmsg(s->db));
    if (code == SQLITE_IOERR && system)
        return err_set(e, ERR_IO, "store '%s': %s", s->dir, strerror(system));
    return err_set(e, ERR_IO, "store '%s': %s", s->dir,
                   s->db ? sqlite3_errmsg(s->db) : "no memory");
}

static sqlite3_stmt *prepare(struct store *s, enum query q)
{
    if (!s->prepared[q])
        sqlite3_prepare_v3(s->db, texts[q], -1, SQLITE_PREPARE_PERSISTENT,
                           &s->prepared[q], NULL);
    return s->prepared[q];
}

static void bind(sqlite3_stmt *st, const char *fmt, va_list args)
{
    for (int i = 1; *fmt; fmt++, i++) {
        if (*fmt == 'i') {
            sqlite3_bind_int64(st, i, va_arg(args, int64_t));
        } else if (*fmt == 's') {
            struct str s = va_arg(args, struct str);

            sqlite3_bind_text64(st, i, s.s ? s.s : "", s.n, SQLITE_STATIC,
                                SQLITE_UTF8);
        } else {
            BUG("query format '%c'", *fmt);
        }
    }
}

static bool finish(struct store *s, sqlite3_stmt *st, struct err *e)
{
    int rc;

    while ((rc = sqlite3_step(st)) == SQLITE_ROW)
        ;

    bool ok = rc == SQLITE_DONE || query_fail(s, e);

    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return ok;
}

bool query_exec(struct store *s, enum query q, struct err *e, const char *fmt,
                ...)
{
    sqlite3_stmt *st = prepare(s, q);
    va_list args;

    if (!st)
        return query_fail(s, e);
    va_start(args, fmt);
    bind(st, fmt, args);
    va_end(args);
    return finish(s, st, e);
}

void query_gather(struct store *s, enum query q, const char *fmt, ...)
{
    sqlite3_stmt *st;
    va_list args;

    if (s->failed)
        return;
    if (!s->open_tx)
        s->failed = !query_exec(s, QUERY_BEGIN, &s->failure, "");
    if (s->failed)
        return;
    s->open_tx = true;
    st = prepare(s, q);
    if (!st) {
        s->failed = !query_fail(s, &s->failure);
        return;
    }
    va_start(args, fmt);
    bind(st, fmt, args);
    va_end(args);
    s->failed = !finish(s, st, &s->failure);
}

sqlite3_stmt *query_open(struct store *s, enum query q, struct err *e,
                         const char *fmt, ...)
{
    sqlite3_stmt *st = prepare(s, q);
    va_list args;

    if (!st) {
        query_fail(s, e);
        return NULL;
    }
    va_start(args, fmt);
    bind(st, fmt, args);
    va_end(args);
    return st;
}

bool query_row(struct store *s, sqlite3_stmt *st, struct err *e)
{
    int rc = sqlite3_step(st);

    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        query_fail(s, e);
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return false;
}

struct str query_str(struct arena *a, sqlite3_stmt *st, int column)
{
    const char *text = (const char *)sqlite3_column_text(st, column);
    size_t n = (size_t)sqlite3_column_bytes(st, column);

    return text ? arena_dup(a, (struct str){text, n}) : STR("");
}

bool query_text(struct arena *a, struct store *s, struct str *out,
                struct err *e, enum query q, const char *fmt, ...)
{
    sqlite3_stmt *st = prepare(s, q);
    struct err failure = {0};
    va_list args;

    *out = STR("");
    if (!st)
        return query_fail(s, e);
    va_start(args, fmt);
    bind(st, fmt, args);
    va_end(args);
    while (query_row(s, st, &failure))
        *out = query_str(a, st, 0);
    if (failure.kind)
        *e = failure;
    return !failure.kind;
}
