#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include "runtime/kustomize/kustomize.h"

/* What becomes of rendered objects: text, files, a comparison. */

/* All objects as YAML documents, or as a JSON list with one a line. */
bool render_text(struct buf *b, const struct kustomize_result *r, bool json,
                 struct err *e);
/* A folder is there, or the name ends in '/'. */
bool render_is_folder(const char *path);
/* One file an object, named group_version_kind_name.yaml, the namespace before
 * it where there are several. */
bool render_to_folder(const struct kustomize_result *r, const char *folder,
                      bool json, struct err *e);
/* Renders dir as it was at a commit of the repository around it, and tells
 * what r has changed: objects, and fields in them, or lines of their text. */
bool render_diff(struct arena *a, const struct kustomize_options *o,
                 const char *dir, const char *ref, bool as_text,
                 const struct kustomize_result *r, struct buf *out,
                 struct err *e);

#endif
