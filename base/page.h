#ifndef BASE_PAGE_H
#define BASE_PAGE_H

#include <stddef.h>

/* Memory mapped ahead of its use: a page fault on first touch can cost twenty
 * times the same page mapped with many others. All of it is advice, and what
 * the kernel does not know or grant is left out. */

/* The whole pages from 'from' on, n bytes, which are about to be written. */
void page_populate(char *from, size_t n);
/* Heap memory, populated where it is large, in huge pages where it is larger:
 * for tables that are walked all over. Given back by free(). NULL: no memory. */
void *page_table(size_t n);
/* So many bytes of the heap, for what allocates as much in small pieces. */
void page_warm_heap(size_t n);

#endif
