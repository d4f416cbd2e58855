#include "base/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

void page_populate(char *from, size_t n)
{
    size_t gap = (size_t)-(uintptr_t)from % PAGE;

    if (n >= gap + PAGE)
        madvise(from + gap, (n - gap) / PAGE * PAGE, MADV_POPULATE_WRITE);
}

void page_warm_heap(size_t n)
{
    char *p = malloc(n);

    if (p)
        page_populate(p, n);
    free(p);
}
