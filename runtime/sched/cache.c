#include "runtime/sched/part.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/glob.h"
#include "graph/words.h"
#include "runtime/sched/content.h"

#include <sys/stat.h>

/* A stage with inputs need not run again while nothing that it depends on
 * changed: its commands, configuration and variables, the outputs of the
 * stages before it, the content of its input files. Its output files are put
 * back as they were then. */

static const char *cache_dir(struct arena *a, const struct sched *s)
{
    return file_join(a, str_of(store_dir(s->store)), STR("cache")).s;
}

static const char *whole(struct arena *a, const struct sched *s,
                         struct str path)
{
    return file_join(a, str_of(s->spec.pipeline_dir), path).s;
}

/* ---- the key ------------------------------------------------------------------ */

static void add_text(struct buf *b, const char *what, struct str text)
{
    buf_addf(b, "%s %zu ", what, text.n);
    buf_add(b, text);
    buf_addc(b, '\n');
}

static void add_value(struct buf *b, const char *what, const struct value *v)
{
    struct buf json = {0};

    value_json(&json, v, true);
    add_text(b, what, buf_str(&json));
    buf_free(&json);
}

static void add_steps(struct buf *b, const struct graph_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        switch (steps[i].kind) {
        case STEP_COMMAND:
            add_value(b, "command", &steps[i].command);
            break;
        case STEP_LUA:
            add_text(b, "lua", steps[i].lua);
            add_text(b, "file", steps[i].file);
            add_text(b, "call", steps[i].call);
            break;
        case STEP_STAGE:
            add_text(b, "kind", steps[i].stage_kind);
            add_value(b, "config", &steps[i].config);
            break;
        }
    }
}

static void add_node(struct buf *b, struct attempt *a)
{
    const struct graph_node *n = a->node;

    add_text(b, "stage", n->id);
    add_text(b, "kind", n->kind);
    add_text(b, "container", n->extra->container);
    add_value(b, "dir", &n->extra->dir);
    add_value(b, "config", &n->config);
    add_steps(b, n->commands, n->n_commands);
    for (size_t i = 0; i < n->extra->n_hooks; i++) {
        add_text(b, "hook", str_of(graph_phases[n->extra->hooks[i].phase]));
        add_steps(b, n->extra->hooks[i].steps, n->extra->hooks[i].n);
    }
    for (size_t i = 0; i < n->extra->n_outputs; i++)
        add_text(b, "output", n->extra->outputs[i]);
    for (size_t i = 0; i < n->extra->n_env; i++) {
        struct value v;
        struct err e = {0};

        if (resolve_value(a, &n->extra->env[i].value, &v, &e)) {
            add_text(b, "env", n->extra->env[i].name);
            add_value(b, "is", &v);
        }
    }
}

static void add_needs(struct buf *b, struct attempt *a)
{
    for (size_t i = 0; i < a->node->n_edges; i++) {
        uint32_t from = a->node->edges[i].from;

        for (struct output *o = a->s->stages[from].outputs; o; o = o->next) {
            add_text(b, "needs", a->s->graph->nodes[from].id);
            add_text(b, "output", o->name);
            add_value(b, "is", &o->value);
        }
    }
}

static bool add_files(struct buf *b, struct attempt *a, struct err *e)
{
    struct arena files = {0};
    const struct graph_extra *x = a->node->extra;
    bool ok = true;

    for (size_t i = 0; ok && i < x->n_inputs; i++) {
        struct str *paths = NULL;
        size_t n = 0;

        add_text(b, "inputs", x->inputs[i]);
        ok = glob_list(&files, a->s->spec.pipeline_dir, x->inputs[i], &paths,
                       &n, e);
        for (size_t k = 0; ok && k < n; k++) {
            struct str hex;
            mode_t mode;

            ok = content_digest(&files, whole(&files, a->s, paths[k]), &hex,
                             &mode, e);
            add_text(b, "file", paths[k]);
            buf_addf(b, "%o ", (unsigned)(mode & (S_IFMT | S_IXUSR)));
            buf_add(b, hex);
        }
    }
    arena_free(&files);
    return ok;
}

static bool make_key(struct attempt *a, struct err *e)
{
    char hex[SHA256_HEX_BYTES];
    struct buf b = {0};
    bool ok;

    add_text(&b, "pipeline", a->s->graph->pipeline);
    add_node(&b, a);
    add_needs(&b, a);
    ok = add_files(&b, a, e);
    sha256_hex(buf_str(&b), hex);
    if (ok)
        a->cache_key = arena_dup(&a->arena, str_of(hex));
    buf_free(&b);
    return ok;
}

/* ---- putting back ------------------------------------------------------------- */

static bool restore_file(struct attempt *a, const struct value *f,
                         struct err *e)
{
    struct str path = value_get_str(f, "path", STR(""));
    struct str want = value_get_str(f, "sha256", STR(""));
    mode_t mode = (mode_t)value_get_int(f, "mode", 0), is;
    const char *to = whole(&a->arena, a->s, path);
    struct err absent = {0};
    struct str hex;

