#include "base/buf.h"
#include "runtime/http/http.h"
#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 100, REDIRECTS = 5 };

static bool word_char(unsigned char c)
{
    return isalnum(c) || (c && strchr("-_.~", c));
}

static void add_encoded(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];
        if (word_char(c))
            buf_addc(b, (char)c);
        else
            buf_addf(b, "%%%02X", c);
    }
}

/* Table on top: its members as a form, in the order of Lua's table. */
static struct str form(lua_State *L, struct arena *a)
{
    struct str text = {"", 0};
    int table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        luaL_tolstring(L, -1, NULL);
        luaL_tolstring(L, -3, NULL);
        struct str key = host_str(L, -2), value = host_str(L, -1);
        struct buf b = {0};
        buf_add(&b, text);
        if (b.n)
            buf_addc(&b, '&');
        add_encoded(&b, key);
        buf_addc(&b, '=');
        add_encoded(&b, value);
        text = arena_dup(a, buf_str(&b));
        buf_free(&b);
        lua_pop(L, 3);
    }
    return text;
}

static struct str json_text(lua_State *L, struct arena *a)
{
    struct err e = {0};
    json_t **v = jvalue_hold(L);
    *v = jvalue_read(L, -2, &e);
    if (!*v)
        host_raise(L, &e);
    char *text = json_dumps(*v, JSON_COMPACT | JSON_ENCODE_ANY |
                                    JSON_SORT_KEYS);
    struct str s = arena_dup(a, str_of(text ? text : ""));
    free(text);
    lua_pop(L, 1);
    return s;
}

struct headers {
    struct arena *a;
    struct http_header *items;
    size_t n, cap;
};

static void add_headers(lua_State *L, struct headers *h, int opts)
{
    if (lua_getfield(L, opts, "headers") != LUA_TTABLE) {
        lua_pop(L, 1);
        return;
    }
    int table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        struct str value = host_str(L, -1);
        lua_pushvalue(L, -2);
        struct http_header one = {arena_dup(h->a, host_str(L, -1)),
                                  arena_dup(h->a, value)};
        lua_pop(L, 1);
        if (h->n < HEADERS_MAX)
            arena_push(h->a, h, one);
    }
    lua_pop(L, 1);
}

static void set_body(lua_State *L, struct http_request *q, struct headers *h,
                     int opts)
{
    struct http_header type = {.name = STR("Content-Type")};
    if (lua_getfield(L, opts, "json") != LUA_TNIL) {
        q->body = json_text(L, h->a);
        type.value = STR("application/json");
    }
    lua_pop(L, 1);
    if (lua_getfield(L, opts, "form") == LUA_TTABLE) {
        q->body = form(L, h->a);
        type.value = STR("application/x-www-form-urlencoded");
    }
    lua_pop(L, 1);
    struct str body = host_opt_str(L, opts, "body");
    if (body.s)
        q->body = body;
    q->body_file = host_opt_str(L, opts, "file");
    if (type.value.s)
        arena_push(h->a, h, type);
}

/* Each is the PEM itself, or a file that holds it. */
static void pem(lua_State *L, int opts, const char *key, struct str *text,
                struct str *file)
{
    struct str s = host_opt_str(L, opts, key);
    *(str_starts(s, STR("-----BEGIN")) ? text : file) = s;
}

static void fill(lua_State *L, struct arena *a, struct http_request *q,
                 int opts)
{
    struct headers h = {.a = a};
    if (!q->method.s)
        q->method = host_opt_str(L, opts, "method");
    if (!q->url.s)
        q->url = host_opt_str(L, opts, "url");
    q->user = host_opt_str(L, opts, "username");
    q->password = host_opt_str(L, opts, "password");
    q->bearer = host_opt_str(L, opts, "token");
    q->unix_socket = host_opt_str(L, opts, "socket");
    pem(L, opts, "ca", &q->tls.ca_pem, &q->tls.ca_file);
    pem(L, opts, "cert", &q->tls.cert_pem, &q->tls.cert_file);
    pem(L, opts, "key", &q->tls.key_pem, &q->tls.key_file);
    q->tls.insecure = host_opt_bool(L, opts, "insecure", false);
    q->total_ms = host_opt_ms(L, opts, "timeout", 0);
    q->body_max = (size_t)host_opt_int(L, opts, "max", 0);
    q->redirects = (unsigned)host_opt_int(L, opts, "redirects", REDIRECTS);
    set_body(L, q, &h, opts);
    add_headers(L, &h, opts);
    q->headers = h.items;
    q->header_count = h.n;
}

