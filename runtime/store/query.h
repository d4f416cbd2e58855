#ifndef RUNTIME_STORE_QUERY_H
#define RUNTIME_STORE_QUERY_H

#include "runtime/store/store.h"

#include <sqlite3.h>

/* The inside of the store, for the files of this folder. Every SQL text is in
 * query.def; nothing is ever pasted into one. */
enum query {
#define QUERY(name, sql) QUERY_##name,
#include "runtime/store/query.def"
#undef QUERY
    QUERY_COUNT,
};

struct store {
    sqlite3 *db;
    char *dir;
    sqlite3_stmt *prepared[QUERY_COUNT];
    bool open_tx;        /* something waits for store_flush() */
    bool failed;
    struct err failure;  /* the first */
    int lock_fd;         /* of the run that is ours; -1 */
    int64_t seen_version; /* of the data, when steering was last looked at */
    bool steers_seen;
};

/* Fills e from the database's last error; returns false. */
bool query_fail(struct store *s, struct err *e);
/* Binds by format: i int64_t, s struct str. Runs it to its end. */
bool query_exec(struct store *s, enum query q, struct err *e, const char *fmt,
                ...);
/* As query_exec(), inside the transaction that store_flush() commits; the
 * first failure is kept. */
void query_gather(struct store *s, enum query q, const char *fmt, ...);
/* Begins a query; then query_row() until false, which resets it. */
sqlite3_stmt *query_open(struct store *s, enum query q, struct err *e,
                         const char *fmt, ...);
/* False at the end, and where e says so. */
bool query_row(struct store *s, sqlite3_stmt *st, struct err *e);
struct str query_str(struct arena *a, sqlite3_stmt *st, int column);
/* The one-row, one-text queries: empty where there is no row. */
bool query_text(struct arena *a, struct store *s, struct str *out,
                struct err *e, enum query q, const char *fmt, ...);

/* Runs the rest of a list function's query: READ fills `row` from st. */
#define READ_ROWS(T, READ)                                                  \
    do {                                                                    \
        struct err failure = {0};                                           \
        struct {                                                            \
            T *items;                                                       \
            size_t n, cap;                                                  \
        } v = {0};                                                          \
        if (!st)                                                            \
            return false;                                                   \
        while (query_row(s, st, &failure)) {                                \
            T row;                                                          \
            READ(a, st, &row);                                              \
            arena_push(a, &v, row);                                         \
        }                                                                   \
        *out = v.items;                                                     \
        *n = v.n;                                                           \
        if (failure.kind)                                                   \
            *e = failure;                                                   \
        return !failure.kind;                                               \
    } while (0)

#endif
