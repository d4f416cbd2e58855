#ifndef COMPILER_BODY_H
#define COMPILER_BODY_H

#include "compiler/check.h"

/* Statements against a schema: what was given for each argument and field of a
 * body, checked and turned into the values of a config. */

struct slot {
    bool set;
    struct span at; /* where it was given first */
    struct value v;
    struct slot_list *list; /* of repeated ones; NULL: none yet */
};

struct slot_list {
    struct slot_item { struct value v; struct span at; } *items;
    size_t n, cap;
    struct slot_item first; /* most often the only one */
};

struct body {
    const struct schema_body *schema;
    struct slot *args, *fields, *families; /* one each, in schema's order */
    struct slot steps;                     /* of a sequence */
    struct slot *chunk;                    /* where the slots are, */
    size_t mark;                           /* and where they begin */
    size_t lists;                          /* open before this body */
};

void body_open(struct check *c, struct body *b,
               const struct schema_body *schema);
/* Gives the slots back, for the next body: last opened, first closed. What was
 * taken from them stays. */
void body_close(struct check *c, const struct body *b);
/* Positional arguments of n from the first-th on. */
void body_positionals(struct check *c, struct scope *s, struct body *b,
                      const struct ast_node *n, size_t first);
/* key=value. False: the schema has no such field or argument. */
bool body_named(struct check *c, struct scope *s, struct body *b,
                const struct ast_named *n);
/* A statement in the block. False: the schema has none of that name. */
bool body_statement(struct check *c, struct scope *s, struct body *b,
                    const struct ast_node *n);
/* Reports what is required and was not given, and what does not go together,
 * under the name of owner. */
void body_missing(struct check *c, const struct body *b,
                  const struct ast_node *owner);
/* The config: a map of all that was given and of the defaults. is, where not
 * empty, goes before it as "is". The field `without` is left out. */
struct value body_value(struct check *c, const struct body *b, struct str is,
                        struct str without);
/* All of the above for a statement that has a body of its own. */
struct value body_check(struct check *c, struct scope *s,
                        const struct ast_node *n, size_t first,
                        const struct schema_body *schema, struct str is);
/* One more of a repeated one. */
void body_push(struct check *c, struct slot *slot, struct value v,
               struct span at);
/* A field's slot, NULL where the schema has no such field. */
struct slot *body_slot(const struct body *b, struct str name);
/* What a field was given, NULL where it was not. */
const struct value *body_get(const struct body *b, const char *name);

/* Reports a value that is known and outside its bounds. Where r is NULL, times
 * and sizes may not be negative and all else may be what it likes. */
void limits_value(struct check *c, const struct schema_range *r,
                  const struct value *v, struct span at, struct str what);
/* The part of body_missing() that looks at several at once. */
void limits_body(struct check *c, const struct body *b,
                 const struct ast_node *owner);

enum { LABEL_ROOM = 128 };
/* 'name', or 'name' of 'owner' where owner is not empty: for messages that are
 * seldom needed. In room, or in the arena where that is too small. */
struct str body_label(struct check *c, char room[LABEL_ROOM], struct str name,
                      struct str owner);
/* The names that could stand in a block. */
void body_near(struct check *c, const struct schema_body *schema,
               struct near *near);
/* A block whose statements may use lets declared in it. */
struct scope *body_scope(struct check *c, struct scope *s,
                         const struct ast_block *b);
/* Reports the statement as unknown where owner is the enclosing one. */
void body_report_unknown(struct check *c, const struct ast_node *n,
                         struct str owner, const struct near *near);

/* ---- field.c ---- */
/* The value of a statement `name ...` for a field, into its slot. */
void field_statement(struct check *c, struct scope *s,
                     const struct schema_field *f, struct slot *slot,
                     const struct ast_node *n);
void field_named(struct check *c, struct scope *s,
                 const struct schema_field *f, struct slot *slot,
                 const struct ast_named *n);
/* Notes that a slot is given here; false where it was and may not again. */
bool field_claim(struct check *c, struct slot *slot, struct str name,
                 bool repeat, struct span at);

#endif
