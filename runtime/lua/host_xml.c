#include "base/buf.h"
#include "runtime/lua/host.h"

#include <expat.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CHUNK = 64 << 10,          /* bytes a read */
    FILE_MAX = 512 << 20,      /* bytes of a report */
    DEPTH_MAX = 200,
    TEXT_MAX = 64 << 10,       /* bytes of an element's text that are kept */
};

/* Lives in a userdata; expat calls back into Lua protected, so that no error
 * jumps over its frames. */
struct reading {
    lua_State *L;
    XML_Parser parser;
    int fd;
    int depth;
    bool has_open, has_close;
    struct buf text; /* of the innermost element */
    struct err e;    /* why it was stopped */
};

static int drop(lua_State *L)
{
    struct reading *r = lua_touserdata(L, 1);
    if (r->parser)
        XML_ParserFree(r->parser);
    if (r->fd >= 0)
        close(r->fd);
    buf_free(&r->text);
    *r = (struct reading){.fd = -1};
    return 0;
}

static void stop(struct reading *r)
{
    XML_StopParser(r->parser, XML_FALSE);
}

/* Calls handlers.NAME below its n arguments. The table is at index 2. */
static void call(struct reading *r, const char *name, int n)
{
    lua_State *L = r->L;
    lua_getfield(L, 2, name);
    lua_insert(L, -n - 1);
    if (lua_pcall(L, n, 0, 0) == LUA_OK)
        return;
    const char *why = lua_tostring(L, -1);
    err_set(&r->e, ERR_INPUT, "%s", why ? why : "a handler failed");
    lua_pop(L, 1);
    stop(r);
}

static int push_attributes(lua_State *L)
{
    const char **attributes = lua_touserdata(L, 1);
    lua_newtable(L);
    for (; *attributes; attributes += 2) {
        lua_pushstring(L, attributes[1]);
        lua_setfield(L, -2, attributes[0]);
    }
    return 1;
}

static void XMLCALL on_open(void *ctx, const char *name,
                            const char **attributes)
{
    struct reading *r = ctx;
    buf_clear(&r->text);
    if (++r->depth > DEPTH_MAX) {
        err_set(&r->e, ERR_INPUT, "XML deeper than %d levels", DEPTH_MAX);
        stop(r);
        return;
    }
    if (!r->has_open || !lua_checkstack(r->L, 8))
        return;
    lua_pushstring(r->L, name);
    lua_pushcfunction(r->L, push_attributes);
    lua_pushlightuserdata(r->L, attributes);
    if (lua_pcall(r->L, 1, 1, 0) == LUA_OK) {
        call(r, "open", 2);
        return;
    }
    lua_pop(r->L, 2);
    err_set(&r->e, ERR_INPUT, "not enough memory");
    stop(r);
}

static void XMLCALL on_text(void *ctx, const char *s, int n)
{
    struct reading *r = ctx;
    buf_add(&r->text, (struct str){s, (size_t)n});
}

static void XMLCALL on_close(void *ctx, const char *name)
{
    struct reading *r = ctx;
    r->depth--;
    if (r->has_close && lua_checkstack(r->L, 8)) {
        lua_pushstring(r->L, name);
        lua_pushlstring(r->L, r->text.n ? r->text.s : "", r->text.n);
        call(r, "close", 2);
    }
    buf_clear(&r->text);
}

/* Entities are how XML explodes; a report needs none of its own. */
static void XMLCALL on_entity(void *ctx, const char *name, int parameter,
                              const char *value, int n, const char *base,
                              const char *system, const char *public,
                              const char *notation)
{
    (void)parameter, (void)value, (void)n, (void)base, (void)system;
    (void)public, (void)notation;
    struct reading *r = ctx;
    err_set(&r->e, ERR_INPUT, "it declares an entity, '%.60s'", name);
    stop(r);
}

static bool parse(struct reading *r, const char *path)
{
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0)
        return err_errno(&r->e, "'%s'", path);
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_open, on_close);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetEntityDeclHandler(r->parser, on_entity);
    size_t total = 0;
    for (ssize_t n = 1; n > 0;) {
        void *room = XML_GetBuffer(r->parser, CHUNK);
        n = room ? read(r->fd, room, CHUNK) : -1;
        if (n < 0)
            return err_errno(&r->e, "'%s'", path);
        total += (size_t)n;
        if (total > FILE_MAX)
            return err_set(&r->e, ERR_INPUT, "'%s' is too large", path);
        if (XML_ParseBuffer(r->parser, (int)n, n == 0) == XML_STATUS_OK)
            continue;
        if (r->e.kind)
            return err_wrap(&r->e, "'%s'", path);
        return err_set(&r->e, ERR_INPUT, "'%s': line %lu: %s", path,
                       XML_GetCurrentLineNumber(r->parser),
                       XML_ErrorString(XML_GetErrorCode(r->parser)));
    }
    return true;
}

static bool has(lua_State *L, const char *name)
{
    bool is = lua_getfield(L, 2, name) == LUA_TFUNCTION;
    lua_pop(L, 1);
    return is;
}

static int xml_read(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    struct reading *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (struct reading){.L = L, .fd = -1, .text = {.max = TEXT_MAX}};
    if (luaL_newmetatable(L, "pipec.xml")) {
        lua_pushcfunction(L, drop);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    r->has_open = has(L, "open");
    r->has_close = has(L, "close");
    r->parser = XML_ParserCreate(NULL);
    if (!r->parser)
        return luaL_error(L, "not enough memory");
    if (!parse(r, path)) {
        struct err e = r->e;
        return host_raise(L, &e);
    }
    return 0;
}

static const struct host_function functions[] = {
    {"read", xml_read, "(path, {open, close})",
     "calls open(name, attributes) and close(name, text) for each element, "
     "text being what stands before the end; entities are refused"},
    {0},
};

const struct host_module host_xml = {
    "xml", "XML, element by element, however large.", functions};
