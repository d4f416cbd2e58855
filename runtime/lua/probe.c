#include "runtime/lua/probe.h"

#include "base/file.h"
#include "runtime/lua/ask.h"
#include "runtime/lua/catalogue.h"
#include "runtime/lua/jvalue.h"
#include "runtime/lua/stdlib.h"

#include <stdlib.h>

enum { PROBE_MS = 2000, PROBE_MEMORY_MAX = 32 << 20 };

struct question {
    const struct probe_spec *spec;
    const char *path;
    struct str text;
};

static int open_json(lua_State *L)
{
    jvalue_open(L);
    return 0;
}

static bool write_schemas(lua_State *L, struct buf *answer, struct err *e)
{
    json_t *v = jvalue_read(L, -1, e);
    char *text = v ? json_dumps(v, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(v);
    if (!text)
        return v != NULL && err_set(e, ERR_INPUT, "it has no JSON");
    buf_adds(answer, text);
    free(text);
    return true;
}

/* In the child. */
static bool read_schemas(void *ctx, struct buf *answer, struct err *e)
{
    const struct question *q = ctx;
    struct catalogue c = {.stdlib_dir = q->spec->stdlib_dir,
                          .base_dir = q->spec->base_dir};
    struct sandbox_spec spec = {.memory_max = PROBE_MEMORY_MAX,
                                .ordered = true};
    struct sandbox *s = sandbox_create(&spec, e);
    if (!s)
        return false;
    lua_State *L = sandbox_state(s);
    lua_pushcfunction(L, open_json);
    if (!sandbox_call(s, 0, 0, e) || !catalogue_open(&c, s, e) ||
        !sandbox_arm(s, SANDBOX_CPU, PROBE_MS, e) ||
        !sandbox_load(s, q->text, q->path, e) || !sandbox_call(s, 0, 0, e))
        return false;
    lua_getglobal(L, "pipec");
    lua_getfield(L, -1, "schemas");
    lua_pushstring(L, q->path);
    if (!sandbox_call(s, 1, 1, e))
        return err_wrap(e, "'%s'", q->path);
    if (lua_rawlen(L, -1) == 0)
        return err_set(e, ERR_INPUT,
                       "'%s' declares nothing: it has to call pipec.kind, "
                       "pipec.router or the like", q->path);
    return write_schemas(L, answer, e);
}

bool probe_json(struct arena *a, const struct probe_spec *spec,
                const char *path, struct str text, struct str *json,
                struct err *e)
{
    struct question q = {spec, path, text};
    return ask(a, path, read_schemas, &q, json, e);
}

bool probe_file(struct arena *a, const struct probe_spec *spec,
                struct schema_set *set, const char *path, struct str text,
                struct err *e)
{
    struct str json;
    if (!probe_json(a, spec, path, text, &json, e))
        return false;
    return schema_add_json(a, set, json, e) || err_wrap(e, "'%s'", path);
}

static bool from_dir(struct arena *a, const struct probe_spec *spec,
                     struct schema_set *set, const struct stdlib_file *f,
                     struct err *e)
{
    struct str path = arena_printf(a, "%s/%s", spec->stdlib_dir, f->path);
    struct str name = arena_printf(a, "stdlib/%s", f->path);
    struct str text;
    return file_read(a, path.s, CATALOGUE_FILE_MAX, &text, e) &&
           probe_file(a, spec, set, name.s, text, e);
}

static bool add(struct arena *a, const struct probe_spec *spec,
                struct schema_set *set, const struct stdlib_file *f,
                struct err *e)
{
    if (spec->stdlib_dir)
        return from_dir(a, spec, set, f, e);
    schema_add(a, set, f->entry);
    return true;
}

bool probe_stdlib(struct arena *a, const struct probe_spec *spec,
                  struct schema_set *set, struct str family, struct str name,
                  struct err *e)
{
    const struct stdlib_file *f = stdlib_find(family, name);
    if (f && f->schema.n)
        return add(a, spec, set, f, e);
    if (!spec->stdlib_dir)
        return false;
    /* A file that is only in the override folder. */
    struct str path = arena_printf(a, STR_FMT "/" STR_FMT ".lua",
                                   STR_ARG(family), STR_ARG(name));
    struct stdlib_file own = {.path = path.s};
    struct str full = arena_printf(a, "%s/%s", spec->stdlib_dir, path.s);
    struct str text;
    struct err absent = {0};
    if (!file_read(a, full.s, CATALOGUE_FILE_MAX, &text, &absent))
        return false;
    return add(a, spec, set, &own, e);
}

bool probe_family(struct arena *a, const struct probe_spec *spec,
                  struct schema_set *set, struct str family, struct err *e)
{
    for (const struct stdlib_file *f = stdlib_files; f->path; f++) {
        if (!f->schema.n || (family.n && !str_eq(family, str_of(f->family))))
            continue;
        if (!add(a, spec, set, f, e))
            return false;
    }
    return true;
}

const char **probe_names(struct arena *a, struct str family)
{
    const char **names = arena_array(a, const char *, stdlib_count + 1);
    size_t n = 0;
    for (const struct stdlib_file *f = stdlib_files; f->path; f++)
        if (f->schema.n && str_eq(family, str_of(f->family)))
            names[n++] = f->name;
    return names;
}
