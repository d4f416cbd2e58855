#include "runtime/kustomize/warn.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_MAX = 512 }; /* bytes of one warning, its place aside */

void warn_add(struct warnings *w, const struct ynode *at, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;

    if (!w)
        return;
    if (w->n >= WARNINGS_MAX) {
        w->more++;
        return;
    }
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    struct str where = at ? ynode_where(w->a, at) : (struct str){0};

    arena_push(w->a, w,
               arena_printf(w->a, STR_FMT "%s%s", STR_ARG(where),
                            where.n ? ": " : "", text));
}
