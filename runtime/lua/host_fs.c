#include "base/die.h"
#include "base/file.h"
#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <lauxlib.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_MAX = 64 << 20, /* bytes of one file */
    WALK_MAX = 200000,   /* files of one walk */
    WALK_DEPTH_MAX = 64,
    PIECE = 64 << 10, /* bytes read at once */
};

static const char *path_arg(lua_State *L, int index)
{
    struct str s = host_str(L, index);
    if (!s.n || memchr(s.s, 0, s.n))
        luaL_error(L, "a path is empty or holds a NUL");
    return s.s;
}

static int fs_read(lua_State *L)
{
    struct err e = {0};
    const char *path = path_arg(L, 1);
    int64_t first = host_opt_int(L, lua_istable(L, 2) ? 2 : 0, "first", 0);
    struct arena *a = host_arena(L);
    struct str text = {0};
    if (first > 0 && first < READ_MAX) {
        char *room = arena_alloc(a, 1, 1, (size_t)first);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, room, (size_t)first);
        if (n < 0)
            err_errno(&e, "'%s'", path);
        if (fd >= 0)
            close(fd);
        if (n < 0)
            return host_raise(L, &e);
        text = (struct str){room, (size_t)n};
    } else if (!file_read(a, path, READ_MAX, &text, &e)) {
        return host_raise(L, &e);
    }
    host_push_str(L, text);
    return 1;
}

static int fs_write(lua_State *L)
{
    struct err e = {0};
    const char *path = path_arg(L, 1);
    struct str text = host_str(L, 2);
    mode_t mode = (mode_t)luaL_optinteger(L, 3, 0644);
    struct arena *a = host_arena(L);
    const char *dir = arena_dup(a, file_dir(str_of(path))).s;
    if (!file_mkdirs(dir, 0755, &e) || !file_write(path, text, mode, &e))
        return host_raise(L, &e);
    return 0;
}

static int fs_kind(lua_State *L)
{
    struct stat st;
    if (lstat(path_arg(L, 1), &st) < 0)
        return 0;
    lua_pushstring(L, S_ISREG(st.st_mode)   ? "file"
                      : S_ISDIR(st.st_mode) ? "folder"
                      : S_ISLNK(st.st_mode) ? "link"
                                            : "other");
    return 1;
}

static int fs_exists(lua_State *L)
{
    lua_pushboolean(L, access(path_arg(L, 1), F_OK) == 0);
    return 1;
}

static int fs_remove(lua_State *L)
{
    struct err e = {0};
    const char *path = path_arg(L, 1);
    if (remove(path) < 0 && errno != ENOENT) {
        err_errno(&e, "cannot remove '%s'", path);
        return host_raise(L, &e);
    }
    return 0;
}

static int fs_mkdir(lua_State *L)
{
    struct err e = {0};
    if (!file_mkdirs(path_arg(L, 1), 0755, &e))
        return host_raise(L, &e);
    return 0;
}

static int drop_glob(lua_State *L)
{
    globfree(lua_touserdata(L, 1));
    return 0;
}

