#ifndef RUNTIME_KUSTOMIZE_NODE_HASH_H
#define RUNTIME_KUSTOMIZE_NODE_HASH_H

#include "base/buf.h"
#include "runtime/kustomize/resource.h"

/* A generated object that a JSON patch made neither a ConfigMap nor a Secret:
 * the reference takes its name's hash over the YAML nodes themselves, with
 * their places in the text that the patch left and with the annotations in
 * which it remembers things. Objects of other ways have no such text here. */

struct node_text;

/* To be called after a JSON patch on r, whose tree is as the patch left it.
 * Gives the nodes their lines and columns in the text of it, forgets their
 * file, and keeps in r->text what else the hash needs. ConfigMaps and Secrets,
 * and objects without a hash, stay as they are. */
void node_text_note(struct arena *a, struct resource *r);
/* To be called after something was put on r's list of prefixes, suffixes,
 * former names; r->text is not NULL. */
void node_text_remember(struct arena *a, struct resource *r);
/* The bytes to be hashed; r->text is not NULL. */
bool node_text_write(struct arena *a, struct buf *b, const struct resource *r,
                     struct err *e);

#endif
