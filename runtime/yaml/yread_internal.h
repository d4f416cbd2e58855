#ifndef RUNTIME_YAML_YREAD_INTERNAL_H
#define RUNTIME_YAML_YREAD_INTERNAL_H

#include "base/map.h"
#include "runtime/yaml/yread.h"

#include <yaml.h>

/* Shared by the parts of the reader only. */

struct reader {
    struct arena *a;
    const struct yread_options *o;
    struct err *e;
    struct str text;
    yaml_parser_t parser;
    struct map anchors; /* name -> ynode */
    /* Pairs of the maps that are being read, the innermost's last: a map gets
     * its own once it is known how many they are. */
    struct {
        struct ypair *items;
        size_t n, cap;
    } open;
    size_t nodes, nodes_max;
    size_t written, copied;
    size_t depth;
    uint32_t line; /* added to the parser's, which count from 0 */
    bool slashes;  /* the text has a backslash somewhere */
    struct yread_odd *odd;   /* NULL: nobody asks for them */
    size_t at_char, at_byte; /* a place in the text known both ways */
};

/* yread_first(), which adds to odd where it is not NULL. */
bool reader_first(struct arena *a, struct str text,
                  const struct yread_options *o, struct yread_odd *odd,
                  struct ynode **out, struct err *e);
/* Says what is wrong at a place of the text; false. */
bool reader_fail(struct reader *r, yaml_mark_t at, const char *what);
/* A counted node at the event's place. */
bool reader_make(struct reader *r, const yaml_event_t *ev,
                 enum ynode_kind kind, struct ynode **out);
/* A copy of what an alias or merge key stands for, counted. */
bool reader_copy(struct reader *r, yaml_mark_t at, const struct ynode *n,
                 struct ynode **out);
void reader_anchor(struct reader *r, const yaml_char_t *anchor,
                   struct ynode *n);
bool reader_scalar(struct reader *r, yaml_event_t *ev, struct ynode **out);
/* A key into the caller's own node; all but scalars are errors. */
bool reader_key(struct reader *r, yaml_event_t *ev, struct ynode *key);
bool reader_alias(struct reader *r, yaml_event_t *ev, struct ynode **out);

#endif
