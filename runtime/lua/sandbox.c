#include "runtime/lua/sandbox.h"

#include "base/die.h"
#include "runtime/lua/sandbox_base.h"

#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum {
    MEMORY_DEFAULT = 64 << 20, /* bytes */
    BUDGET_STEP = 1000,        /* instructions between two looks */
    TRACE_MAX = 16 << 10,      /* bytes of traceback kept */
    TRACE_LINES_MAX = 24,
};

struct sandbox {
    lua_State *L;
    void *host;
    size_t memory, memory_max; /* bytes */
    uint64_t budget;           /* instructions left, where one is set */
    volatile sig_atomic_t over; /* the deadline has passed */
    bool spent;                /* the budget is used up */
    bool has_timer;
    timer_t timer;
    struct buf trace;
};

static struct sandbox *of(lua_State *L)
{
    return *(struct sandbox **)lua_getextraspace(L);
}

static void *allocate(void *ctx, void *p, size_t old, size_t n)
{
    struct sandbox *s = ctx;
    size_t held = p ? old : 0;
    if (n == 0) {
        free(p);
        s->memory -= held;
        return NULL;
    }
    if (n > held && n - held > s->memory_max - s->memory)
        return NULL;

    void *q = realloc(p, n);
    if (q)
        s->memory = s->memory - held + n;
    return q;
}

struct sandbox *sandbox_create(const struct sandbox_spec *spec, struct err *e)
{
    struct sandbox *s = calloc(1, sizeof *s);
    if (!s)
        die_oom();
    s->memory_max = spec->memory_max ? spec->memory_max : MEMORY_DEFAULT;
    s->trace.max = TRACE_MAX;
    s->L = lua_newstate(allocate, s);
    if (!s->L) {
        free(s);
        err_set(e, ERR_INPUT, "a Lua state needs more than its memory limit");
        return NULL;
    }
    *(struct sandbox **)lua_getextraspace(s->L) = s;
    lua_pushcfunction(s->L, sandbox_base);
    lua_pushboolean(s->L, spec->ordered);
    if (!sandbox_call(s, 1, 0, e)) {
        sandbox_destroy(s);
        return NULL;
    }
    return s;
}

void sandbox_destroy(struct sandbox *s)
{
    if (!s)
        return;
    sandbox_disarm(s);
    lua_close(s->L);
    buf_free(&s->trace);
    free(s);
}

lua_State *sandbox_state(struct sandbox *s)
{
    return s->L;
}

void sandbox_set_host(struct sandbox *s, void *host)
{
    s->host = host;
}

void *sandbox_host(lua_State *L)
{
    return of(L)->host;
}

static void on_over(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    luaL_error(L, "stopped: it ran longer than its time limit");
}

static void on_timer(int sig, siginfo_t *info, void *ucontext)
{
    (void)sig, (void)ucontext;
    struct sandbox *s = info->si_value.sival_ptr;
    s->over = 1;
    /* Count 1: a script that catches the error meets it again at once. */
    lua_sethook(s->L, on_over, LUA_MASKCOUNT, 1);
}

static void on_count(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    struct sandbox *s = of(L);
    if (s->budget > BUDGET_STEP) {
        s->budget -= BUDGET_STEP;
        return;
    }
    s->spent = true;
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
    luaL_error(L, "stopped: it used up its instruction budget");
}

bool sandbox_arm(struct sandbox *s, enum sandbox_clock clock, int64_t ms,
                 struct err *e)
{
    sandbox_disarm(s);
    struct sigaction sa = {.sa_sigaction = on_timer,
                           .sa_flags = SA_SIGINFO | SA_RESTART};
    sigemptyset(&sa.sa_mask);
    if (sigaction(SIGRTMIN, &sa, NULL) < 0)
        return err_errno(e, "cannot set a time limit");

    struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID,
                          .sigev_signo = SIGRTMIN,
                          .sigev_value.sival_ptr = s};
    ev.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    clockid_t id = clock == SANDBOX_CPU ? CLOCK_PROCESS_CPUTIME_ID
                                        : CLOCK_MONOTONIC;
    if (timer_create(id, &ev, &s->timer) < 0)
        return err_errno(e, "cannot set a time limit");

    s->has_timer = true;
    s->over = 0;
    struct itimerspec due = {.it_value = {ms / 1000, ms % 1000 * 1000000}};
    if (timer_settime(s->timer, 0, &due, NULL) < 0)
        return err_errno(e, "cannot set a time limit");
    return true;
}

