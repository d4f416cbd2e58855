#ifndef RUNTIME_PROC_CAPTURE_H
#define RUNTIME_PROC_CAPTURE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "runtime/proc/mask.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a stage's output goes: secrets masked, then appended to its log file,
 * cut in lines for whoever shows them, and its end kept in memory. Bounded:
 * what has no newline is passed on in pieces. */
struct capture;

enum {
    CAPTURE_LINE_MAX = 16 * 1024, /* bytes of a piece without a newline */
    CAPTURE_TAIL_MAX = 16 * 1024, /* of the output's end, in memory */
};

/* Whole lines, each with its '\n'; or, where `partial`, a piece of a line
 * that is long or that ended the output. Borrowed for the call. */
typedef void capture_lines_fn(void *ctx, struct str lines, bool partial);

/* The mask is borrowed and may get secrets later. The file is made when the
 * first byte comes; an existing one is appended to. path is copied; NULL: no
 * file. */
struct capture *capture_create(const struct mask *m, const char *path,
                               capture_lines_fn *fn, void *ctx);
/* False where the file cannot be written (a full disk); what was got is passed
 * on nonetheless, and the next piece tries again. */
bool capture_feed(struct capture *c, struct str bytes, struct err *e);
/* A line of our own, '\n' at its end and masked already: into the log file and
 * the tail, not to the lines' function. */
bool capture_note(struct capture *c, struct str line, struct err *e);
/* No more comes from this source: lets go of what was held back. More may be
 * fed afterwards (the stage's next command). */
bool capture_flush(struct capture *c, struct err *e);
/* The last bytes, from the beginning of a line where possible. */
struct str capture_tail(struct arena *a, const struct capture *c);
/* Bytes written to the log so far, this capture's. */
int64_t capture_bytes(const struct capture *c);
/* Flush it first. NULL is fine. */
void capture_destroy(struct capture *c);

#endif
