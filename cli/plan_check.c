#include "cli/plan_check.h"

#include "base/file.h"
#include "base/sha256.h"
#include "cli/project.h"
#include "compiler/compile.h"

static struct str sha256(struct arena *a, struct str text)
{
    char hex[SHA256_HEX_BYTES];

    sha256_hex(text, hex);
    return arena_dup(a, str_of(hex));
}

static struct str file_now(struct project *p, struct str path)
{
    struct str text;
    struct err e = {0};

    if (!p->host.read(p, &p->arena, path, &text, &e))
        return STR("absent");
    return sha256(&p->arena, text);
}

static struct str glob_now(struct project *p, struct str pattern)
{
    struct str *paths;
    struct buf joined = {0};
    struct err e = {0};
    struct str sum;
    size_t n;

    if (!p->host.glob(p, &p->arena, pattern, &paths, &n, &e))
        return STR("absent");
    for (size_t i = 0; i < n; i++) {
        buf_add(&joined, paths[i]);
        buf_addc(&joined, '\n');
    }
    sum = sha256(&p->arena, buf_str(&joined));
    buf_free(&joined);
    return sum;
}

static struct str git_now(struct project *p, struct str name)
{
    const struct str call = STR("changed(");
    struct value v;
    struct err e = {0};
    struct str text;
    bool ok;

    if (str_starts(name, call)) {
        v = value_bool(false);
        name = str_sub(name, call.n, name.n - call.n - 1);
        ok = p->host.changed(p, &p->arena, name, &v.b, &e);
    } else {
        ok = p->host.git(p, &p->arena, name, &v, &e);
    }
    return ok && value_text(&p->arena, &v, &text) ? text : STR("absent");
}

static struct str env_now(struct project *p, struct str name)
{
    struct str value;

    return p->host.env(p, name, &value) ? sha256(&p->arena, value)
                                        : STR("absent");
}

static struct str tool_now(struct project *p, struct str name)
{
    struct str found = p->host.tool(p, &p->arena, name);

    return found.n ? found : STR("absent");
}

/* A param is fixed in the plan; one that the environment gives anew has to be
 * the same. */
static struct str param_now(struct project *p, const struct graph_fact *f)
{
    struct str found;

    if (!p->host.env(p, param_variable(&p->arena, f->name), &found))
        return f->value;
    return found;
}

static struct str now(struct project *p, const struct graph_fact *f)
{
    switch (f->kind) {
    case FACT_FILE:
        return file_now(p, f->name);
    case FACT_GLOB:
        return glob_now(p, f->name);
    case FACT_GIT:
        return git_now(p, f->name);
    case FACT_ENV:
        return env_now(p, f->name);
    case FACT_TOOL:
        return tool_now(p, f->name);
    case FACT_PARAM:
        return param_now(p, f);
    }
    return (struct str){0};
}

static const char *describe(enum graph_fact_kind kind)
{
    static const char *const words[] = {
        [FACT_FILE] = "the content of file", [FACT_GLOB] = "what matches",
        [FACT_GIT] = "git's", [FACT_ENV] = "the variable",
        [FACT_PARAM] = "the param", [FACT_TOOL] = "the program",
    };

    return words[kind];
}

static bool differs(const struct graph_fact *f, struct str is, struct err *e)
{
    const char *what = describe(f->kind);

    if (str_eq(f->value, STR("absent")))
        return err_set(e, ERR_INPUT, "%s '" STR_FMT "' was not there when the "
                       "plan was made; plan again", what, STR_ARG(f->name));
    if (str_eq(is, STR("absent")))
        return err_set(e, ERR_INPUT, "%s '" STR_FMT "' is gone since the plan "
                       "was made; plan again", what, STR_ARG(f->name));
    if (f->kind != FACT_FILE && f->kind != FACT_GLOB && f->kind != FACT_ENV)
        return err_set(e, ERR_INPUT, "%s '" STR_FMT "' changed since the plan "
                       "was made, from '" STR_FMT "' to '" STR_FMT
                       "'; plan again", what, STR_ARG(f->name),
                       STR_ARG(f->value), STR_ARG(is));
    return err_set(e, ERR_INPUT, "%s '" STR_FMT "' changed since the plan was "
                   "made; plan again", what, STR_ARG(f->name));
}

/* --param beside a saved plan changes nothing: it may only repeat. */
static bool same_param(const struct graph *g, struct str given, struct err *e)
{
    struct str text, name = str_cut(given, '=', &text);

    for (size_t i = 0; i < g->n_facts; i++) {
        const struct graph_fact *f = &g->facts[i];

        if (f->kind == FACT_PARAM && str_eq(f->name, name))
            return str_eq(f->value, text) || differs(f, text, e);
    }
    return err_set(e, ERR_INPUT, "the param '" STR_FMT "' was not given when "
                   "the plan was made; plan again", STR_ARG(name));
}

bool plan_check(const struct graph *g, const struct option_list *params,
                struct err *e)
{
    struct project p = {.dir = file_dir(g->file)};
    bool ok = true;

    for (size_t i = 0; ok && i < params->n; i++)
        ok = same_param(g, str_of(params->items[i]), e);
    project_host(&p);
    for (size_t i = 0; ok && i < g->n_facts; i++) {
        struct str is = now(&p, &g->facts[i]);

        ok = str_eq(is, g->facts[i].value) || differs(&g->facts[i], is, e);
    }
    project_close(&p);
    return ok;
}
