#include "runtime/kustomize/warn.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_MAX = 512 }; /* bytes of one warning, its place aside */

static bool told(const struct warnings *w, struct str s)
{
    for (size_t i = w->n; i > 0; i--)
        if (str_eq(w->items[i - 1], s))
            return true;
    return false;
}

void warn_add(struct warnings *w, const struct ynode *at, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;

    struct str whole;

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

    whole = arena_printf(w->a, STR_FMT "%s%s", STR_ARG(where),
                         where.n ? ": " : "", text);
    if (!told(w, whole))
        arena_push(w->a, w, whole);
}
