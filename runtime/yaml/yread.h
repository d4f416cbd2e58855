#ifndef RUNTIME_YAML_YREAD_H
#define RUNTIME_YAML_YREAD_H

#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* YAML text to trees, from libyaml's events. Aliases and merge keys (<<) are
 * copied out and the copies counted, so that anchors cannot explode. Errors
 * are ERR_INPUT and begin with file:line:col. */

enum ydialect {
    YDIALECT_12, /* manifests: y and on are strings, as the Go yaml v3 reader */
    YDIALECT_11, /* kustomization files, JSON patches: y is true, as its v2 */
};

enum yduplicates {
    YDUP_REFUSE,    /* an error with both positions */
    YDUP_KEEP,      /* both stay; writing the tree finds them */
    YDUP_LAST_WINS, /* the later value in the earlier place */
};

struct yread_options {
    const char *file;       /* for messages and ynode.file; kept, not copied */
    enum ydialect dialect;
    enum yduplicates duplicates;
    uint32_t line;          /* of the text's first line in the file; 0 = 1 */
    size_t nodes_max;       /* ceiling of nodes made; 0 = YREAD_NODES_MAX */
};

enum {
    YREAD_BYTES_MAX = 256 * 1024 * 1024,
    YREAD_DEPTH_MAX = 250,
    YREAD_NODES_MAX = 20 * 1000 * 1000,
    /* Nodes that aliases may copy in one document, beyond this for every
     * node written out: */
    YREAD_COPIES_MAX = 100 * 1000,
    YREAD_PLAIN_DIGITS = 15,
};

/* The first document of the text; *out is NULL where there is none or where
 * it is empty or all comments. Scalars are copied into the arena. */
bool yread_first(struct arena *a, struct str text,
                 const struct yread_options *o, struct ynode **out,
                 struct err *e);

struct yread_odd {
    const struct ynode **items;
    size_t n, cap;
};

struct yread_docs {
    struct ynode **items; /* empty documents and nulls are left out */
    size_t n, cap;
    struct yread_texts {
        struct str *items;
        size_t n, cap;
    } texts; /* what items were read from; borrowed from the text, or from the
                arena */
    size_t parts; /* of the text, empty ones too */
    /* Plain scalars (no keys) that are a time or a number of more than
     * YREAD_PLAIN_DIGITS characters, in their order. */
    struct yread_odd odd;
};

/* Every document, split as Kubernetes' tools do: at each line that begins
 * with "---" (what follows on it may only be a comment), each part read on its
 * own. Anchors do not reach from one to the next. */
bool yread_all(struct arena *a, struct str text, const struct yread_options *o,
               struct yread_docs *out, struct err *e);

#endif
