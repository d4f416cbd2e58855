#ifndef RUNTIME_KUSTOMIZE_RENDERED_STORE_H
#define RUNTIME_KUSTOMIZE_RENDERED_STORE_H

#include "runtime/kustomize/kustomize.h"

/* One rendering a file: its digest, what it looked at as JSON on one line, the
 * text. The name says which directory it is of and how it was asked for. */

enum {
    RENDERED_KEPT_MAX = 32, /* files in the folder; the oldest makes room */
    RENDERED_BYTES_MAX = 8 * 1024 * 1024,
};

enum look_kind { LOOK_KIND, LOOK_LINKS, LOOK_TEXT };

/* One question to the file system, and its answer. */
struct look {
    enum look_kind what;
    const char *path;
    enum vfs_kind kind;
    bool ok;
    struct str answer; /* where the links lead; the text's SHA-256 in hex */
};

struct rendering {
    struct str dir; /* links followed */
    struct str text;
    bool unrestricted, keep_order;
    struct warnings warnings;
    struct {
        struct look *items;
        size_t n, cap;
    } looks;
};

/* The SHA-256 in hex. */
struct str rendered_digest(struct arena *a, struct str text);
/* Fills in what was kept for r's directory and options. False where there is
 * nothing, where it is torn, or where others than the user could have written
 * it. Whether the looks still hold is for the caller to see. */
bool rendered_load(struct arena *a, const char *folder, struct rendering *r);
/* Best effort: what cannot be kept is not. Nothing with a Secret in it is. */
void rendered_save(const char *folder, const struct rendering *r);

#endif
