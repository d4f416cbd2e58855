#ifndef RUNTIME_YAML_YKEY_H
#define RUNTIME_YAML_YKEY_H

#include "base/arena.h"
#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* The natural order of map keys in written YAML, after go-yaml v2: at the
 * first difference a non-letter is before a letter, runs of digits compare as
 * numbers, a prefix sorts first. */
int ykey_compare(struct str a, struct str b);

/* Puts the map's pairs in that order into out, which has room for them all.
 * False (ERR_INPUT): a key twice, a key that is no string (top: scalars of any
 * kind pass there). */
bool ykey_sort(const struct ynode *map, bool top, const struct ypair **out,
               struct err *e);
/* Likewise by the bytes of the keys, for JSON. */
bool ykey_sort_bytes(const struct ynode *map, bool top,
                     const struct ypair **out, struct err *e);

/* Makes every key below n a string as on the way from YAML 1.1 to JSON: y is
 * "true", 0x10 is "16", 1.50 is "1.5". False (ERR_INPUT): a null. */
bool ykey_spell(struct arena *a, struct ynode *n, struct err *e);

#endif
