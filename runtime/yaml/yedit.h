#ifndef RUNTIME_YAML_YEDIT_H
#define RUNTIME_YAML_YEDIT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

/* A step into a document: a map's key, or with an empty name a place in a
 * list, from 0. */
struct yedit_key {
    struct str name;
    size_t index;
};

/* Replaces one scalar in the text of YAML documents, numbered from 0, and
 * touches nothing else: comments, order, quotes and blank lines stay. A scalar
 * in quotes keeps them. The value may hold letters, digits, '.', '_', '+' and
 * '-' only, so that it is one scalar wherever it stands. The new text is in the
 * arena. ERR_INPUT where the path leads to no scalar, or to one that is an
 * alias, has an anchor or a tag, or is written over several lines. */
bool yedit_scalar(struct arena *a, struct str text, size_t document,
                  const struct yedit_key *path, size_t n, struct str value,
                  struct str *out, struct err *e);

#endif
