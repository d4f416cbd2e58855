#ifndef RUNTIME_K8S_ACCESS_H
#define RUNTIME_K8S_ACCESS_H

#include "runtime/http/http.h"
#include "runtime/k8s/k8s.h"

/* Where a cluster is and how to be let in. */
struct k8s_access {
    struct str server; /* "https://host:6443", no '/' at its end */
    struct str namespace;
    struct http_tls tls;
    struct str user, password;
    struct str token;
    bool renewable; /* from a plugin or a file: reading again may help */
};

/* Finds and reads the configuration; everything is in the arena. Runs the
 * user's exec plugin. */
bool access_read(struct arena *a, const struct k8s_spec *spec,
                 struct k8s_access *out, struct err *e);

/* The folder's service account, as a pod sees it. */
bool access_in_cluster(struct arena *a, struct str folder,
                       struct k8s_access *out, struct err *e);

/* Decodes standard base64, with white space between; false where it is not. */
bool access_base64(struct arena *a, struct str text, struct str *out);

#endif
