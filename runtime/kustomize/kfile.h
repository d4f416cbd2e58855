#ifndef RUNTIME_KUSTOMIZE_KFILE_H
#define RUNTIME_KUSTOMIZE_KFILE_H

#include "runtime/kustomize/loader.h"
#include "runtime/kustomize/warn.h"
#include "runtime/yaml/ynode.h"

/* A kustomization file: read as YAML 1.1, every field known and of its type,
 * old fields moved to the new ones. */

struct kfile {
    struct ynode *root;   /* a map; field names in their own spelling */
    const char *shown;    /* the file, for messages */
    struct str name;      /* kustomization.yaml, .yml or Kustomization */
    bool is_component;
};

/* Reads the one kustomization file of the loader's directory. Deprecated
 * fields are warned of. Errors begin with the file and what is known of the
 * place. */
bool kfile_read(struct arena *a, const struct loader *l, struct kfile *out,
                struct warnings *w, struct err *e);

/* The sequence at a field, NULL where it is absent or null. */
struct ynode *kfile_list(const struct kfile *k, const char *field);


#endif