static bool accepted(lua_State *L, int opts, long status)
{
    bool ok = status >= 200 && status < 300;
    int t = opts ? lua_getfield(L, opts, "ok") : LUA_TNIL;
    if (t == LUA_TSTRING)
        ok = true;
    for (lua_Integer i = 1; t == LUA_TTABLE; i++) {
        if (i == 1)
            ok = false;
        bool end = lua_rawgeti(L, -1, i) == LUA_TNIL;
        ok = ok || lua_tointeger(L, -1) == status;
        lua_pop(L, 1);
        if (end)
            break;
    }
    lua_settop(L, opts ? lua_gettop(L) - 1 : lua_gettop(L));
    return ok;
}

static void push_response(lua_State *L, const struct http_response *r)
{
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, r->status);
    lua_setfield(L, -2, "status");
    host_push_str(L, r->body);
    lua_setfield(L, -2, "body");
    lua_pushinteger(L, r->ms);
    lua_setfield(L, -2, "ms");
    lua_createtable(L, 0, (int)r->header_count);
    for (size_t i = 0; i < r->header_count; i++) {
        host_push_str(L, r->headers[i].name);
        host_push_str(L, r->headers[i].value);
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "headers");
}

static int send_it(lua_State *L, struct arena *a, struct http_request *q,
                   int opts)
{
    struct host *h = host_of(L);
    struct err e = {0};
    if (opts)
        fill(L, a, q, opts);
    host_check_cancel(L);
    if (!h->http)
        h->http = http_client_create(&e);
    struct http_response r = {0};
    if (!h->http || !http_send(h->http, a, q, &r, &e))
        return host_raise(L, &e);
    if (!accepted(L, opts, r.status)) {
        struct str body = str_sub(str_trim(r.body), 0, 200);
        err_set(&e, ERR_NET, "%s answered %ld%s" STR_FMT,
                http_origin(a, q->url).s, r.status, body.n ? ": " : "",
                STR_ARG(body));
        return host_raise(L, &e);
    }
    push_response(L, &r);
    return 1;
}

static int http_request(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct arena *a = host_arena(L);
    struct http_request q = {0};
    return send_it(L, a, &q, 1);
}

static int http_get(lua_State *L)
{
    lua_settop(L, 2);
    struct arena *a = host_arena(L);
    struct http_request q = {.method = STR("GET"), .url = host_str(L, 1),
                             .redirects = REDIRECTS};
    return send_it(L, a, &q, lua_isnil(L, 2) ? 0 : 2);
}

/* A table is sent as JSON, a text as it is. */
static int http_post(lua_State *L)
{
    lua_settop(L, 3);
    if (lua_isnil(L, 3)) {
        lua_newtable(L);
        lua_replace(L, 3);
    }
    struct str url = host_str(L, 1);
    bool json = lua_istable(L, 2);
    lua_pushvalue(L, 2);
    lua_setfield(L, 3, json ? "json" : "body");
    lua_pushnil(L);
    lua_setfield(L, 3, json ? "body" : "json");
    struct arena *a = host_arena(L);
    struct http_request q = {.method = STR("POST"), .url = url};
    return send_it(L, a, &q, 3);
}

static const struct host_function functions[] = {
    {"request", http_request,
     "{method, url, headers, body | json | form | file, token, username, "
     "password, ok, timeout, redirects, ca, cert, key, insecure, socket, max}",
     "sends it: {status, body, headers, ms}; a file is read as it is sent. "
     "A status other than 2xx, or "
     "those in ok (a list, or \"any\"), fails"},
    {"get", http_get, "(url, {options})", "the same"},
    {"post", http_post, "(url, body, {options})",
     "the same; a table is sent as JSON"},
    {0},
};

const struct host_module host_http = {"http", "HTTP.", functions};
