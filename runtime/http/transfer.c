#include "runtime/http/transfer.h"

#include "base/clock.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { URL_MAX = 64 * 1024, HEADER_LINE_MAX = 64 * 1024 };

static void opt_long(struct transfer *t, CURLoption o, long v)
{
    if (t->setup == CURLE_OK)
        t->setup = t->curl->easy_setopt(t->handle, o, v);
}

static void opt_ptr(struct transfer *t, CURLoption o, const void *v)
{
    if (t->setup == CURLE_OK)
        t->setup = t->curl->easy_setopt(t->handle, o, v);
}

/* libcurl copies texts. */
static void opt_str(struct transfer *t, CURLoption o, struct str v)
{
    if (v.n)
        opt_ptr(t, o, arena_dup(t->arena, v).s);
}

static void opt_pem(struct transfer *t, CURLoption o, struct str pem)
{
    struct curl_blob blob = {.data = (void *)(uintptr_t)pem.s, .len = pem.n,
                             .flags = CURL_BLOB_COPY};

    if (pem.n)
        opt_ptr(t, o, &blob);
}

/* ---- what comes back ----------------------------------------------------- */

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    const struct http_request *q = t->request;
    size_t max = q->body_max ? q->body_max : (size_t)HTTP_BODY_MAX;
    long status = 0;

    n *= size;
    t->curl->easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &status);
    if (q->on_body && status >= 200 && status < 300) {
        t->stopped = !q->on_body(q->ctx, (struct str){p, n});
        return t->stopped ? CURL_WRITEFUNC_ERROR : n;
    }
    if (n > max - t->body.n) {
        t->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buf_add(&t->body, (struct str){p, n});
    return n;
}

static struct str lower(struct arena *a, struct str s)
{
    char *p = arena_array(a, char, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        p[i] = s.s[i] >= 'A' && s.s[i] <= 'Z' ? (char)(s.s[i] + 32) : s.s[i];
    return (struct str){p, s.n};
}

/* A status line starts anew: what came before was a proxy's answer, or a
 * "100 Continue". */
static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    struct str value, line = {p, n * size};

    t->header_bytes += line.n;
    if (t->header_bytes > HTTP_HEADERS_MAX) {
        t->too_large = true;
        return 0;
    }
    if (str_starts(line, STR("HTTP/"))) {
        t->headers.n = 0;
        return line.n;
    }
    struct str name = str_cut(line, ':', &value);

    if (name.n < line.n)
        arena_push(t->arena, &t->headers,
                   ((struct http_header){
                       lower(t->arena, str_trim(name)),
                       arena_dup(t->arena, str_trim(value))}));
    return line.n;
}

/* ---- what is sent -------------------------------------------------------- */

static bool add_line(struct transfer *t, const char *line)
{
    struct curl_slist *more = t->curl->slist_append(t->lines, line);

    if (more)
        t->lines = more;
    else
        t->setup = CURLE_OUT_OF_MEMORY;
    return more != NULL;
}

static bool header_valid(struct http_header h)
{
    bool ok = h.name.n > 0 && h.name.n + h.value.n < HEADER_LINE_MAX;

    for (size_t i = 0; ok && i < h.name.n; i++)
        ok = h.name.s[i] > ' ' && h.name.s[i] < 127 && h.name.s[i] != ':';
    for (size_t i = 0; ok && i < h.value.n; i++)
        ok = h.value.s[i] && h.value.s[i] != '\r' && h.value.s[i] != '\n';
    return ok;
}

static bool set_headers(struct transfer *t, struct err *e)
{
    const struct http_request *q = t->request;
    bool typed = false, agent = false;

    for (size_t i = 0; i < q->header_count; i++) {
        struct http_header h = q->headers[i];
        if (!header_valid(h))
            return err_set(e, ERR_INPUT, "header %zu is not valid: a name has "
                           "no space or ':', a value no line end", i + 1);
        struct str name = lower(t->arena, h.name);
        typed |= str_eq(name, STR("content-type"));
        agent |= str_eq(name, STR("user-agent"));
        add_line(t, arena_printf(t->arena, STR_FMT "%s" STR_FMT,
                                 STR_ARG(h.name), h.value.n ? ": " : ";",
                                 STR_ARG(h.value)).s);
    }
    if (!typed)
        add_line(t, "Content-Type:");
    if (!agent)
        opt_ptr(t, CURLOPT_USERAGENT, "pipec/" PIPEC_VERSION);
    if (q->bearer.n) {
        if (!header_valid((struct http_header){STR("a"), q->bearer}))
            return err_set(e, ERR_INPUT, "the bearer token is not valid: it "
                           "has a line end");
        add_line(t, arena_printf(t->arena, "Authorization: Bearer " STR_FMT,
                                 STR_ARG(q->bearer)).s);
    }
    add_line(t, "Expect:");
    opt_ptr(t, CURLOPT_HTTPHEADER, t->lines);
    return true;
}

