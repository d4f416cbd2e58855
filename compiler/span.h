#ifndef COMPILER_SPAN_H
#define COMPILER_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* A run of source bytes, [start, end). Offsets count through all files of a
 * compile: each file of a source map has its own range (source.h), so that a
 * span names its file too. {0, 0} is "nowhere": no file begins at 0. */
struct span {
    uint32_t start, end;
};

static inline bool span_some(struct span s)
{
    return s.end != 0;
}

/* From the start of a to the end of b. */
static inline struct span span_join(struct span a, struct span b)
{
    return (struct span){a.start, b.end};
}

#endif
