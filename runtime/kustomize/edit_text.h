#ifndef RUNTIME_KUSTOMIZE_EDIT_TEXT_H
#define RUNTIME_KUSTOMIZE_EDIT_TEXT_H

#include "base/arena.h"
#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* A YAML text and its tree, changed together: each change replaces some lines
 * and reads the text again. Nodes are good until the next change. */

enum { EDIT_BYTES_MAX = 4 * 1024 * 1024, EDIT_LINES_MAX = 200 * 1000 };

struct edit {
    struct arena *a;
    struct str text;
    struct ynode *root; /* a map */
    struct str *lines;  /* without their newlines */
    size_t n;
    struct err *e;
};

bool edit_open(struct edit *x, struct arena *a, struct str text,
               struct err *e);
/* Sets a field of a map that begins at the column of its first field; the map
 * lies before line 'bound' (from 0, exclusive). */
bool edit_set(struct edit *x, struct ynode *map, size_t bound, struct str key,
              struct str value);
/* Takes out a field of a map with all its lines. */
bool edit_remove(struct edit *x, struct ynode *map, size_t bound,
                 struct str key);
/* Adds an element, written in these lines ("a: b\nc: d"), to the list at a
 * top-level field, which is made where it is missing. */
bool edit_append(struct edit *x, struct str field, struct str element);
bool edit_remove_item(struct edit *x, struct str field, size_t i);
/* Adds a top-level field with these lines below it. */
bool edit_add_field(struct edit *x, struct str field, struct str below);
/* The list or map at a top-level field, first written as a block if brackets
 * are anywhere in it. NULL where there is none; *bound is its end. */
bool edit_block(struct edit *x, struct str field, struct ynode **out,
                size_t *bound);
/* The line after element i of a block list that ends at bound. */
size_t edit_item_bound(const struct ynode *list, size_t i, size_t bound);
/* The same for field i of a map. */
size_t edit_pair_bound(const struct ynode *map, size_t i, size_t bound);
/* The field's index, or the number of fields where there is none. */
size_t edit_find(const struct ynode *map, struct str key);
/* One past the last line that is neither blank nor a comment between first
 * and bound; hashes in block scalars below n are text. */
size_t edit_content_end(const struct edit *x, size_t first, size_t bound,
                        const struct ynode *n);
/* Lines [first, first + count) become the text, which ends in a newline or is
 * empty. */
bool edit_splice(struct edit *x, size_t first, size_t count,
                 struct str text);
/* The text as a YAML 1.1 scalar, quoted where needed. */
struct str edit_quote(struct arena *a, struct str text);

#endif