    if (content_digest(&a->arena, to, &hex, &is, &absent) && str_eq(hex, want) &&
        (is & 0777) == mode)
        return true;
    return content_restore(cache_dir(&a->arena, a->s), want, mode, to, e);
}

static void restore_value(struct attempt *a, struct str name,
                          const struct value *v)
{
    struct buf json = {0};

    resolve_add_output(a->s, a->index, name, v);
    value_json(&json, v, true);
    store_put_output(a->s->store, a->s->run, &(struct store_output){
        .node = a->node->id, .name = name, .value = buf_str(&json)});
    buf_free(&json);
}

static bool restore(struct attempt *a, const struct value *kept, struct err *e)
{
    const struct value *files = value_get(kept, STR("files"));
    const struct value *values = value_get(kept, STR("values"));

    for (size_t i = 0; files && files->kind == VALUE_LIST &&
                       i < files->list.n; i++)
        if (!restore_file(a, &files->list.items[i], e))
            return false;
    for (size_t i = 0; values && values->kind == VALUE_MAP &&
                       i < values->map.n; i++)
        restore_value(a, values->map.pairs[i].key,
                      &values->map.pairs[i].value);
    return true;
}

bool cache_hit(struct attempt *a)
{
    struct store_cache c;
    struct value kept;
    struct err e = {0};

    if (!a->node->extra->n_inputs || a->s->spec.no_cache)
        return false;
    if (!make_key(a, &e)) {
        tell_log(a, EVENT_WARN, arena_printf(&a->arena, "inputs: %s\n",
                                             e.msg));
        return false;
    }
    if (!store_get_cache(&a->arena, a->s->store, a->cache_key, &c, &e) ||
        !value_from_json(&a->arena, c.outputs, &kept, &e) ||
        !restore(a, &kept, &e))
        return false; /* what is lost is made again */
    a->cached = true;
    a->why = arena_printf(&a->arena, "its inputs are those of run %lld",
                          (long long)c.run);
    return true;
}

/* ---- keeping ------------------------------------------------------------------ */

static bool keep_file(struct attempt *a, struct str path, struct value *out)
{
    const char *from = whole(&a->arena, a->s, path);
    struct value_pair *p = arena_array(&a->arena, struct value_pair, 3);
    struct err e = {0};
    struct str hex;
    mode_t mode;

    if (!content_digest(&a->arena, from, &hex, &mode, &e) || !S_ISREG(mode) ||
        !content_keep(cache_dir(&a->arena, a->s), hex, from, &e))
        return false;
    p[0] = (struct value_pair){STR("mode"), value_int(mode & 0777)};
    p[1] = (struct value_pair){STR("path"), value_string(path)};
    p[2] = (struct value_pair){STR("sha256"), value_string(hex)};
    *out = (struct value){.kind = VALUE_MAP, .map = {p, 3}};
    return true;
}

static bool keep_files(struct attempt *a, struct value *out)
{
    struct {
        struct value *items;
        size_t n, cap;
    } v = {0};
    struct err e = {0};

    for (size_t i = 0; i < a->node->extra->n_outputs; i++) {
        struct str *paths;
        size_t n;

        if (!glob_list(&a->arena, a->s->spec.pipeline_dir,
                       a->node->extra->outputs[i], &paths, &n, &e))
            return false;
        for (size_t k = 0; k < n; k++) {
            struct value f;

            if (!keep_file(a, paths[k], &f))
                return false;
            arena_push(&a->arena, &v, f);
        }
    }
    *out = (struct value){.kind = VALUE_LIST, .list = {v.items, v.n}};
    return true;
}

/* False where one holds a secret: those are kept nowhere. */
static bool keep_values(struct attempt *a, struct value *out)
{
    struct {
        struct value_pair *items;
        size_t n, cap;
    } v = {0};

    for (struct output *o = a->s->stages[a->index].outputs; o; o = o->next) {
        struct value masked = tell_mask(&a->arena, a->s->mask, &o->value);
        struct value_pair pair = {o->name, o->value};

        if (!value_eq(&masked, &o->value))
            return false;
        arena_push(&a->arena, &v, pair);
    }
    *out = (struct value){.kind = VALUE_MAP, .map = {v.items, v.n}};
    return true;
}

void cache_keep(struct attempt *a)
{
    struct value_pair pairs[] = {{.key = STR("files")}, {.key = STR("values")}};
    struct value kept = {.kind = VALUE_MAP, .map = {pairs, 2}};
    struct buf json = {0};

    if (!keep_files(a, &pairs[0].value) || !keep_values(a, &pairs[1].value))
        return;
    value_json(&json, &kept, true);
    store_put_cache(a->s->store, &(struct store_cache){
        .key = a->cache_key,
        .outputs = buf_str(&json),
        .run = a->s->run,
        .at = clock_wall_ms(),
    });
    buf_free(&json);
}
