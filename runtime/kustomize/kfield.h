#ifndef RUNTIME_KUSTOMIZE_KFIELD_H
#define RUNTIME_KUSTOMIZE_KFIELD_H

#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* What a kustomization file may hold, as a table: names and types of fields,
 * checked as Go's strict JSON reader does (any case, null fits all). */

enum kfield_type {
    KFIELD_STR,
    KFIELD_BOOL,
    KFIELD_INT,
    KFIELD_STRS,    /* a list of strings */
    KFIELD_STR_MAP, /* a map of strings */
    KFIELD_BOOL_MAP,
    KFIELD_MAP,     /* a map of anything */
    KFIELD_STRUCT,  /* a map with the fields of 'sub' */
    KFIELD_STRUCTS, /* a list of such */
};

struct kfield {
    const char *name;
    enum kfield_type type;
    const struct kfield *sub;
};

/* The whole file's fields; NULL-name ended. */
extern const struct kfield kfield_kustomization[];
extern const struct kfield kfield_configmap[];
extern const struct kfield kfield_secret[];
extern const struct kfield kfield_helm_chart[];

/* Gives the keys of a built-in plug-in's object, at any depth but within maps
 * of the user's own names, the spelling of their fields: they too are read in
 * any case. */
void kfield_spell(struct ynode *n);
/* Refuses what is no list in a field of such an object, at any depth, that is
 * one. n: NULL holds nothing. */
bool kfield_lists(struct arena *a, const struct ynode *n, struct err *e);
/* Checks the map and gives its keys the table's spelling. */
bool kfield_check(struct arena *a, struct ynode *map,
                  const struct kfield *fields, struct err *e);

#endif
