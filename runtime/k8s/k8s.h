#ifndef RUNTIME_K8S_K8S_H
#define RUNTIME_K8S_K8S_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A Kubernetes API client, plain and blocking. Objects go in and come out as
 * JSON text, in the arena. Every request has a time limit; a failed answer's
 * error holds the server's own message and reason, never a credential. */

enum {
    K8S_TIMEOUT_MS = 30 * 1000,
    K8S_CONFIG_MAX = 1024 * 1024, /* a kubeconfig */
    K8S_BODY_MAX = 64 * 1024 * 1024,
    K8S_CONFLICT_TRIES = 10,
    K8S_EXEC_MS = 60 * 1000, /* a plugin that gets credentials */
};

struct k8s_spec {
    struct str kubeconfig; /* a path, or several with ':' between, of which
                              the first that has a thing wins; empty:
                              $KUBECONFIG, else ~/.kube/config, else the
                              service account of the pod this runs in */
    struct str context;    /* empty: current-context */
    struct str namespace;  /* empty: the context's, else "default" */
    struct str account;    /* the service account's folder; empty: where
                              Kubernetes puts it */
    int64_t timeout_ms;    /* of a request; 0: K8S_TIMEOUT_MS */
};

struct k8s;

/* Reads the configuration; runs the user's exec plugin where it has one.
 * ERR_INPUT says what the configuration lacks. No request is made. */
struct k8s *k8s_open(const struct k8s_spec *spec, struct err *e);
void k8s_close(struct k8s *k);

/* "https://host:6443", and the namespace that is used where none is given. */
struct str k8s_server(const struct k8s *k);
struct str k8s_namespace(const struct k8s *k);

/* An object, or with an empty name all of a kind. Kind and plural are both
 * taken ("Deployment", "deployments"); the server is asked what there is, once
 * for each API version. */
struct k8s_target {
    struct str api;       /* "v1", "apps/v1", "networking.istio.io/v1beta1" */
    struct str kind;      /* "VirtualService" or "virtualservices" */
    struct str namespace; /* empty: k8s_namespace(); not for cluster-wide */
    struct str name;
    struct str subresource; /* "status", "scale" or empty */
};

/* *found is false where the server says 404. */
bool k8s_get(struct k8s *k, struct arena *a, const struct k8s_target *t,
             struct str *object, bool *found, struct err *e);

struct k8s_list {
    struct str labels, fields; /* selectors; may be empty */
    bool all_namespaces;
};

/* A List object with all items, over as many pages as it takes. */
bool k8s_list(struct k8s *k, struct arena *a, const struct k8s_target *t,
              const struct k8s_list *q, struct str *list, struct err *e);

bool k8s_create(struct k8s *k, struct arena *a, const struct k8s_target *t,
                struct str object, struct str *made, struct err *e);

enum k8s_patch_kind {
    K8S_PATCH_JSON,      /* RFC 6902 */
    K8S_PATCH_MERGE,     /* RFC 7386 */
    K8S_PATCH_STRATEGIC, /* built-in kinds only */
    K8S_PATCH_APPLY,     /* server-side apply; makes the object too */
};

struct k8s_patch {
    enum k8s_patch_kind kind;
    struct str body;    /* JSON; for apply YAML too */
    struct str manager; /* field manager; empty: "pipec" */
    bool force;         /* apply: take fields from other managers */
    bool dry_run;       /* the server checks, and changes nothing */
};

/* A conflict (409) is ERR_NET that names the server's reason. */
bool k8s_patch(struct k8s *k, struct arena *a, const struct k8s_target *t,
               const struct k8s_patch *p, struct str *object, struct err *e);

/* Read, change, write, until no one else wrote in between. `change` is given
 * the object as it is now and sets *out to what it shall be, or leaves it
 * empty: nothing to do. ERR_NET after K8S_CONFLICT_TRIES. */
typedef bool (*k8s_change_fn)(void *ctx, struct arena *a, struct str object,
                              struct str *out, struct err *e);
bool k8s_update(struct k8s *k, struct arena *a, const struct k8s_target *t,
                k8s_change_fn change, void *ctx, struct str *object,
                struct err *e);

/* Deletes, with what it owns in the background. *found as for k8s_get(). */
bool k8s_delete(struct k8s *k, struct arena *a, const struct k8s_target *t,
                bool *found, struct err *e);

/* A change that came: type is ADDED, MODIFIED or DELETED. True: go on. */
typedef bool (*k8s_event_fn)(void *ctx, struct str type, struct str object);

/* Lists what there is (each object as ADDED), then watches, until on_event
 * wants no more (true) or timeout_ms are over (false, ERR_TIMEOUT). Goes on by
 * itself when the server ends a watch or has forgotten its place. */
bool k8s_watch(struct k8s *k, const struct k8s_target *t,
               const struct k8s_list *q, int64_t timeout_ms,
               k8s_event_fn on_event, void *ctx, struct err *e);

/* Any other request: "/api/v1/namespaces/x/pods/y/log". The status is an
 * answer whatever it is. */
bool k8s_raw(struct k8s *k, struct arena *a, struct str method,
             struct str path, struct str body, struct str content_type,
             long *status, struct str *answer, struct err *e);

#endif
