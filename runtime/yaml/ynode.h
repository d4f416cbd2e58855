#ifndef RUNTIME_YAML_YNODE_H
#define RUNTIME_YAML_YNODE_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A YAML document as a tree: maps keep their order, scalars the text they were
 * written with and the type that text resolved to. Nodes live in an arena and
 * are changed in place; a node hangs in one place of one tree only: copy it to
 * put it elsewhere. */

enum ynode_kind { YNODE_MAP, YNODE_SEQ, YNODE_SCALAR };

/* What a scalar is. The text of INT, FLOAT, BOOL and TIME is as written (0x1F,
 * 1_000, True): yscalar.h tells what it means. */
enum ytag {
    YTAG_STR,
    YTAG_NULL,
    YTAG_BOOL,
    YTAG_INT,
    YTAG_FLOAT,
    YTAG_TIME,
    YTAG_BINARY, /* text is base64, as written */
    YTAG_MERGE,  /* only in keys: << */
};

/* How it was written; the writers choose anew. */
enum ystyle {
    YSTYLE_PLAIN,
    YSTYLE_SINGLE,
    YSTYLE_DOUBLE,
    YSTYLE_LITERAL,
    YSTYLE_FOLDED,
    YSTYLE_FLOW, /* of maps and sequences; others are YSTYLE_PLAIN */
};

struct ynode;

struct ypair {
    struct str key;
    struct ynode *value;  /* never NULL */
    uint32_t line, col;   /* of the key, from 1; 0 = made, not read */
    enum ytag tag;        /* of the key; STR but for 1: true: null: */
};

struct ynode {
    uint8_t kind;         /* enum ynode_kind */
    uint8_t tag;          /* enum ytag, of scalars; of lists: yhint.h */
    uint8_t style;        /* enum ystyle */
    bool bad_tag : 1;     /* an explicit tag that the text does not fit */
    bool untagged : 1;    /* made with no type of its own: another text in its
                             place may be of another type */
    bool reread : 1;      /* ywrite_through_json() for a patch left it so */
    enum ytag under : 4;  /* the type of what a merge put between
                             quotes that were there; another text in its place
                             has to be of that type. YTAG_STR = none */
    uint32_t line, col;   /* from 1; 0 = made, not read */
    const char *file;     /* where it was read, as for people; may be NULL */
    union {
        struct str text;  /* of scalars */
        struct {          /* of sequences */
            struct ynode **items;
            size_t n, cap;
        } seq;
        struct {          /* of maps */
            struct ypair *items;
            size_t n, cap;
        } map;
    };
};

/* ---- making ---- */
struct ynode *ynode_map(struct arena *a);
struct ynode *ynode_seq(struct arena *a);
/* The text is borrowed: it must live as long as the arena. */
struct ynode *ynode_scalar(struct arena *a, enum ytag tag, struct str text);
struct ynode *ynode_string(struct arena *a, struct str text);
struct ynode *ynode_null(struct arena *a);
struct ynode *ynode_bool(struct arena *a, bool value);
struct ynode *ynode_int(struct arena *a, int64_t value);
/* Deep; texts are shared with the original. */
struct ynode *ynode_copy(struct arena *a, const struct ynode *n);
/* Makes *to what from is (shallow): the children are from's from now on. */
void ynode_become(struct ynode *to, const struct ynode *from);

/* ---- asking; every question may be put to NULL ---- */
static inline bool ynode_is_map(const struct ynode *n)
{
    return n && n->kind == YNODE_MAP;
}
static inline bool ynode_is_seq(const struct ynode *n)
{
    return n && n->kind == YNODE_SEQ;
}
static inline bool ynode_is_scalar(const struct ynode *n)
{
    return n && n->kind == YNODE_SCALAR;
}
/* A null scalar; NULL itself is not. */
static inline bool ynode_is_null(const struct ynode *n)
{
    return ynode_is_scalar(n) && n->tag == YTAG_NULL;
}
/* NULL, a null, an empty map, an empty sequence. */
bool ynode_is_empty(const struct ynode *n);
/* A scalar that is a string. */
bool ynode_is_string(const struct ynode *n);
/* The scalar's text, "" for everything else. */
static inline struct str ynode_text(const struct ynode *n)
{
    return ynode_is_scalar(n) ? n->text : STR("");
}
/* Entries of a map or sequence, 0 for everything else. */
static inline size_t ynode_count(const struct ynode *n)
{
    if (!n || n->kind == YNODE_SCALAR)
        return 0;
    return n->kind == YNODE_MAP ? n->map.n : n->seq.n;
}
/* Items of a sequence, 0 for everything else: for who reads seq.items. */
static inline size_t ynode_length(const struct ynode *n)
{
    return ynode_is_seq(n) ? n->seq.n : 0;
}
/* Of maps; NULL where there is no such key, or no map. */
struct ypair *ynode_pair(const struct ynode *n, struct str key);
struct ynode *ynode_get_str(const struct ynode *n, struct str key);
static inline struct ynode *ynode_get(const struct ynode *n, const char *key)
{
    return ynode_get_str(n, str_of(key)); /* a literal's length is known */
}
/* The text of the scalar at key, "" where there is none. */
static inline struct str ynode_get_text(const struct ynode *n,
                                        const char *key)
{
    return ynode_text(ynode_get(n, key));
}
/* Walks keys, ended by NULL: ynode_find(n, "metadata", "name", NULL). */
struct ynode *ynode_find(const struct ynode *n, ...)
    __attribute__((sentinel));
/* Same meaning: order in maps and style do not count. */
bool ynode_equal(const struct ynode *a, const struct ynode *b);

/* ---- changing ---- */
/* Replaces the value of key in its place, or appends. The key is borrowed. */
void ynode_set(struct arena *a, struct ynode *map, struct str key,
               struct ynode *value);
void ynode_set_string(struct arena *a, struct ynode *map, const char *key,
                      struct str text);
/* The map at key, made where it is absent or null. NULL: something else is
 * there. */
struct ynode *ynode_make_map(struct arena *a, struct ynode *map,
                             struct str key);
/* False where there was no such key. */
bool ynode_remove(struct ynode *map, struct str key);
void ynode_push(struct arena *a, struct ynode *seq, struct ynode *item);
/* Before item i; i = count appends. */
void ynode_insert(struct arena *a, struct ynode *seq, size_t i,
                  struct ynode *item);
void ynode_remove_at(struct ynode *seq, size_t i);
/* Makes the scalar (or whatever n was) the string text, borrowed. */
void ynode_set_text(struct ynode *n, struct str text);
/* Sorts every map below n by the bytes of its keys, as JSON writers do. */
void ynode_sort(struct ynode *n);

/* "file:line:col", for messages; what is not known is left out. */
struct str ynode_where(struct arena *a, const struct ynode *n);
struct str ypair_where(struct arena *a, const struct ynode *map,
                       const struct ypair *p);

#endif
