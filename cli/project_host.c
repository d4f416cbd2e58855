#include "cli/project.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/glob.h"
#include "runtime/lua/probe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the compiler asks of the world. Nothing here starts a process, opens a
 * socket or writes. */

enum { READ_MAX = 4 * 1024 * 1024, PATH_DIRS_MAX = 256, MS = 1000 };

static struct probe_spec probe_spec(struct project *p)
{
    return (struct probe_spec){
        .stdlib_dir = p->stdlib_dir,
        .base_dir = arena_dup(&p->arena, p->dir).s,
    };
}

static bool host_schema(void *ctx, struct arena *a, struct schema_set *set,
                        struct str family, struct str name, struct err *e)
{
    struct probe_spec spec = probe_spec(ctx);

    return probe_stdlib(a, &spec, set, family, name, e);
}

static struct str host_schema_name(void *ctx, struct str family, size_t i)
{
    struct project *p = ctx;
    const char **names = probe_names(&p->arena, family);
    size_t n = 0;

    while (names[n] && n < i)
        n++;
    return names[n] ? str_of(names[n]) : (struct str){0};
}

static bool host_lua_file(void *ctx, struct arena *a, struct schema_set *set,
                          struct str path, struct str text, struct err *e)
{
    struct project *p = ctx;
    struct probe_spec spec = probe_spec(p);
    const char *name = arena_dup(&p->arena, path).s;

    arena_push(&p->arena, &p->lua_files, name);
    return probe_file(a, &spec, set, name, text, e);
}

static bool host_read(void *ctx, struct arena *a, struct str path,
                      struct str *text, struct err *e)
{
    struct project *p = ctx;

    return file_read(a, arena_dup(a, file_join(a, p->dir, path)).s, READ_MAX,
                     text, e);
}

static bool host_glob(void *ctx, struct arena *a, struct str pattern,
                      struct str **paths, size_t *n, struct err *e)
{
    struct project *p = ctx;

    return glob_list(a, arena_dup(a, p->dir).s, pattern, paths, n, e);
}

static bool host_env(void *ctx, struct str name, struct str *value)
{
    struct project *p = ctx;
    const char *v = getenv(arena_dup(&p->arena, name).s);

    if (v)
        *value = str_of(v);
    return v != NULL;
}

/* Looked for before a library is loaded to say the same. */
static bool in_repo(struct arena *a, struct str dir)
{
    char *full = realpath(arena_dup(a, dir).s, NULL);
    struct str at = full ? arena_dup(a, str_of(full)) : (struct str){0};

    free(full);
    for (; at.n > 1; at = file_dir(at))
        if (!access(file_join(a, arena_dup(a, at), STR(".git")).s, F_OK))
            return true;
    return getenv("GIT_DIR") != NULL;
}

static bool open_repo(struct project *p, struct err *e)
{
    if (!p->repo && !in_repo(&p->arena, p->dir))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is in no Git repository",
                       STR_ARG(p->dir));
    if (!p->repo)
        p->repo = repo_open(arena_dup(&p->arena, p->dir).s, e);
    return p->repo != NULL;
}

static bool host_git(void *ctx, struct arena *a, struct str name,
                     struct value *out, struct err *e)
{
    static const struct {
        const char *name;
        bool (*get)(struct repo *, struct arena *, struct str *, struct err *);
    } facts[] = {
        {"sha", repo_sha}, {"short", repo_short}, {"branch", repo_branch},
        {"tag", repo_tag}, {"repo", repo_name}, {NULL, NULL},
    };
    struct project *p = ctx;
    struct str text = {0};

    if (!open_repo(p, e))
        return false;
    *out = value_bool(false);
    if (str_eq(name, STR("dirty")))
        return repo_dirty(p->repo, &out->b, e);
    for (size_t i = 0; facts[i].name; i++)
        if (str_eq(name, str_of(facts[i].name))) {
            bool ok = facts[i].get(p->repo, a, &text, e);

            *out = value_string(text);
            return ok;
        }
    return err_set(e, ERR_INPUT, "git has no '" STR_FMT "'", STR_ARG(name));
}

static bool host_changed(void *ctx, struct arena *a, struct str pattern,
                         bool *out, struct err *e)
{
    struct project *p = ctx;

    (void)a;
    return open_repo(p, e) &&
           repo_changed(p->repo, &pattern, 1, (struct str){0}, out, e);
}

/* A program by where it is, its size and when it was written: looking at its
 * version would mean to start it. */
static struct str host_tool(void *ctx, struct arena *a, struct str name)
{
    const char *path = getenv("PATH");
    struct str rest = str_of(path ? path : "/usr/bin:/bin");
    struct stat st;

    (void)ctx;
    for (size_t i = 0; rest.n && i < PATH_DIRS_MAX; i++) {
        struct str dir = str_cut(rest, ':', &rest);
        struct str full = file_join(a, dir, name);

        if (dir.n == 0 || stat(full.s, &st) != 0 || !S_ISREG(st.st_mode) ||
            access(full.s, X_OK) != 0)
            continue;
        return arena_printf(
            a, STR_FMT ", %lld bytes, written " STR_FMT, STR_ARG(full),
            (long long)st.st_size,
            STR_ARG(clock_rfc3339(a, (int64_t)st.st_mtime * MS)));
    }
    return (struct str){0};
}

void project_host(struct project *p)
{
    p->host = (struct compile_host){
        .ctx = p,
        .schema = host_schema,
        .schema_name = host_schema_name,
        .lua_file = host_lua_file,
        .read = host_read,
        .glob = host_glob,
        .env = host_env,
        .git = host_git,
        .changed = host_changed,
        .tool = host_tool,
    };
}
