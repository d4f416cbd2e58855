#include "compiler/check.h"

/* git, run, ci; and in hooks stage and rollout. */

static const struct builtin {
    const char *object, *name;
    enum type_kind type;
    enum { IN_GIT, IN_RUN, IN_CI, IN_ROLLOUT, IN_STAGE } from;
} builtins[] = {
    {"git", "sha", TYPE_STRING, IN_GIT},
    {"git", "short", TYPE_STRING, IN_GIT},
    {"git", "branch", TYPE_STRING, IN_GIT},
    {"git", "tag", TYPE_STRING, IN_GIT},
    {"git", "repo", TYPE_STRING, IN_GIT},
    {"git", "dirty", TYPE_BOOL, IN_GIT},
    {"run", "id", TYPE_STRING, IN_RUN},
    {"run", "dir", TYPE_PATH, IN_RUN},
    {"ci", "name", TYPE_STRING, IN_CI},
    {"rollout", "reason", TYPE_STRING, IN_ROLLOUT},
    {"rollout", "weight", TYPE_PERCENT, IN_ROLLOUT},
    {"rollout", "result", TYPE_STRING, IN_ROLLOUT},
    {"stage", "error", TYPE_STRING, IN_STAGE},
    {"stage", "name", TYPE_STRING, IN_STAGE},
    {"stage", "id", TYPE_STRING, IN_STAGE},
    {"stage", "kind", TYPE_STRING, IN_STAGE},
    {0},
};

bool builtin_named(struct str object)
{
    for (size_t i = 0; builtins[i].object; i++)
        if (str_eq(object, str_of(builtins[i].object)))
            return true;
    return false;
}

static struct typed run_time(struct check *c, const struct builtin *b)
{
    struct typed t = {.type = type_simple(b->type), .phase = PHASE_RUN};

    t.x = (struct expr){.kind = EXPR_MEMBER, .name = str_of(b->name), .n = 1,
                        .kids = arena_new(c->a, struct expr)};
    t.x.kids[0] = (struct expr){.kind = EXPR_VAR, .name = str_of(b->object)};
    return t;
}

static struct typed in_stage(struct check *c, const struct scope *s,
                             const struct builtin *b, struct span at)
{
    if (!s->hook) {
        diag_add(c->d, DIAG_E0301, at,
                 "'stage' is known only in hooks, such as on failure { }");
        return typed_error();
    }
    return run_time(c, b);
}

static struct typed value_of(struct check *c, const struct scope *s,
                                  const struct builtin *b, struct span at)
{
    switch (b->from) {
    case IN_GIT:
        return facts_git(c, str_of(b->name), at);
    case IN_CI:
        return facts_ci(c);
    case IN_RUN:
        return run_time(c, b);
    case IN_STAGE:
        return in_stage(c, s, b, at);
    case IN_ROLLOUT:
        if (s->hook)
            return run_time(c, b);
        diag_add(c->d, DIAG_E0301, at,
                 "'rollout' is known only in a rollout's hooks, such as "
                 "on abort { }");
        return typed_error();
    }
    return typed_error();
}

struct typed builtin_value(struct check *c, struct scope *s,
                           struct str object, struct str name, struct span at)
{
    struct near near = {.word = name};
    struct str all = {0};

    for (size_t i = 0; builtins[i].object; i++) {
        struct str member = str_of(builtins[i].name);

        if (!str_eq(object, str_of(builtins[i].object)))
            continue;
        if (str_eq(name, member))
            return value_of(c, s, &builtins[i], at);
        near_consider(&near, member);
        all = arena_join(c->a, all, str_of(all.n ? ", " : ""), member);
    }
    struct diag *g = diag_add(c->d, DIAG_E0302, at,
                              "'" STR_FMT "' has no '" STR_FMT "'",
                              STR_ARG(object), STR_ARG(name));

    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "it has " STR_FMT, STR_ARG(all));
    return typed_error();
}
