#ifndef RUNTIME_KUSTOMIZE_FIELDPATH_INTERNAL_H
#define RUNTIME_KUSTOMIZE_FIELDPATH_INTERNAL_H

#include "runtime/kustomize/fieldpath.h"

/* What fieldpath.c and fieldpath_match.c share: what a part of a path says. */

enum part_kind { PART_FIELD, PART_INDEX, PART_ELEMENT, PART_LAST, PART_EACH };

struct part {
    enum part_kind kind;
    int64_t index;
    struct str name, value; /* of [name=value] */
};

/* target: '-' is a field's name then, and '*' means each element. */
bool fieldpath_read_part(struct str s, bool target, struct part *out,
                         struct err *e);
/* Errors unless n is a list, or null; a map, or null. */
bool fieldpath_need_list(const struct ynode *n, struct str part,
                         struct err *e);
bool fieldpath_need_map(const struct ynode *n, struct str part, struct err *e);

#endif
