#include "base/file.h"
#include "runtime/lua/host.h"
#include "runtime/oci/oci.h"

#include <lauxlib.h>
#include <string.h>

enum { COPIES_MAX = 10000, INDEX_MAX = 4 << 20 };

static struct str keep(lua_State *L, struct arena *a, int index,
                       const char *key)
{
    struct str s = host_opt_str(L, index, key);
    return s.s ? arena_dup(a, s) : s;
}

static void read_copies(lua_State *L, struct arena *a, struct oci_image *image)
{
    lua_getfield(L, 1, "files");
    size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
    if (n > COPIES_MAX)
        luaL_error(L, "more than %d copies", COPIES_MAX);
    struct oci_copy *copies = arena_array(a, struct oci_copy, n + 1);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        int at = lua_gettop(L);
        luaL_checktype(L, at, LUA_TTABLE);
        copies[i] = (struct oci_copy){
            .from = keep(L, a, at, "source"), .text = keep(L, a, at, "text"),
            .to = keep(L, a, at, "dest"),
            .mode = (unsigned)host_opt_int(L, at, "mode", 0)};
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    image->copies = copies;
    image->copy_count = n;
}

static void read_labels(lua_State *L, struct arena *a, struct oci_image *image)
{
    size_t n = 0, k = 0;
    if (lua_getfield(L, 1, "labels") == LUA_TTABLE)
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
            n++;
    struct oci_pair *labels = arena_array(a, struct oci_pair, n + 1);
    for (lua_pushnil(L); n && lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        labels[k].name = arena_dup(a, host_str(L, -1));
        labels[k++].value = arena_dup(a, host_str(L, -2));
        lua_pop(L, 1);
    }
    lua_settop(L, 2);
    image->labels = labels;
    image->label_count = n;
}

/* "linux/arm64" */
static struct str architecture(struct arena *a, struct str platform)
{
    struct str rest;
    str_cut(platform, '/', &rest);
    return arena_dup(a, rest.n ? rest : platform);
}

static int assemble(lua_State *L)
{
    struct err e = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct arena *a = host_arena(L);
    struct oci_image image = {.user = keep(L, a, 1, "user"),
                              .workdir = keep(L, a, 1, "workdir"),
                              .base = keep(L, a, 1, "base"),
                              .ref = keep(L, a, 1, "ref")};
    struct str layout = keep(L, a, 1, "layout");
    struct str platform = host_opt_str(L, 1, "platform");
    if (platform.n)
        image.architecture = architecture(a, platform);
    image.entrypoint = host_opt_list(L, a, 1, "entrypoint",
                                     &image.entrypoint_count);
    image.cmd = host_opt_list(L, a, 1, "cmd", &image.cmd_count);
    image.env = host_opt_list(L, a, 1, "env", &image.env_count);
    image.ports = host_opt_list(L, a, 1, "ports", &image.port_count);
    image.created_s = host_opt_int(L, 1, "created", 0);
    read_copies(L, a, &image);
    read_labels(L, a, &image);
    struct str digest;
    if (!layout.n)
        return luaL_error(L, "an image needs a layout folder");
    if (!oci_build(a, &image, layout.s, &digest, &e))
        return host_raise(L, &e);
    lua_createtable(L, 0, 2);
    host_push_str(L, digest);
    lua_setfield(L, -2, "digest");
    host_push_str(L, layout);
    lua_setfield(L, -2, "layout");
    return 1;
}

/* The part of a reference that names a registry: has a dot, a colon, or is
 * localhost; else Docker's. */
static int registry(lua_State *L)
{
    struct str rest, head = str_cut(host_str(L, 1), '/', &rest);
    bool named = rest.n && (str_find(head, '.') < head.n ||
                            str_find(head, ':') < head.n ||
                            str_eq(head, STR("localhost")));
    host_push_str(L, named ? head : STR("docker.io"));
    return 1;
}

static const struct host_function rows[] = {
    {"assemble", assemble,
     "{layout, files, entrypoint, cmd, env, ports, labels, user, workdir, "
     "platform, ref, base, created}",
     "writes an image made of files, without a daemon: {digest, layout}"},
    {"registry", registry, "(ref)", "the registry that a reference names"},
    {0},
};

const struct host_module host_oci = {"oci", "Container images.", rows};