void sandbox_disarm(struct sandbox *s)
{
    if (s->has_timer)
        timer_delete(s->timer);
    if (s->has_timer && s->over)
        lua_sethook(s->L, NULL, 0, 0);
    s->has_timer = false;
    s->over = 0;
}

void sandbox_budget(struct sandbox *s, uint64_t instructions)
{
    s->budget = instructions;
    s->spent = false;
    lua_sethook(s->L, on_count, LUA_MASKCOUNT, BUDGET_STEP);
}

static bool load(struct sandbox *s, struct str text, const char *name,
                 const char *mode, struct err *e)
{
    if (luaL_loadbufferx(s->L, text.s, text.n, name, mode) == LUA_OK)
        return true;

    const char *why = lua_tostring(s->L, -1);
    err_set(e, ERR_INPUT, "%s", why ? why : "not enough memory to compile it");
    lua_pop(s->L, 1);
    return false;
}

static const char *chunk_name(lua_State *L, const char *name)
{
    return lua_pushfstring(L, "@%s", name);
}

bool sandbox_load(struct sandbox *s, struct str text, const char *name,
                  struct err *e)
{
    const char *chunk = chunk_name(s->L, name);
    if (text.n && text.s[0] == '#') { /* #!/usr/bin/lua: keep the line's end */
        size_t end = str_find(text, '\n');
        text = str_skip(text, end);
    }
    bool ok = load(s, text, chunk, "t", e);
    lua_remove(s->L, ok ? -2 : -1);
    return ok;
}

bool sandbox_load_binary(struct sandbox *s, struct str code, const char *name,
                         struct err *e)
{
    const char *chunk = chunk_name(s->L, name);
    bool ok = load(s, code, chunk, "b", e);
    lua_remove(s->L, ok ? -2 : -1);
    return ok;
}

/* Lines of people's files only: [C] and stdlib explain nothing to them. */
static void keep_trace(struct sandbox *s, lua_State *L)
{
    lua_Debug ar;
    buf_clear(&s->trace);
    int lines = 0;
    for (int i = 0; lua_getstack(L, i, &ar) && lines < TRACE_LINES_MAX; i++) {
        lua_getinfo(L, "Sln", &ar);
        if (ar.currentline <= 0 || str_starts(str_of(ar.short_src),
                                              STR("stdlib/")))
            continue;
        buf_addf(&s->trace, "%s:%d", ar.short_src, ar.currentline);
        if (ar.name)
            buf_addf(&s->trace, " in '%s'", ar.name);
        buf_addc(&s->trace, '\n');
        lines++;
    }
}

static int on_error(lua_State *L)
{
    keep_trace(of(L), L);
    return 1;
}

static void describe(struct sandbox *s, int status, struct err *e)
{
    lua_State *L = s->L;
    enum err_kind kind = s->over || s->spent ? ERR_TIMEOUT : ERR_INPUT;
    if (status == LUA_ERRMEM) {
        err_set(e, kind, "%zu MiB of memory are not enough",
                s->memory_max >> 20);
        return;
    }
    if (lua_type(L, -1) == LUA_TTABLE) {
        lua_pushliteral(L, "message");
        lua_rawget(L, -2);
        lua_replace(L, -2);
    }
    const char *why = lua_tostring(L, -1);
    if (why)
        err_set(e, kind, "%s", why);
    else
        err_set(e, kind, "an error that is a %s value, not a text",
                luaL_typename(L, -1));
}

bool sandbox_call(struct sandbox *s, int nargs, int nresults, struct err *e)
{
    lua_State *L = s->L;
    int base = lua_gettop(L) - nargs;
    lua_pushcfunction(L, on_error);
    lua_insert(L, base);
    int status = lua_pcall(L, nargs, nresults, base);
    if (status != LUA_OK) {
        describe(s, status, e);
        lua_settop(L, base - 1);
        return false;
    }
    lua_remove(L, base);
    return true;
}

struct str sandbox_trace(const struct sandbox *s)
{
    return buf_str(&s->trace);
}

/* The place of a call in stdlib tells a user nothing. */
static bool from_stdlib(lua_State *L)
{
    lua_Debug ar;
    if (!lua_getstack(L, 1, &ar) || !lua_getinfo(L, "S", &ar))
        return true;
    return str_starts(str_of(ar.source), STR("@stdlib/"));
}

int sandbox_raise(lua_State *L, const struct err *e)
{
    if (!from_stdlib(L))
        return luaL_error(L, "%s", e->msg);
    lua_pushstring(L, e->msg);
    return lua_error(L);
}
