#ifndef RUNTIME_K8S_CLIENT_H
#define RUNTIME_K8S_CLIENT_H

#include "base/buf.h"
#include "runtime/k8s/access.h"

#include <jansson.h>

/* What the files of k8s.h share. */

struct k8s {
    struct arena arena; /* of the spec, and of what follows until renewed */
    struct k8s_spec spec;
    struct k8s_access access;
    struct http_client *http;
    json_t *resources; /* API version -> what the server has of it */
};

struct k8s_request {
    struct str method, path, body, content_type;
    int64_t total_ms; /* 0: the client's */
    http_body_fn on_body;
    void *ctx;
};

/* Sends, with the credentials renewed once after a 401, and again after a 429
 * as the server says. Every other status is an answer. */
bool client_send(struct k8s *k, struct arena *a, const struct k8s_request *q,
                 struct http_response *r, struct err *e);

/* The same where only 2xx will do; otherwise sets the error. */
bool client_expect(struct k8s *k, struct arena *a, const struct k8s_request *q,
                   struct http_response *r, struct err *e);

/* The server's own words of a failed answer, as an error. */
bool client_fail(const struct k8s *k, struct arena *a,
                 const struct http_response *r, struct err *e);

/* The object at a target, or with an empty name the collection: its path
 * without a query. Asks the server what the kind is called. */
bool client_path(struct k8s *k, struct arena *a, const struct k8s_target *t,
                 bool all_namespaces, struct str *path, struct err *e);

/* Adds "?key=value" or "&key=value", encoded; nothing for an empty value. */
void client_query(struct buf *path, const char *key, struct str value);

/* Parses an answer; NULL and ERR_NET where it is no JSON object. */
json_t *client_json(const struct k8s *k, struct str text, struct err *e);

/* Compact text of a JSON value, in the arena. */
struct str client_dump(struct arena *a, const json_t *j);

/* Waits between half of ms and all of it. */
void client_wait(int64_t ms);

#endif
