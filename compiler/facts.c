#include "base/sha256.h"
#include "compiler/check.h"

#include <string.h>

/* What the plan takes from outside, asked of the host once each and noted, so
 * that a run of the saved plan can look again. */

enum { GLOB_MAX = 100 * 1000 };

static struct str sha256(struct check *c, struct str text)
{
    char hex[SHA256_HEX_BYTES];

    sha256_hex(text, hex);
    return arena_dup(c->a, str_of(hex));
}

static void note(struct check *c, enum graph_fact_kind kind, struct str name,
                 struct str value)
{
    struct graph_fact f = {.kind = kind, .name = name, .value = value};

    if (!c->o->facts || map_get(&c->fact_names[kind], name))
        return;
    map_add(c->a, &c->fact_names[kind], name, c);
    arena_push(c->a, &c->facts, f);
}

void facts_file(struct check *c, struct str path, struct str text)
{
    if (c->o->facts)
        note(c, FACT_FILE, path, sha256(c, text));
}

void facts_param(struct check *c, struct str name, struct str text)
{
    note(c, FACT_PARAM, name, text);
}

void facts_tool(struct check *c, struct str name)
{
    if (!c->o->facts || !c->o->host->tool ||
        map_get(&c->fact_names[FACT_TOOL], name))
        return;
    struct str found = c->o->host->tool(c->o->host->ctx, c->a, name);

    note(c, FACT_TOOL, name, found.n ? found : STR("absent"));
}

/* git.sha and the like, where it is not looked at. */
static struct typed later(struct check *c, const char *object, struct str name,
                          enum type_kind type)
{
    struct typed t = {.type = type_simple(type), .phase = PHASE_PLAN};

    t.x = (struct expr){.kind = EXPR_MEMBER, .name = name, .n = 1,
                        .kids = arena_new(c->a, struct expr)};
    t.x.kids[0] = (struct expr){.kind = EXPR_VAR, .name = str_of(object)};
    return t;
}

static struct typed known(const struct type *type, struct value v)
{
    struct typed t = typed_literal(type, v);

    t.phase = PHASE_PLAN;
    return t;
}

struct typed facts_git(struct check *c, struct str name, struct span at)
{
    enum type_kind type = str_eq(name, STR("dirty")) ? TYPE_BOOL : TYPE_STRING;
    struct value v;
    struct err e = {0};
    struct str text;

    if (!c->o->facts || !c->o->host->git)
        return later(c, "git", name, type);
    if (!c->o->host->git(c->o->host->ctx, c->a, name, &v, &e)) {
        if (c->git_failed)
            return typed_error();
        c->git_failed = true;
        struct diag *g = diag_add(c->d, DIAG_E0412, at,
                                  "git." STR_FMT " is not known: %s",
                                  STR_ARG(name), e.msg);

        diag_help(c->d, g, "run pipec inside a Git repository with a commit");
        return typed_error();
    }
    if (value_text(c->a, &v, &text))
        note(c, FACT_GIT, name, text);
    return known(type_simple(type), v);
}

void facts_commit(struct check *c)
{
    static const char *const names[] = {"sha", "short", NULL};
    struct value v;
    struct err none = {0};
    struct str text;

    for (size_t i = 0; c->o->facts && c->o->host->git && names[i]; i++)
        if (c->o->host->git(c->o->host->ctx, c->a, str_of(names[i]), &v,
                            &none) &&
            value_text(c->a, &v, &text) && text.n)
            note(c, FACT_GIT, str_of(names[i]), text);
}

struct typed facts_changed(struct check *c, struct str pattern,
                           struct span at)
{
    struct err e = {0};
    bool changed;
    struct str name = arena_printf(c->a, "changed(" STR_FMT ")",
                                   STR_ARG(pattern));

    if (!c->o->facts || !c->o->host->changed)
        return later(c, "git", name, TYPE_BOOL);
    if (!c->o->host->changed(c->o->host->ctx, c->a, pattern, &changed, &e)) {
        diag_add(c->d, DIAG_E0412, at, "git.changed: %s", e.msg);
        return typed_error();
    }
    note(c, FACT_GIT, name, changed ? STR("true") : STR("false"));
    return known(type_simple(TYPE_BOOL), value_bool(changed));
}

