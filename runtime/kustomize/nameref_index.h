#ifndef RUNTIME_KUSTOMIZE_NAMEREF_INDEX_H
#define RUNTIME_KUSTOMIZE_NAMEREF_INDEX_H

#include "runtime/kustomize/config.h"
#include "runtime/kustomize/resmap.h"

/* Who could be meant by an old name. Only objects that ever changed stand in
 * here: the others still have the name they are called by. */

struct nameref_index {
    struct arena *a;
    struct map by_name;    /* former name -> resource_set */
    struct map by_place;   /* effective namespace, former name -> set */
    struct map namespaces; /* present and original namespace pairs seen */
    struct map written;    /* the same, with the present one as it is written */
};

void nameref_index_init(struct nameref_index *x, struct arena *a,
                        const struct resmap *m);
void nameref_index_free(struct nameref_index *x);

/* A referrer, and the namespaces that its service accounts are in. */
struct referrer {
    struct resource *r;
    struct resid id;
    struct texts binding; /* of a RoleBinding's subjects */
};

/* A name to look up. */
struct lookup {
    const struct referrer *from;
    const struct backref *target;
    struct str name;
    struct str ns;   /* asked for beside the name; has_ns */
    bool has_ns;
    bool is_map;     /* the namespace is to be written too */
    bool is_role;    /* roleRef: its own group and kind count too */
    struct str role_group, role_kind;
};

/* The one object meant, NULL where there is none. False: several could be, and
 * they are called differently now. */
bool nameref_find(struct nameref_index *x, const struct lookup *want,
                  struct resource **out, struct err *e);

#endif
