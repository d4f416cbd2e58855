#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include "base/str.h"

/* "Did you mean": consider all that could stand there, then look at best,
 * which is empty unless something is near enough: an edit away, or two where
 * the word is long.
 *     struct near near = {.word = name};
 *     for each candidate: near_consider(&near, candidate);
 *     if (near.best.n) ... "did you mean '%s'?"                            */
struct near {
    struct str word, best; /* best is borrowed from its candidate */
    size_t distance;       /* of best */
};

void near_consider(struct near *near, struct str candidate);

#endif