struct typed facts_env(struct check *c, struct str name,
                       const struct typed *dflt, struct span at)
{
    struct str text;
    struct typed t;

    if (!c->o->facts || !c->o->host->env) {
        t = later(c, "env", name, TYPE_STRING);
        t.env = true;
        return t;
    }
    if (c->o->host->env(c->o->host->ctx, name, &text)) {
        note(c, FACT_ENV, name, sha256(c, text));
        t = known(type_simple(TYPE_STRING), value_string(arena_dup(c->a, text)));
        t.env = true;
        return t;
    }
    note(c, FACT_ENV, name, STR("absent"));
    if (dflt)
        return *dflt;
    struct diag *g = diag_add(c->d, DIAG_E0411, at,
                              "the environment has no '" STR_FMT "'",
                              STR_ARG(name));

    diag_help(c->d, g, "set it, or give a default: env(\"" STR_FMT
                       "\", \"...\")", STR_ARG(name));
    return typed_error();
}

struct typed facts_read(struct check *c, struct str path, struct span at)
{
    struct str text;
    struct err e = {0};

    if (!c->o->host->read)
        return later(c, "file", path, TYPE_STRING);
    if (!c->o->host->read(c->o->host->ctx, c->a, path, &text, &e)) {
        diag_add(c->d, DIAG_E0412, at, "%s", e.msg);
        return typed_error();
    }
    facts_file(c, path, text);
    return known(type_simple(TYPE_STRING), value_string(text));
}

struct typed facts_glob(struct check *c, struct str pattern, struct span at)
{
    const struct type *type = type_list(c->a, type_simple(TYPE_PATH));
    struct str *paths;
    size_t n, bytes = 0;
    struct err e = {0};

    if (!c->o->host->glob)
        return later(c, "glob", pattern, TYPE_LIST);
    if (!c->o->host->glob(c->o->host->ctx, c->a, pattern, &paths, &n, &e) ||
        (n > GLOB_MAX && !err_set(&e, ERR_INPUT, "more than %d files match '"
                                  STR_FMT "'", GLOB_MAX, STR_ARG(pattern)))) {
        diag_add(c->d, DIAG_E0412, at, "%s", e.msg);
        return typed_error();
    }
    struct value *items = arena_array(c->a, struct value, n);

    for (size_t i = 0; i < n; i++) {
        items[i] = value_string(paths[i]);
        bytes += paths[i].n + 1;
    }
    char *joined = arena_array(c->a, char, bytes + 1), *p = joined;

    for (size_t i = 0; i < n; i++) {
        memcpy(p, paths[i].s, paths[i].n);
        p += paths[i].n;
        *p++ = '\n';
    }
    if (c->o->facts)
        note(c, FACT_GLOB, pattern, sha256(c, (struct str){joined, bytes}));
    return known(type, (struct value){.kind = VALUE_LIST, .list = {items, n}});
}

/* Which continuous-integration service this runs in. */
struct typed facts_ci(struct check *c)
{
    static const char *const marks[][2] = {
        {"GITHUB_ACTIONS", "github"}, {"GITLAB_CI", "gitlab"},
        {"WOODPECKER", "woodpecker"}, {"FORGEJO_ACTIONS", "forgejo"},
        {"BUILDKITE", "buildkite"}, {"JENKINS_URL", "jenkins"},
        {"CIRCLECI", "circleci"}, {"CI", "ci"}, {NULL, NULL},
    };
    struct str text;
    const char *name = "";

    if (!c->o->facts || !c->o->host->env)
        return later(c, "ci", STR("name"), TYPE_STRING);
    for (size_t i = 0; marks[i][0] && !*name; i++)
        if (c->o->host->env(c->o->host->ctx, str_of(marks[i][0]), &text))
            name = marks[i][1];
    return known(type_simple(TYPE_STRING), value_string(str_of(name)));
}
