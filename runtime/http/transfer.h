#ifndef RUNTIME_HTTP_TRANSFER_H
#define RUNTIME_HTTP_TRANSFER_H

#include "base/buf.h"
#include "runtime/http/curl.h"
#include "runtime/http/http.h"

#include <stdio.h>

/* One request on one libcurl handle: begin, let libcurl perform, end. The one
 * place that makes a handle ready. A zeroed struct with the first members
 * filled in is ready; keep it where it is from begin to end. */
struct transfer {
    const struct curl_lib *curl;
    CURL *handle;
    struct arena *arena; /* of the response */
    const struct http_request *request;
    struct http_response *response;

    struct curl_slist *lines;
    FILE *upload; /* request->body_file, open */
    struct buf body;
    struct {
        struct http_header *items;
        size_t n, cap;
    } headers;
    size_t header_bytes;
    int64_t started_ms;
    CURLcode setup;
    bool too_large; /* body or headers ran into their ceiling */
    bool stopped;   /* on_body wanted no more */
    char reason[CURL_ERROR_SIZE];
};

struct http_client {
    struct curl_lib curl;
    CURL *handle;
    CURLM *multi; /* made by the first http_send_all() */
};

/* Sets every option. After true, transfer_end() must follow. */
bool transfer_begin(struct transfer *t, struct err *e);
/* Turns what libcurl said into a response, or an error. */
bool transfer_end(struct transfer *t, CURLcode code, struct err *e);

#endif
