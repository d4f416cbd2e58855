#ifndef RUNTIME_KUSTOMIZE_NOTED_H
#define RUNTIME_KUSTOMIZE_NOTED_H

#include "runtime/kustomize/resource.h"

/* In which order, and how, a generated object's annotations would stand if
 * what memo.h says of them stood there too. Nothing but the digest of an
 * object whose kind was changed can tell: see node_hash.h. Objects that have
 * no 'noted' take no part. */

enum noted_how {
    NOTED_PLAIN,   /* all annotations were written anew: plain */
    NOTED_QUOTED,  /* so, where the text then needed quotes */
    NOTED_ALONE,   /* this one was set: in single quotes */
    NOTED_AS_NODE, /* as the tree has it */
};

struct noted_item {
    struct str key;
    enum noted_how how;
};

struct noted {
    struct noted_item *items;
    size_t n, cap;
    size_t before; /* how many other fields of metadata come first */
    bool reread;   /* after a JSON patch: the tree's places are of its text */
    struct str ns; /* the namespace in that text */
};

/* The annotations as they would be: a copy. */
struct ynode *noted_show(struct arena *a, const struct resource *r);
/* All are written anew, in order, behind the other metadata. */
void noted_renew(struct arena *a, struct resource *r);
/* A JSON patch left the object so, which is read anew from its text: its nodes
 * get the places they have there. To be followed by noted_renew(). */
void noted_reread(struct arena *a, struct resource *r);
/* One is set, in its place or at the end. */
void noted_set(struct arena *a, struct resource *r, const char *key);
/* What came into the tree or was merged since comes to the end. */
void noted_sync(struct arena *a, struct resource *r);

#endif
