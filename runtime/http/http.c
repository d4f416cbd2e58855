#include "runtime/http/http.h"

#include "base/die.h"
#include "base/sigpipe.h"
#include "runtime/http/transfer.h"

#include <stdlib.h>
#include <strings.h>

struct http_client *http_client_create(struct err *e)
{
    struct http_client *c = calloc(1, sizeof(*c));

    if (!c)
        die_oom();
    if (!curl_lib_load(&c->curl, e)) {
        free(c);
        return NULL;
    }
    c->handle = c->curl.easy_init();
    if (!c->handle)
        die_oom();
    return c;
}

void http_client_destroy(struct http_client *c)
{
    if (!c)
        return;
    c->curl.easy_cleanup(c->handle);
    if (c->multi)
        c->curl.multi_cleanup(c->multi);
    free(c);
}

struct str http_origin(struct arena *a, struct str url)
{
    size_t scheme = str_search(url, STR("://"));

    if (scheme == url.n)
        return STR("");
    struct str host = str_skip(url, scheme + 3);
    size_t end = 0;

    while (end < host.n && host.s[end] != '/' && host.s[end] != '?' &&
           host.s[end] != '#')
        end++;
    host.n = end;
    for (size_t i = host.n; i-- > 0;)
        if (host.s[i] == '@') {
            host = str_skip(host, i + 1);
            break;
        }
    return arena_printf(a, STR_FMT "://" STR_FMT, (int)scheme, url.s,
                        STR_ARG(host));
}

struct str http_response_header(const struct http_response *r, struct str name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (str_eq(r->headers[i].name, name))
            return r->headers[i].value;
    return (struct str){"", 0};
}

static bool send_once(struct http_client *c, struct arena *a,
                      const struct http_request *q, struct http_response *r,
                      struct err *e)
{
    struct transfer t = {.curl = &c->curl, .handle = c->handle, .arena = a,
                         .request = q, .response = r};

    c->curl.easy_reset(c->handle);
    if (!transfer_begin(&t, e))
        return false;
    struct sigpipe_guard guard;

    sigpipe_block(&guard);
    CURLcode code = c->curl.easy_perform(c->handle);

    sigpipe_restore(&guard);
    return transfer_end(&t, code, e);
}

/* ---- redirects ----------------------------------------------------------- */

struct place {
    char *scheme, *host, *port;
};

/* By libcurl's own reading of a URL, so that what is compared is what would
 * be connected to. */
static bool place_read(const struct curl_lib *c, const char *url,
                       struct place *p)
{
    CURLU *u = c->url();
    bool ok = u && c->url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
              c->url_get(u, CURLUPART_SCHEME, &p->scheme, 0) == CURLUE_OK &&
              c->url_get(u, CURLUPART_HOST, &p->host, 0) == CURLUE_OK &&
              c->url_get(u, CURLUPART_PORT, &p->port,
                         CURLU_DEFAULT_PORT) == CURLUE_OK;

    c->url_cleanup(u);
    return ok;
}

static void place_clear(const struct curl_lib *c, struct place *p)
{
    c->free(p->scheme);
    c->free(p->host);
    c->free(p->port);
}

/* May be followed at all; *same says whether credentials may go along. */
static bool compare_places(const struct curl_lib *c, const char *from,
                           const char *to, bool *same, struct err *e)
{
    struct place f = {0}, t = {0};
    bool ok = place_read(c, from, &f) && place_read(c, to, &t);

    if (!ok)
        err_set(e, ERR_NET, "a redirect leads to no valid URL");
    else if (strcasecmp(t.scheme, "https") != 0 &&
             strcasecmp(f.scheme, "https") == 0)
        ok = err_set(e, ERR_NET, "a redirect leads from https to '%s'",
                     t.scheme);
    else
        *same = strcasecmp(f.scheme, t.scheme) == 0 &&
                strcasecmp(f.host, t.host) == 0 &&
                strcasecmp(f.port, t.port) == 0;
    place_clear(c, &f);
    place_clear(c, &t);
    return ok;
}

static bool header_travels(struct str name)
{
    static const char *const kept[] = {"accept", "accept-language",
                                       "content-type", "user-agent", NULL};

    for (const char *const *k = kept; *k; k++)
        if (str_of(*k).n == name.n &&
            strncasecmp(*k, name.s, name.n) == 0)
            return true;
    return false;
}

static void strip_secrets(struct arena *a, struct http_request *q)
{
    struct http_header *kept =
        arena_array(a, struct http_header, q->header_count + 1);
    size_t n = 0;

    for (size_t i = 0; i < q->header_count; i++)
        if (header_travels(q->headers[i].name))
            kept[n++] = q->headers[i];
    q->headers = kept;
    q->header_count = n;
    q->user = q->password = q->bearer = q->unix_socket = STR("");
    q->tls.cert_file = q->tls.cert_pem = STR("");
    q->tls.key_file = q->tls.key_pem = STR("");
}

/* RFC 9110, 15.4: 303 is fetched, 301 and 302 turn POST into GET. */
static void rewrite_method(struct http_request *q, long status)
{
    bool post = str_eq(q->method, STR("POST")) || (!q->method.n && q->body.s);
    bool head = str_eq(q->method, STR("HEAD"));

    if ((status == 303 && !head) || (post && status <= 302)) {
        q->method = STR("GET");
        q->body = (struct str){0};
    }
}

static bool redirected(const struct http_response *r)
{
    return r->status == 301 || r->status == 302 || r->status == 303 ||
           r->status == 307 || r->status == 308;
}

bool http_send(struct http_client *c, struct arena *a,
               const struct http_request *request, struct http_response *r,
               struct err *e)
{
    struct http_request q = *request;

    for (unsigned left = request->redirects;; left--) {
        char *next = NULL;
        bool same = false;
        if (!send_once(c, a, &q, r, e))
            return false;
        c->curl.easy_getinfo(c->handle, CURLINFO_REDIRECT_URL, &next);
        if (request->redirects == 0 || !redirected(r) || !next)
            return true;
        if (left == 0)
            return err_set(e, ERR_NET, "'" STR_FMT "' redirects more than %u "
                           "times", STR_ARG(http_origin(a, request->url)),
                           request->redirects);
        const char *from = arena_dup(a, q.url).s;
        q.url = arena_dup(a, str_of(next));
        if (!compare_places(&c->curl, from, q.url.s, &same, e))
            return false;
        if (!same)
            strip_secrets(a, &q);
        rewrite_method(&q, r->status);
    }
}
