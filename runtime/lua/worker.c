#include "runtime/lua/worker.h"

#include "base/die.h"
#include "base/file.h"
#include "runtime/http/http.h"
#include "runtime/lua/catalogue.h"
#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"
#include "runtime/lua/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LUA_MEMORY_MAX = 256 << 20,    /* bytes of a stage's Lua state */
    REMOVE_FDS = 16,               /* open folders while removing */
    /* Who needed more ends: what grew is given back, and a peak is told of
     * the stage that had it. Large ones gain nothing by staying anyway. */
    STAY_RSS_MAX_KIB = 16 << 10,
};

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static const char **environment(struct arena *a, json_t *env)
{
    size_t n = json_object_size(env);
    const char **list = arena_array(a, const char *, n + 1);
    const char *key;
    json_t *value;
    size_t k = 0;
    json_object_foreach(env, key, value)
    {
        const char *s = json_string_value(value);
        list[k++] = arena_printf(a, "%s=%s", key, s ? s : "").s;
    }
    return list;
}

static bool enter_dir(struct host *h, struct err *e)
{
    const char *base = text_at(h->start, "pipeline_dir");
    const char *dir = text_at(h->node, "dir");
    struct str path = file_join(&h->arena, str_of(base ? base : "."),
                                str_of(dir ? dir : ""));
    if (path.n && chdir(path.s) < 0)
        return err_errno(e, "directory '%s'", path.s);
    return true;
}

/* The Lua files that the pipeline uses; its kind's at least. */
static void list_sources(struct host *h, struct catalogue *c)
{
    json_t *list = json_object_get(h->start, "sources");
    const char *own = text_at(h->node, "source");
    size_t n = json_array_size(list);
    const char **sources = arena_array(&h->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s)
            sources[c->n_sources++] = s;
    }
    if (!n && own && *own)
        sources[c->n_sources++] = own;
    c->sources = sources;
}

struct worker {
    struct sandbox *sandbox;
    struct catalogue catalogue;
};

struct usage {
    int64_t cpu_us, rss_kib;
};

static int push_all(lua_State *L)
{
    jvalue_open(L);
    host_push_ctx(L);
    lua_setglobal(L, "ctx");
    return 0;
}

static bool warm(struct worker *w, struct err *e)
{
    struct sandbox_spec spec = {.memory_max = LUA_MEMORY_MAX};
    w->sandbox = sandbox_create(&spec, e);
    if (!w->sandbox)
        return false;
    lua_pushcfunction(sandbox_state(w->sandbox), push_all);
    return sandbox_call(w->sandbox, 0, 0, e) &&
           catalogue_open(&w->catalogue, w->sandbox, e);
}

struct worker *worker_create(struct err *e)
{
    struct worker *w = calloc(1, sizeof *w);
    if (!w)
        die_oom();
    if (warm(w, e)) {
        lua_gc(sandbox_state(w->sandbox), LUA_GCCOLLECT);
        return w;
    }
    worker_destroy(w);
    return NULL;
}

void worker_destroy(struct worker *w)
{
    if (!w)
        return;
    sandbox_destroy(w->sandbox);
    free(w);
}

static int push_globals(lua_State *L)
{
    stage_push_globals(L);
    return 0;
}

/* The state that was made ready, or one whose stdlib is the start's. */
static bool take_state(struct host *h, struct worker *w, struct err *e)
{
    struct catalogue *c = &w->catalogue;
    const char *stdlib_dir = text_at(h->start, "stdlib");
    if (stdlib_dir) {
        sandbox_destroy(w->sandbox);
        w->sandbox = NULL;
        c->stdlib_dir = stdlib_dir;
    }
    if (!w->sandbox && !warm(w, e))
        return false;
    c->base_dir = text_at(h->start, "pipeline_dir");
    list_sources(h, c);
    h->catalogue = c;
    h->sandbox = w->sandbox;
    return true;
}

static bool set_up(struct host *h, struct worker *w, struct err *e)
{
    h->node = json_object_get(h->start, "node");
    h->envp = environment(&h->arena, json_object_get(h->start, "env"));
    const char *state_dir = text_at(h->start, "state_dir");
    h->state_dir = state_dir ? state_dir : ".pipec";
    if (!h->node)
        return err_set(e, ERR_IO, "the start message has no node");
    if (!take_state(h, w, e) || !enter_dir(h, e))
        return false;
    sandbox_set_host(h->sandbox, h);
    lua_pushcfunction(sandbox_state(h->sandbox), push_globals);
    return sandbox_call(h->sandbox, 0, 0, e) &&
           sandbox_arm(h->sandbox, SANDBOX_CPU, WORKER_CPU_MAX_MS, e);
}

