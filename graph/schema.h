#ifndef GRAPH_SCHEMA_H
#define GRAPH_SCHEMA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "graph/type.h"
#include "graph/value.h"

#include <stdbool.h>
#include <stddef.h>

/* What a catalogue entry (a kind, router, provider, scanner, report) and each
 * statement inside it takes. Made from the JSON of docs/internals/schema.md;
 * the compiler is handed these and knows no kind by name. */

/* The bounds of a number, in the unit of a config (milliseconds, bytes,
 * percents); of a text's bytes; of how many a list or map holds. */
struct schema_range {
    double min, max;
};

struct schema_arg {
    struct str name;
    const struct type *type;
    const struct schema_range *range; /* NULL: any */
    struct str doc;
    bool optional;        /* may be left out; also where it has a default */
    bool rest;            /* takes all further positionals, as a list */
    const struct value *dflt;
};

struct schema_field;

/* Of these fields and families one has to be given: one at least, or just
 * one. */
struct schema_choice {
    struct str *names;
    size_t n;
    bool one;
};

/* The inside of an entry or of a structured statement. */
struct schema_body {
    struct schema_arg *args;
    size_t n_args;
    struct schema_field *fields; /* sorted by name */
    size_t n_fields;
    struct str *families;        /* entries of these are statements here too;
                                    collected in a list under the family's name */
    size_t n_families;
    struct schema_choice *choices;
    size_t n_choices;
    bool sequence;               /* block statements keep their order, in a
                                    list under "steps", each with "is": name */
    bool hook;                   /* the block holds hook steps: run, lua, and
                                    stages' kinds that need no name (notify) */
};

struct schema_field {
    struct str name;
    struct str doc;
    bool repeat;    /* may be given again: the config holds a list */
    bool required;
    bool deprecated;
    struct str needs; /* the field that has to be given with it; or empty */
    const struct type *type;   /* scalar: `name value` or `name=value`... */
    const struct schema_range *range;
    const struct value *dflt;  /* ...and what it is when not given */
    struct str family;         /* the first positional, a symbol, chooses an
                                  entry of this family, which says the rest */
    struct str *scope;         /* a condition kept as expression: names that
                                  it may use beside the usual, "result:any" */
    size_t n_scope;
    struct schema_body body;   /* structured: where type is NULL and no family */
    struct str *effects;       /* what giving it does to the outside world */
    size_t n_effects;
};

struct schema_output {
    struct str name;
    const struct type *type;
    struct str doc;
};

struct schema_entry {
    struct str family;  /* "kind" "router" "provider" "scanner" "report" */
    struct str name;
    struct str doc;
    struct schema_body body;
    struct schema_output *outputs;
    size_t n_outputs;
    struct str *effects; /* whatever it is given: "exec" "network" "registry"
                            "git push" "traffic" */
    size_t n_effects;
    struct str *can; /* a router's: "header", "mirror", "fraction", "half";
                        "mirror=FIELD" where that field has to be given */
    size_t n_can;
    struct str commands; /* the field whose statements are commands that the
                            supervisor runs itself; empty: none */
    bool runs;           /* it has a run function: an attempt needs a worker */
    bool plans;          /* it has a plan function */
    bool anonymous;      /* `notify "text"` in a hook: the name may be left out */
    struct str source;   /* the Lua file, for `pipec kinds` and messages */
};

struct schema_set {
    struct map entries; /* "family/name" -> const struct schema_entry */
};

/* Adds the entries of a JSON text: an array of entries, or one. Errors name
 * entry and key. An entry that is there already is replaced. */
bool schema_add_json(struct arena *a, struct schema_set *set, struct str json,
                     struct err *e);
/* Adds one that is constant data; it has to outlive the set. */
void schema_add(struct arena *a, struct schema_set *set,
                const struct schema_entry *entry);
const struct schema_entry *schema_find(const struct schema_set *set,
                                       struct str family, struct str name);
/* A bound as the language writes a value of that kind: "1m30s", "80%". */
struct str schema_bound(struct arena *a, enum value_kind kind, double bound);
const struct schema_field *schema_field(const struct schema_body *body,
                                        struct str name);

#endif