static bool method_valid(struct str m)
{
    for (size_t i = 0; i < m.n; i++)
        if (m.s[i] < 'A' || m.s[i] > 'Z')
            return false;
    return m.n <= 32;
}

/* libcurl reads the file by itself, and from its start again where it has to
 * send it twice. */
static bool set_upload(struct transfer *t, struct err *e)
{
    const char *path = arena_dup(t->arena, t->request->body_file).s;
    struct stat st;

    t->upload = fopen(path, "rbe");
    if (!t->upload || fstat(fileno(t->upload), &st) != 0)
        return err_errno(e, "'%s'", path);
    opt_long(t, CURLOPT_UPLOAD, 1);
    opt_ptr(t, CURLOPT_READDATA, t->upload);
    if (t->setup == CURLE_OK)
        t->setup = t->curl->easy_setopt(t->handle, CURLOPT_INFILESIZE_LARGE,
                                        (curl_off_t)st.st_size);
    return true;
}

static bool set_method(struct transfer *t, struct err *e)
{
    const struct http_request *q = t->request;
    bool sends = q->body.s || q->body_file.n;
    struct str m = q->method.n ? q->method : sends ? STR("POST") : STR("GET");
    bool body = q->body.s || str_eq(m, STR("POST")) ||
                str_eq(m, STR("PUT")) || str_eq(m, STR("PATCH"));

    if (!method_valid(m))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is not an HTTP method",
                       STR_ARG(m));
    if (q->body_file.n && !set_upload(t, e))
        return false;
    if (body && !q->body_file.n) {
        curl_off_t size = (curl_off_t)q->body.n;
        opt_long(t, CURLOPT_POST, 1);
        opt_ptr(t, CURLOPT_POSTFIELDS, q->body.s ? q->body.s : "");
        if (t->setup == CURLE_OK)
            t->setup = t->curl->easy_setopt(
                t->handle, CURLOPT_POSTFIELDSIZE_LARGE, size);
    }
    if (str_eq(m, STR("HEAD")))
        opt_long(t, CURLOPT_NOBODY, 1);
    opt_str(t, CURLOPT_CUSTOMREQUEST, m);
    return true;
}

static void set_tls(struct transfer *t)
{
    const struct http_tls *s = &t->request->tls;

    opt_long(t, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    opt_long(t, CURLOPT_SSL_VERIFYPEER, s->insecure ? 0 : 1);
    opt_long(t, CURLOPT_SSL_VERIFYHOST, s->insecure ? 0 : 2);
    opt_str(t, CURLOPT_CAINFO, s->ca_file);
    opt_pem(t, CURLOPT_CAINFO_BLOB, s->ca_pem);
    opt_str(t, CURLOPT_SSLCERT, s->cert_file);
    opt_pem(t, CURLOPT_SSLCERT_BLOB, s->cert_pem);
    opt_str(t, CURLOPT_SSLKEY, s->key_file);
    opt_pem(t, CURLOPT_SSLKEY_BLOB, s->key_pem);
}

static long clamp_ms(int64_t ms, int64_t fallback)
{
    if (ms == 0)
        ms = fallback;
    return ms < 0 || ms > INT32_MAX ? 0 : (long)ms;
}

static void set_transfer(struct transfer *t)
{
    const struct http_request *q = t->request;

    opt_ptr(t, CURLOPT_ERRORBUFFER, t->reason);
    opt_long(t, CURLOPT_NOSIGNAL, 1);
    opt_ptr(t, CURLOPT_PROTOCOLS_STR, "http,https");
    opt_str(t, CURLOPT_URL, q->url);
    opt_str(t, CURLOPT_UNIX_SOCKET_PATH, q->unix_socket);
    opt_long(t, CURLOPT_CONNECTTIMEOUT_MS,
             clamp_ms(q->connect_ms, HTTP_CONNECT_MS));
    opt_long(t, CURLOPT_TIMEOUT_MS, clamp_ms(q->total_ms, HTTP_TOTAL_MS));
    opt_ptr(t, CURLOPT_ACCEPT_ENCODING, "");
    opt_str(t, CURLOPT_USERNAME, q->user);
    opt_str(t, CURLOPT_PASSWORD, q->password);
    opt_ptr(t, CURLOPT_PRIVATE, t);
    opt_ptr(t, CURLOPT_WRITEDATA, t);
    opt_ptr(t, CURLOPT_HEADERDATA, t);
    if (t->setup == CURLE_OK)
        t->setup = t->curl->easy_setopt(t->handle, CURLOPT_WRITEFUNCTION,
                                        on_body);
    if (t->setup == CURLE_OK)
        t->setup = t->curl->easy_setopt(t->handle, CURLOPT_HEADERFUNCTION,
                                        on_header);
}

static bool url_valid(struct str url, struct err *e)
{
    bool http = (url.n > 7 && strncasecmp(url.s, "http://", 7) == 0) ||
                (url.n > 8 && strncasecmp(url.s, "https://", 8) == 0);

    if (!http)
        return err_set(e, ERR_INPUT,
                       "a URL must start with 'http://' or 'https://'");
    if (url.n > URL_MAX)
        return err_set(e, ERR_INPUT, "the URL is longer than %d bytes",
                       URL_MAX);
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.s[i] <= ' ' || url.s[i] == 127)
            return err_set(e, ERR_INPUT, "the URL has a space or control "
                           "character at byte %zu: write it as %%20",
                           i + 1);
    return true;
}