static int remove_one(const char *path, const struct stat *st, int what,
                      struct FTW *at)
{
    (void)st, (void)what, (void)at;
    return remove(path);
}

static void remove_temp(struct host *h)
{
    if (*h->temp_dir)
        nftw(h->temp_dir, remove_one, REMOVE_FDS, FTW_DEPTH | FTW_PHYS);
}

static json_t *done_message(const struct stage_end *end)
{
    json_t *m = json_pack("{ss,sb}", "t", "done", "ok", end->ok);
    if (!end->ok) {
        json_t *error = json_string(end->error);
        json_object_set_new(m, "error",
                            error ? error : json_string("it failed"));
    }
    if (*end->cause)
        json_object_set_new(m, "cause", json_string(end->cause));
    if (end->aborted)
        json_object_set_new(m, "aborted", json_true());
    return m;
}

/* What this process and its ended children have used so far. */
static struct usage usage_now(void)
{
    struct usage u = {0};
    const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN};

    for (size_t i = 0; i < 2; i++) {
        struct rusage r;

        getrusage(whose[i], &r);
        u.cpu_us += (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000LL +
                    r.ru_utime.tv_usec + r.ru_stime.tv_usec;
        if (r.ru_maxrss > u.rss_kib)
            u.rss_kib = r.ru_maxrss;
    }
    return u;
}

/* Nothing that the stage started lives: orphans would be ours. */
static bool childless(void)
{
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ;
    return pid < 0 && errno == ECHILD;
}

/* Whether the next stage would find this process as good as new. */
static bool may_stay(struct host *h, const struct stage_end *end)
{
    return json_is_true(json_object_get(h->start, "stay")) && end->ok &&
           !h->wire.cancelled && !h->wire.closed && !h->next_intent &&
           !h->http && !h->rollout && childless() &&
           usage_now().rss_kib <= STAY_RSS_MAX_KIB;
}

/* One attempt, from its start message on. True: there may be another. */
static bool attempt(struct host *h, struct worker *w)
{
    struct stage_end end = {0};
    struct usage before = usage_now();
    struct err e = {0};

    if (set_up(h, w, &e))
        stage_run(h, &end);
    else
        snprintf(end.error, sizeof end.error, "%s", e.msg);
    remove_temp(h);

    bool stay = may_stay(h, &end);
    json_t *done = done_message(&end);

    if (stay) {
        struct usage now = usage_now();

        json_object_set_new(done, "stays", json_true());
        json_object_set_new(done, "cpu_ms", json_integer(
            (now.cpu_us - before.cpu_us) / 1000));
        json_object_set_new(done, "rss_kib", json_integer(now.rss_kib));
    }
    host_send(h, done);
    return stay;
}

static void clear(struct host *h, struct worker *w)
{
    http_client_destroy(h->http);
    sandbox_destroy(w->sandbox);
    *w = (struct worker){0};
    wire_clear(&h->wire);
    json_decref(h->rollout);
    json_decref(h->outputs);
    json_decref(h->start);
    arena_free(&h->arena);
}

bool worker_run(struct worker *w, int fd, struct err *e)
{
    struct worker own = {0}, *mine = w ? w : &own;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    bool stay = true, ok = true;
    int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    sigaction(SIGPIPE, &ignore, NULL);
    /* Orphans of a command become ours, so that stopping it finds them. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);

    for (int n = 0; stay && ok; n++) {
        struct host h = {0};
        struct err ignored = {0};

        wire_init(&h.wire, fd);
        h.start = n ? wire_next(&h.wire) : wire_start(&h.wire, e);
        ok = n || h.start;
        stay = h.start && attempt(&h, mine) && fchdir(home) == 0;
        if (stay || !w) /* a fork ends, and giving back copies shared pages */
            clear(&h, mine);
        if (stay) /* the supervisor is busy with what it was told */
            warm(mine, &ignored);
    }
    if (!w)
        clear(&(struct host){0}, mine);
    if (home >= 0)
        close(home);
    return ok;
}
