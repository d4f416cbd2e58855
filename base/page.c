#include "base/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    PAGE = 4096,
    LARGE = 128 * 1024,
    HUGE = 2 * 1024 * 1024,
};

void page_populate(char *from, size_t n)
{
    size_t gap = (size_t)-(uintptr_t)from % PAGE;

    if (n >= gap + PAGE)
        madvise(from + gap, (n - gap) / PAGE * PAGE, MADV_POPULATE_WRITE);
}

void *page_table(size_t n)
{
    char *p;

    if (n < HUGE) {
        p = malloc(n);
        if (p && n >= LARGE)
            page_populate(p, n);
        return p;
    }
    if (n > SIZE_MAX - HUGE)
        return NULL;
    n = (n + HUGE - 1) / HUGE * HUGE;
    p = aligned_alloc(HUGE, n);
    if (p) {
        madvise(p, n, MADV_HUGEPAGE);
        page_populate(p, n);
    }
    return p;
}

void page_warm_heap(size_t n)
{
    char *p = malloc(n);

    if (p)
        page_populate(p, n);
    free(p);
}
