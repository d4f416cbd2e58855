#include "base/file.h"
#include "runtime/git/remote.h"
#include "runtime/git/repo.h"
#include "runtime/git/url.h"
#include "runtime/kustomize/edit.h"
#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { EDITS_MAX = 10000 };

/* What a commit changes: read from Lua before, applied to each new head. */
struct change {
    struct str kind; /* "set-image" "write" "remove" */
    struct str path, name, ref, text;
    struct str was; /* the text that "write" expects; .s NULL: any */
};

struct job {
    struct arena *a;
    struct host *host;
    const char *key; /* what makes a push the same again */
    int64_t intent;  /* of the push under way; 0: none */
    struct change *changes;
    size_t n;
    struct remote_message message;
    bool fresh;        /* what is there decides, not an earlier attempt */
    struct str revert; /* a commit to take back instead */
    struct str before; /* the head before */
};

static struct str keep(lua_State *L, struct arena *a, int index,
                       const char *key)
{
    struct str s = host_opt_str(L, index, key);
    return s.s ? arena_dup(a, s) : s;
}

static void read_changes(lua_State *L, struct job *job, int opts)
{
    if (lua_getfield(L, opts, "edits") == LUA_TTABLE) {
        size_t n = lua_rawlen(L, -1);
        if (n > EDITS_MAX)
            luaL_error(L, "more than %d edits", EDITS_MAX);
        job->changes = arena_array(job->a, struct change, n + 1);
        for (; job->n < n; job->n++) {
            lua_rawgeti(L, -1, (lua_Integer)job->n + 1);
            int i = lua_gettop(L);
            luaL_checktype(L, i, LUA_TTABLE);
            job->changes[job->n] = (struct change){
                keep(L, job->a, i, "kind"), keep(L, job->a, i, "path"),
                keep(L, job->a, i, "name"), keep(L, job->a, i, "ref"),
                keep(L, job->a, i, "text"), keep(L, job->a, i, "was")};
            job->fresh = job->fresh || job->changes[job->n].was.s;
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

/* "Name <address>" */
static void read_author(struct remote_message *m, struct str author)
{
    struct str rest, name = str_cut(author, '<', &rest);
    m->name = str_trim(name);
    m->email = str_cut(rest, '>', &rest);
}

static const char *const names[] = {"kustomization.yaml", "kustomization.yml",
                                    "Kustomization", NULL};

/* Several edits of one file: the latest text wins over the repository's. */
static bool current(struct job *job, struct remote *r,
                    const struct remote_edit *edits, size_t n,
                    struct str path, struct str *text, bool *found,
                    struct err *e)
{
    for (size_t i = n; i-- > 0;) {
        if (!str_eq(edits[i].path, path))
            continue;
        *text = edits[i].text;
        *found = !edits[i].remove;
        return true;
    }
    return remote_read(r, job->a, path, text, found, e);
}

static bool set_image(struct job *job, struct remote *r,
                      const struct change *c, struct remote_edit *edits,
                      size_t *n, struct err *e)
{
    for (size_t i = 0; names[i]; i++) {
        struct str path = file_join(job->a, c->path, str_of(names[i]));
        struct str text;
        bool found;
        if (!current(job, r, edits, *n, path, &text, &found, e))
            return false;
        if (!found)
            continue;
        struct remote_edit *x = &edits[(*n)++];
        x->path = path;
        return kustomize_edit_set_image(job->a, text, c->name, c->ref,
                                        &x->text, e) ||
               err_wrap(e, "'" STR_FMT "' in the repository", STR_ARG(path));
    }
    return err_set(e, ERR_INPUT, "the repository has no kustomization.yaml in "
                   "'" STR_FMT "'", STR_ARG(c->path));
}

/* Whether a file still is what its change was made for. */
static bool as_expected(struct job *job, struct remote *r,
                        const struct change *c, struct err *e)
{
    struct str text = {0};
    bool found = false;
    if (!c->was.s)
        return true;
    if (!remote_read(r, job->a, c->path, &text, &found, e))
        return false;
    return (found && str_eq(text, c->was)) ||
           err_set(e, ERR_NET, "'" STR_FMT "' has changed meanwhile",
                   STR_ARG(c->path));
}

static bool make(void *ctx, struct remote *r, struct remote_commit *out,
                 struct err *e)
{
    struct job *job = ctx;
    job->before = arena_dup(job->a, remote_head(r));
    if (job->revert.n)
        return remote_prepare_revert(r, job->a, job->revert, &job->message,
                                     out, e);
    struct remote_edit *edits = arena_array(job->a, struct remote_edit,
                                            job->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < job->n; i++) {
        const struct change *c = &job->changes[i];
        if (str_eq(c->kind, STR("set-image"))) {
            if (!set_image(job, r, c, edits, &n, e))
                return false;
            continue;
        }
        if (!as_expected(job, r, c, e))
            return false;
        edits[n++] = (struct remote_edit){
            .path = c->path, .text = c->text,
            .remove = str_eq(c->kind, STR("remove"))};
    }
    return remote_prepare(r, job->a, edits, n, &job->message, out, e);
}

/* ---- a push that can be found again -------------------------------------- */

static void end_intent(struct job *job, const char *state)
{
    if (job->intent)
        host_send(job->host, json_pack("{ss,sI,ss,s{}}", "t", "effect", "id",
                                       (json_int_t)job->intent, "state",
                                       state, "data"));
    job->intent = 0;
}

/* The store knows the commit before the remote does. */
static bool on_intent(void *ctx, const struct remote_commit *c, struct err *e)
{
    struct job *job = ctx;
    struct host *h = job->host;
    end_intent(job, "failed"); /* the branch moved under the one before */
    job->intent = ++h->next_intent;
    host_send(h, json_pack("{ss,sI,ss,ss,s{ss#,ss#}}", "t", "intent", "id",
                           (json_int_t)job->intent, "effect", "push", "key",
                           job->key, "data", "sha", c->sha.s, (int)c->sha.n,
                           "before", c->parent.s, (int)c->parent.n));
    return wire_await_ack(&h->wire, job->intent) ||
           err_set(e, ERR_CANCELLED, "cancelled: %s", h->wire.reason);
}

static struct str told(const json_t *intent, const char *key)
{
    const char *s = json_string_value(
        json_object_get(json_object_get(intent, "data"), key));
    return s ? str_of(s) : STR("");
}

/* An attempt that died between push and answer left its intent: if that commit
 * is in the branch, it was made, and making it again would find nothing to do
 * and so nothing to take back later. */
static bool find_pushed(struct job *job, struct remote *r,
                        struct remote_commit *out, struct err *e)
{
    json_t *list = json_object_get(job->host->start, "done");
    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *x = json_array_get(list, i);
        const char *effect = json_string_value(json_object_get(x, "effect"));
        const char *key = json_string_value(json_object_get(x, "key"));
        const char *state = json_string_value(json_object_get(x, "state"));
        struct str sha = told(x, "sha");
        bool in = false;
        if (!effect || !key || !state || strcmp(effect, "push") != 0 ||
            strcmp(key, job->key) != 0 || strcmp(state, "done") == 0 || !sha.n)
            continue;
        if (!remote_fetch(r, e) || !remote_contains(r, sha, &in, e))
            return false;
        if (!in)
            continue;
        out->sha = arena_dup(job->a, sha);
        job->before = arena_dup(job->a, told(x, "before"));
        host_log(job->host, "info",
                 STR("already pushed by an earlier attempt"));
        break;
    }
    return true;
}

static bool publish(struct job *job, const struct remote_spec *spec,
                    struct remote_commit *out, struct err *e)
{
    struct remote *r = remote_open(spec, e);
    struct remote_publish p = {.make = make, .on_intent = on_intent,
                               .ctx = job};
    bool ok = r && (job->fresh || find_pushed(job, r, out, e)) &&
              (out->sha.n || remote_publish(r, &p, out, e));
    end_intent(job, ok ? "done" : "failed");
    if (ok) { /* the commit's texts are the remote's */
        out->sha = arena_dup(job->a, out->sha);
        out->parent = arena_dup(job->a, out->parent);
    }
    remote_close(r);
    return ok;
}

/* Where to, and what: the URL without secrets, the branch, the message. */
static const char *push_key(struct arena *a, const struct remote_spec *spec,
                            const struct job *job)
{
    struct str rest, title = str_cut(job->message.text, '\n', &rest);
    return arena_printf(a, STR_FMT " " STR_FMT " " STR_FMT "%s" STR_FMT,
                        STR_ARG(url_shown(a, spec->url)),
                        STR_ARG(spec->branch), STR_ARG(job->revert),
                        job->revert.n ? " " : "", STR_ARG(title)).s;
}

static void read_spec(lua_State *L, struct arena *a, int opts,
                      struct remote_spec *spec)
{
    struct host *h = host_of(L);
    *spec = (struct remote_spec){
        .url = keep(L, a, opts, "url"),
        .branch = keep(L, a, opts, "branch"),
        .cache_dir = arena_printf(a, "%s/cache/git", h->state_dir),
        .timeout_ms = host_opt_ms(L, opts, "timeout", 0),
        .auth = {.user = keep(L, a, opts, "username"),
                 .password = keep(L, a, opts, "password"),
                 .bearer = keep(L, a, opts, "token"),
                 .known_hosts = keep(L, a, opts, "known_hosts"),
                 .ca_file = keep(L, a, opts, "ca")},
    };
    struct str key = keep(L, a, opts, "key");
    /* A key is its text, or the path of a file that holds it. */
    if (str_starts(key, STR("-----BEGIN")))
        spec->auth.key_text = key;
    else
        spec->auth.key_file = key;
}

static void push_commit(lua_State *L, const struct job *job,
                        const struct remote_commit *c)
{
    lua_createtable(L, 0, 3);
    host_push_str(L, c->sha);
    lua_setfield(L, -2, "sha");
    host_push_str(L, job->before);
    lua_setfield(L, -2, "before");
    lua_pushboolean(L, !c->unchanged);
    lua_setfield(L, -2, "changed");
}

static int commit(lua_State *L, bool revert)
{
    struct err e = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct arena *a = host_arena(L);
    struct job job = {.a = a, .host = host_of(L)};
    struct remote_spec spec;
    struct remote_commit out = {0};
    read_spec(L, a, 1, &spec);
    read_changes(L, &job, 1);
    job.message.text = keep(L, a, 1, "message");
    read_author(&job.message, keep(L, a, 1, "author"));
    if (revert)
        job.revert = keep(L, a, 1, "sha");
    if (!spec.url.n || !job.message.text.n || (revert && !job.revert.n))
        return luaL_error(L, "a commit needs url and message, a revert sha");
    job.key = push_key(a, &spec, &job);
    host_check_cancel(L);
    if (!publish(&job, &spec, &out, &e))
        return host_raise(L, &e);
    push_commit(L, &job, &out);
    return 1;
}

static int git_commit(lua_State *L)
{
    return commit(L, false);
}

static int git_revert(lua_State *L)
{
    return commit(L, true);
}

static int git_head(lua_State *L)
{
    struct err e = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct arena *a = host_arena(L);
    struct remote_spec spec;
    read_spec(L, a, 1, &spec);
    struct remote *r = remote_open(&spec, &e);
    bool ok = r && remote_fetch(r, &e);
    struct str sha = ok ? arena_dup(a, remote_head(r)) : (struct str){0};
    remote_close(r);
    if (!ok)
        return host_raise(L, &e);
    host_push_str(L, sha);
    return 1;
}

static int git_read(lua_State *L)
{
    struct err e = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    struct str path = host_str(L, 2);
    lua_settop(L, 2);
    struct arena *a = host_arena(L);
    struct remote_spec spec;
    struct str text = {0};
    bool found = false;
    read_spec(L, a, 1, &spec);
    struct remote *r = remote_open(&spec, &e);
    bool ok = r && remote_fetch(r, &e) &&
              remote_read(r, a, path, &text, &found, &e);
    if (ok)
        text = arena_dup(a, text);
    remote_close(r);
    if (!ok)
        return host_raise(L, &e);
    if (!found)
        return 0;
    host_push_str(L, text);
    return 1;
}

static int git_files(lua_State *L)
{
    struct err e = {0};
    const char *folder = luaL_checkstring(L, 1);
    struct arena *a = host_arena(L);
    struct str *files = NULL;
    size_t n = 0;
    struct repo *r = repo_open(folder, &e);
    bool ok = r && repo_files(r, a, folder, &files, &n, &e);
    repo_close(r);
    if (!ok && e.kind == ERR_INPUT)
        return 0;
    if (!ok)
        return host_raise(L, &e);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        host_push_str(L, files[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    jvalue_mark_list(L);
    return 1;
}

static const struct host_function rows[] = {
    {"commit", git_commit,
     "{url, branch, message, author, edits, username, password, token, key}",
     "commits edits and pushes, again on the new head while the branch moves: "
     "{sha, before, changed}. An edit is {kind = \"set-image\", path, name, "
     "ref}, {kind = \"write\", path, text, was} (was: what the file has to hold "
     "until then, or it fails) or {kind = \"remove\", path}"},
    {"revert", git_revert, "{url, branch, sha, message, author, ...}",
     "takes one commit back and pushes; the same result"},
    {"head", git_head, "{url, branch, ...}", "the branch's commit there now"},
    {"read", git_read, "({url, branch, ...}, path)",
     "a file's text there now, or nil"},
    {"files", git_files, "(folder)", "the files there that no .gitignore "
     "leaves out; nil where the folder is in no repository"},
    {0},
};

const struct host_module host_git = {"git", "Git repositories.",
                                     rows};
