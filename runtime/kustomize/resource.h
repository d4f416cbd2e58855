#ifndef RUNTIME_KUSTOMIZE_RESOURCE_H
#define RUNTIME_KUSTOMIZE_RESOURCE_H

#include "base/arena.h"
#include "base/err.h"
#include "runtime/yaml/ynode.h"

#include <stdbool.h>

/* One object of a build: its tree, and what the build remembers about it. Its
 * identity is read from the tree each time, so whoever changes the name,
 * namespace or kind first calls resource_remember(). */

/* Group, version and kind, name and namespace. Texts are borrowed. */
struct resid {
    struct str group, version, kind, name, ns;
    bool cluster_scoped; /* certainly so; ns then counts for nothing */
};

/* What an object was called before a change. Group and version are always
 * those of today. */
struct former {
    struct str kind, name, ns;
};

enum behavior { BEHAVIOR_CREATE, BEHAVIOR_REPLACE, BEHAVIOR_MERGE };

struct noted;
struct origin;

/* What an apiVersion and a kind say, kept until either is another text. */
struct gvk_memo {
    struct str api_version, kind, group, version;
    bool cluster_scoped;
};

struct texts {
    struct str *items;
    size_t n, cap;
};

struct resource {
    struct ynode *node; /* a map; NULL once a patch deleted the object */
    struct gvk_memo *gvk; /* of the object and of its copies */
    struct {
        struct former *items; /* oldest first */
        size_t n, cap;
    } former;
    struct texts prefixes, suffixes; /* innermost first */
    struct str text; /* what it alone was read from; "" = made, or in a list */
    /* What the last JSON patch left, to tell whether another one leaves the
     * same: how many nodes, and the annotations with what is remembered. */
    struct {
        size_t times, nodes;
        const struct ynode *notes; /* or NULL */
    } reread;
    bool needs_hash;
    bool cluster_scoped; /* by a custom schema; else the built-in table tells */
    /* Where the reference's annotations came to stand when it first noted
     * something in an object that had none. */
    enum { NOTES_AS_READ, NOTES_BEFORE_LABELS, NOTES_AFTER_LABELS } notes;
    bool generated; /* by configMapGenerator, secretGenerator */
    bool says_create; /* the generator's 'behavior' did */
    /* Of patches: their options; of objects: one such patch came by. */
    bool may_change_name, may_change_kind;
    enum behavior behavior;                /* of generated objects */
    struct noted *noted; /* of generated objects that get a digest; or NULL */
    /* buildMetadata: where it came from, what changed it; NULL, empty where
     * nobody asked. */
    const struct origin *origin;
    struct {
        const struct origin **items;
        size_t n, cap;
    } transformations;
};

struct resource *resource_create(struct arena *a, struct ynode *node);
struct resource *resource_copy(struct arena *a, const struct resource *r);

struct str resource_api_version(const struct resource *r);
struct str resource_kind(const struct resource *r);
struct str resource_name(const struct resource *r);
/* "" where it has none. */
struct str resource_namespace(const struct resource *r);
struct resid resource_id(const struct resource *r);
/* The oldest id; today's where nothing ever changed. */
struct resid resource_original_id(const struct resource *r);
/* The i-th former id; i < r->former.n. */
struct resid resource_former_id(const struct resource *r, size_t i);

/* Puts today's name, namespace and kind on the list of former ones. */
void resource_remember(struct arena *a, struct resource *r);
/* Each annotation becomes a string node of its own: the reference writes them
 * anew when it notes a transformation. */
void resource_renew_annotations(struct arena *a, struct resource *r);
void resource_set_name(struct arena *a, struct resource *r, struct str name);
/* "" removes it. */
void resource_set_namespace(struct arena *a, struct resource *r,
                            struct str ns);
void resource_set_kind(struct arena *a, struct resource *r, struct str kind);
/* metadata.labels, metadata.annotations: NULL where there is no such map. */
struct ynode *resource_labels(const struct resource *r);
struct ynode *resource_annotations(const struct resource *r);

/* Of "group/version" or "version". */
void resid_split(struct str api_version, struct str *group,
                 struct str *version);
/* The id of a group, version, kind, name, ns; knows whether it is in one. */
struct resid resid_make(struct str api_version, struct str kind,
                        struct str name, struct str ns);
/* "default" for "", "_non_namespaceable_" where cluster-scoped. */
struct str resid_namespace(const struct resid *id);
/* Same group, version, kind, name, and effective namespace. */
bool resid_equal(const struct resid *a, const struct resid *b);
/* Does the selector (empty parts match all) choose this kind? */
bool resid_selected(const struct resid *id, struct str group,
                    struct str version, struct str kind);
/* "Kind.version.group/name.namespace", as the reference shows it. */
struct str resid_show(struct arena *a, const struct resid *id);
/* The same bytes for equal ids only; a key for maps. */
struct str resid_key(struct arena *a, const struct resid *id);

#endif
