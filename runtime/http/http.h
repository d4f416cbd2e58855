#ifndef RUNTIME_HTTP_HTTP_H
#define RUNTIME_HTTP_HTTP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* HTTP and HTTPS requests, plain and blocking, over libcurl, which is loaded
 * by the first client. Nothing but http and https is spoken, whatever a URL or
 * a redirect says. Proxies are taken from http_proxy, https_proxy and no_proxy.
 * An error names method and origin, never path, query, header or credential:
 * any of these may be a secret. */

enum {
    HTTP_CONNECT_MS = 10 * 1000,
    HTTP_TOTAL_MS = 60 * 1000,
    HTTP_BODY_MAX = 16 * 1024 * 1024,
    HTTP_HEADERS_MAX = 256 * 1024, /* bytes of an answer's header lines */
    HTTP_PARALLEL_MAX = 64,
};

struct http_header {
    struct str name, value;
};

/* Every member may be left zero. Each of CA, certificate and key is a file or
 * the PEM text itself. */
struct http_tls {
    struct str ca_file, ca_pem; /* instead of the system's authorities */
    struct str cert_file, cert_pem;
    struct str key_file, key_pem;
    bool insecure; /* take any certificate */
};

/* A piece of the body as it comes; false ends the transfer, without error. */
typedef bool (*http_body_fn)(void *ctx, struct str piece);

struct http_request {
    struct str method; /* empty: GET, or POST where there is a body */
    struct str url;
    const struct http_header *headers;
    size_t header_count;
    struct str body;           /* sent where .s is not NULL */
    struct str body_file;      /* or what is in this file, read as it is sent */
    struct str user, password; /* basic authentication where user is given */
    struct str bearer;         /* or a token */
    struct str unix_socket;    /* connect to this path; the URL names the host */
    struct http_tls tls;
    int64_t connect_ms, total_ms; /* 0: the defaults above */
    size_t body_max;              /* 0: HTTP_BODY_MAX; beyond is an error */
    unsigned redirects; /* how many to follow; 0: a 3xx is the answer. At
                           another origin no credential, client certificate or
                           header but Accept, Accept-Language, Content-Type and
                           User-Agent is sent; https never leads to http */
    http_body_fn on_body; /* given the body instead of http_response.body, so
                             without a ceiling, where the status is 2xx */
    void *ctx;            /* of on_body */
};

struct http_response {
    long status;                 /* 100 to 599 */
    struct http_header *headers; /* as they came; names lower case */
    size_t header_count;
    struct str body; /* decompressed, NUL after it */
    int64_t ms;      /* from start to end */
};

/* One connection cache: requests to one origin reuse a connection. Not for two
 * threads at once. */
struct http_client;

struct http_client *http_client_create(struct err *e);
void http_client_destroy(struct http_client *c);

/* Sends and waits; the response lives in the arena. True for every status that
 * came: 404 and 500 are answers. False: ERR_INPUT (URL or header is not valid),
 * ERR_TIMEOUT, or ERR_NET (no connection, not trusted, broken off, too large;
 * too many redirects). */
bool http_send(struct http_client *c, struct arena *a,
               const struct http_request *q, struct http_response *r,
               struct err *e);

/* One of many requests, and how it ended: ok, or why not in error. */
struct http_job {
    struct http_request request;
    struct http_response response;
    bool ok;
    struct err error;
};

/* Sends n requests, at most `parallel` (1 to HTTP_PARALLEL_MAX) under way at
 * once, and waits for all. Redirects are not followed. False only where
 * nothing could be sent at all. */
bool http_send_all(struct http_client *c, struct arena *a,
                   struct http_job *jobs, size_t n, unsigned parallel,
                   struct err *e);

/* The value of a header, by lower-case name; empty where it is absent. */
struct str http_response_header(const struct http_response *r,
                                struct str name);

/* "https://host:8443" of a URL: all of it that may be told. */
struct str http_origin(struct arena *a, struct str url);

#endif
