#include "base/near.h"

/* Of a short word nearly everything is two edits away; of a letter, one. */
enum { LETTER = 1, SHORT = 5, EDITS_MAX = 2 };

void near_consider(struct near *near, struct str candidate)
{
    size_t limit = near->word.n <= LETTER ? 0
                 : near->word.n <= SHORT ? 1 : EDITS_MAX;

    if (near->best.n && near->distance == 0)
        return;
    if (near->best.n)
        limit = near->distance - 1;
    size_t distance = str_distance(near->word, candidate, limit);

    if (distance > limit)
        return;
    near->best = candidate;
    near->distance = distance;
}