static void clear(struct transfer *t)
{
    t->curl->slist_free_all(t->lines);
    t->lines = NULL;
    if (t->upload)
        fclose(t->upload);
    t->upload = NULL;
}

bool transfer_begin(struct transfer *t, struct err *e)
{
    *t->response = (struct http_response){0};
    if (!url_valid(t->request->url, e))
        return false;
    set_transfer(t);
    set_tls(t);
    bool ok = set_method(t, e) && set_headers(t, e);

    if (ok && t->setup != CURLE_OK)
        ok = err_set(e, ERR_INPUT, "libcurl refuses an option: %s",
                     t->curl->easy_strerror(t->setup));
    if (!ok)
        clear(t);
    t->started_ms = clock_monotonic_ms();
    return ok;
}

/* ---- how it ended -------------------------------------------------------- */

static bool fail_timeout(struct transfer *t, struct str origin, struct err *e)
{
    const struct http_request *q = t->request;
    double connected = 0;

    t->curl->easy_getinfo(t->handle, CURLINFO_PRETRANSFER_TIME, &connected);
    long ms = connected > 0 ? clamp_ms(q->total_ms, HTTP_TOTAL_MS)
                            : clamp_ms(q->connect_ms, HTTP_CONNECT_MS);

    if (connected <= 0 && q->total_ms > 0 && q->total_ms < ms)
        ms = (long)q->total_ms;
    return err_set(e, ERR_TIMEOUT, "%s '" STR_FMT "' within " STR_FMT,
                   connected > 0 ? "no complete answer from"
                                 : "no connection to", STR_ARG(origin),
                   STR_ARG(clock_duration(t->arena, ms)));
}

static bool fail(struct transfer *t, CURLcode code, struct err *e)
{
    struct str o = http_origin(t->arena, t->request->url);
    long sys = 0;
    char reason[128] = "";

    if (t->too_large)
        return err_set(e, ERR_NET, "the answer of '" STR_FMT "' is larger "
                       "than %zu bytes", STR_ARG(o),
                       t->header_bytes > HTTP_HEADERS_MAX ? HTTP_HEADERS_MAX
                       : t->request->body_max ? t->request->body_max
                                              : (size_t)HTTP_BODY_MAX);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return fail_timeout(t, o, e);
    if (code == CURLE_URL_MALFORMAT)
        return err_set(e, ERR_INPUT, "the URL is not valid");
    t->curl->easy_getinfo(t->handle, CURLINFO_OS_ERRNO, &sys);
    if (code == CURLE_COULDNT_CONNECT && sys)
        return err_set(e, ERR_NET, "cannot connect to '" STR_FMT "': %s",
                       STR_ARG(o),
                       strerror_r((int)sys, reason, sizeof(reason)));
    return err_set(e, ERR_NET, "no answer from '" STR_FMT "': %s", STR_ARG(o),
                   *t->reason ? t->reason : t->curl->easy_strerror(code));
}

bool transfer_end(struct transfer *t, CURLcode code, struct err *e)
{
    struct http_response *r = t->response;
    bool ok = code == CURLE_OK || t->stopped;

    if (ok) {
        t->curl->easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &r->status);
        r->headers = t->headers.items;
        r->header_count = t->headers.n;
        r->body = arena_dup(t->arena, buf_str(&t->body));
        r->ms = clock_monotonic_ms() - t->started_ms;
    } else {
        fail(t, code, e);
    }
    clear(t);
    buf_free(&t->body);
    return ok;
}