static int fs_glob(lua_State *L)
{
    const char *pattern = path_arg(L, 1);
    glob_t *g = lua_newuserdatauv(L, sizeof *g, 0);
    memset(g, 0, sizeof *g);
    if (luaL_newmetatable(L, "pipec.glob")) {
        lua_pushcfunction(L, drop_glob);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    int rc = glob(pattern, 0, NULL, g);
    if (rc != 0 && rc != GLOB_NOMATCH)
        return luaL_error(L, "cannot look for '%s'", pattern);
    lua_createtable(L, (int)g->gl_pathc, 0);
    for (size_t i = 0; i < g->gl_pathc; i++) {
        lua_pushstring(L, g->gl_pathv[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    jvalue_mark_list(L);
    return 1;
}

struct walk {
    struct arena *a;
    struct str *items;
    size_t n, cap;
};

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int wanted(const struct dirent *d)
{
    return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
           strcmp(d->d_name, ".git") != 0 && strcmp(d->d_name, ".pipec") != 0;
}

static void walk(struct walk *w, struct str dir, int depth)
{
    struct dirent **list = NULL;
    int n = depth < WALK_DEPTH_MAX ? scandir(dir.s, &list, wanted, by_name)
                                   : 0;
    for (int i = 0; i < n; i++) {
        struct str path = file_join(w->a, dir, str_of(list[i]->d_name));
        struct stat st;
        bool there = lstat(path.s, &st) == 0 && w->n < WALK_MAX;
        if (there && S_ISDIR(st.st_mode))
            walk(w, path, depth + 1);
        else if (there && S_ISREG(st.st_mode))
            arena_push(w->a, w, path);
        free(list[i]);
    }
    free(list);
}

static int fs_walk(lua_State *L)
{
    const char *top = path_arg(L, 1);
    struct walk w = {.a = host_arena(L)};
    struct stat st;
    if (stat(top, &st) == 0 && S_ISREG(st.st_mode))
        arena_push(w.a, &w, arena_dup(w.a, str_of(top)));
    else
        walk(&w, arena_dup(w.a, str_of(top)), 0);
    lua_createtable(L, (int)w.n, 0);
    for (size_t i = 0; i < w.n; i++) {
        host_push_str(L, w.items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    jvalue_mark_list(L);
    return 1;
}

/* "**" crosses folders, as does a "*" without a '/' in the pattern. */
static int fs_match(lua_State *L)
{
    const char *path = path_arg(L, 1), *pattern = path_arg(L, 2);
    bool deep = strstr(pattern, "**") || !strchr(pattern, '/');
    const char *name = strchr(pattern, '/') ? path
                                            : file_base(str_of(path)).s;
    bool hit = fnmatch(pattern, name, deep ? 0 : FNM_PATHNAME) == 0;
    size_t n = strlen(pattern);
    hit = hit || (n && pattern[n - 1] == '/' && !strncmp(path, pattern, n));
    lua_pushboolean(L, hit);
    return 1;
}

/* Read in pieces: the file may be larger than memory. */
static bool add_file(int fd, EVP_MD_CTX *hash, struct err *e)
{
    unsigned char piece[PIECE];
    ssize_t n;

    while ((n = read(fd, piece, sizeof piece)) > 0)
        EVP_DigestUpdate(hash, piece, (size_t)n);
    return n == 0 || err_errno(e, "cannot read it");
}

static int fs_sha256(lua_State *L)
{
    struct err e = {0};
    const char *path = path_arg(L, 1);
    unsigned char sum[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool ok = fd >= 0 || err_errno(&e, "cannot open it");

    if (!hash || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
        die_oom();
    ok = ok && add_file(fd, hash, &e);
    EVP_DigestFinal_ex(hash, sum, &n);
    EVP_MD_CTX_free(hash);
    if (fd >= 0)
        close(fd);
    if (!ok)
        err_wrap(&e, "'%s'", path);
    if (!ok)
        return host_raise(L, &e);
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    lua_pushstring(L, hex);
    return 1;
}

static int fs_real(lua_State *L)
{
    char full[PATH_MAX];
    if (!realpath(path_arg(L, 1), full))
        return 0;
    lua_pushstring(L, full);
    return 1;
}

static const struct host_function functions[] = {
    {"read", fs_read, "(path, {first})",
     "a file's text, at most 64 MiB; or its first bytes"},
    {"write", fs_write, "(path, text, mode)",
     "writes it whole or not at all; makes the folders above"},
    {"exists", fs_exists, "(path)", "whether something is there"},
    {"kind", fs_kind, "(path)", "\"file\", \"folder\", \"link\" or nil"},
    {"real", fs_real, "(path)", "the whole path without links, or nil"},
    {"sha256", fs_sha256, "(path)", "the digest of a file in hexadecimal"},
    {"remove", fs_remove, "(path)", "removes a file or an empty folder"},
    {"mkdir", fs_mkdir, "(path)", "makes a folder and those above"},
    {"glob", fs_glob, "(pattern)", "paths that match, sorted"},
    {"walk", fs_walk, "(path)",
     "all files below, sorted, without .git and .pipec"},
    {"match", fs_match, "(path, pattern)",
     "whether a glob matches: \"*.lock\", \"src/**\", \"vendor/\""},
    {0},
};

const struct host_module host_fs = {
    "fs", "Files. Relative paths are from the stage's dir.", functions};
