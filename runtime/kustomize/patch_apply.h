#ifndef RUNTIME_KUSTOMIZE_PATCH_APPLY_H
#define RUNTIME_KUSTOMIZE_PATCH_APPLY_H

#include "runtime/kustomize/patch_json.h"
#include "runtime/kustomize/transform.h"

/* What the three patch transformers share: texts of patches read as objects,
 * and patches put on objects of a build. */

struct patch_list {
    struct resource **items;
    size_t n, cap;
};

/* A patch's text: the value of key, or the file that 'path' names. */
struct patch_text {
    struct str text;
    const char *file;
    uint32_t line; /* of the text's first line in the file */
};

/* The text written in the spec itself, at node n. */
struct patch_text patch_text_inline(const struct ynode *n);
bool patch_text_load(struct transform *t, const struct ynode *path,
                     struct patch_text *out, struct err *e);
/* Reads the text as objects with kind and name; lists of objects are taken
 * apart. False where it is something else. */
bool patch_read(struct transform *t, const struct patch_text *p,
                struct patch_list *out, struct err *e);
/* Gives a patch the options that let it change name and kind. The reference
 * notes them in annotations, which it makes strings thereby. */
void patch_allow(struct transform *t, struct resource *patch, bool name,
                 bool kind);
/* The one object that has or ever had the patch's id. */
struct resource *patch_target(struct transform *t, const struct resource *p,
                              struct err *e);
/* Merges a patch that is not needed again. */
bool patch_put(struct transform *t, struct resource *r, struct resource *patch,
               struct err *e);
/* Merges a copy of the patch into each, its labels and annotations made
 * strings first, as the reference does on this way; then ids must differ. */
bool patch_put_all(struct transform *t, const struct resource_set *on,
                   const struct resource *patch, struct err *e);
/* The JSON patch on each; annotations become strings. */
bool patch_put_json(struct transform *t, const struct resource_set *on,
                    const struct json_patch *patch, bool remember,
                    struct err *e);
/* The objects of the spec's 'target'; warns where there are none. */
bool patch_select(struct transform *t, struct resource_set *out,
                  struct err *e);

#endif
