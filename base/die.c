#include "base/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void die_bug(const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "pipec: bug at %s:%d: ", file, line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

_Noreturn void die_oom(void)
{
    fputs("pipec: out of memory\n", stderr);
    exit(4);
}
