#include "compiler/check.h"

#include "graph/expr.h"

/* Names that always mean the same. */
static const char *const reserved[] = {
    "git", "run", "ci", "rollout", "stage", NULL,
};

struct scope *scope_create(struct check *c, struct scope *parent)
{
    struct scope *s = arena_new(c->a, struct scope);

    s->parent = parent;
    if (parent) {
        s->module = parent->module;
        s->hook = parent->hook;
        s->stage = parent->stage;
    }
    s->all = c->scopes;
    c->scopes = s;
    return s;
}

void scope_free_all(struct check *c)
{
    for (struct scope *s = c->scopes; s; s = s->all)
        map_free(&s->names);
}

static struct symbol *find_here(const struct scope *s, struct str name)
{
    for (struct symbol *y = s->locals; y; y = y->next)
        if (str_eq(y->name, name))
            return y;
    return map_get(&s->names, name);
}

struct symbol *scope_find(const struct scope *s, struct str name)
{
    for (; s; s = s->parent) {
        struct symbol *y = find_here(s, name);

        if (y)
            return y;
    }
    return NULL;
}

static bool is_reserved(struct str name)
{
    for (size_t i = 0; reserved[i]; i++)
        if (str_eq(name, str_of(reserved[i])))
            return true;
    return false;
}

static struct symbol *create(struct check *c, struct scope *s,
                             enum symbol_kind kind, struct str name,
                             struct span span)
{
    struct symbol *y = arena_new(c->a, struct symbol);

    y->name = name;
    y->span = span;
    y->kind = kind;
    y->scope = s;
    return y;
}

/* An outer name of the same spelling would be hidden: one of the two is most
 * often meant to be the other. Stages of a definition are named apart, by
 * their instance, so they hide nothing. */
static void report_hiding(struct check *c, struct scope *s, struct str name,
                          enum symbol_kind kind, struct span span)
{
    struct symbol *outer = s->parent ? scope_find(s->parent, name) : NULL;

    if (!outer || kind == SYMBOL_STAGE || kind == SYMBOL_INSTANCE)
        return;
    if (outer->kind == SYMBOL_STAGE || outer->kind == SYMBOL_INSTANCE)
        return;
    struct diag *g = diag_add(c->d, DIAG_E0304, span,
                              "'" STR_FMT "' hides another value of that name",
                              STR_ARG(name));

    diag_also(c->d, g, outer->span, "declared here");
    diag_help(c->d, g, "choose another name");
}

void scope_add(struct check *c, struct scope *s, struct symbol *y)
{
    struct str name = y->name;
    struct symbol *old = find_here(s, name);
    bool stages = y->kind == SYMBOL_STAGE || y->kind == SYMBOL_INSTANCE;

    if (old) {
        bool both = stages && (old->kind == SYMBOL_STAGE ||
                               old->kind == SYMBOL_INSTANCE);
        struct diag *g =
            diag_add(c->d, both ? DIAG_E0601 : DIAG_E0303, y->span,
                     both ? "there is a stage '" STR_FMT "' already"
                          : "'" STR_FMT "' is declared already",
                     STR_ARG(name));

        diag_also(c->d, g, old->span, "declared here");
        diag_help(c->d, g, "give one of them another name");
        return;
    }
    if (is_reserved(name) && !stages) {
        struct diag *g = diag_add(c->d, DIAG_E0305, y->span,
                                  "'" STR_FMT "' has a meaning of its own",
                                  STR_ARG(name));

        diag_help(c->d, g, "choose another name");
        return;
    }
    report_hiding(c, s, name, y->kind, y->span);
    map_add(c->a, &s->names, name, y);
    if (y->kind <= SYMBOL_SECRET || y->kind == SYMBOL_LOCAL)
        arena_push(c->a, &c->values, y);
}

struct symbol *scope_declare(struct check *c, struct scope *s,
                             enum symbol_kind kind, struct str name,
                             struct span span)
{
    struct symbol *y = create(c, s, kind, name, span);

    scope_add(c, s, y);
    return y;
}

struct symbol *scope_local(struct check *c, struct scope *s, struct str name,
                           struct span span)
{
    struct symbol *y = create(c, s, SYMBOL_LOCAL, name, span);

    if (span_some(span))
        report_hiding(c, s, name, SYMBOL_LOCAL, span);
    y->state = SYMBOL_DONE;
    y->value = arena_new(c->a, struct typed);
    y->next = s->locals;
    s->locals = y;
    return y;
}

static void consider_all(const struct scope *s, struct near *near)
{
    for (; s; s = s->parent) {
        for (struct symbol *y = s->locals; y; y = y->next)
            near_consider(near, y->name);
        for (struct map_entry *i = map_first(&s->names); i; i = map_next(i))
            near_consider(near, map_key(i));
    }
    for (size_t i = 0; reserved[i]; i++)
        near_consider(near, str_of(reserved[i]));
}

void scope_report_unknown(struct check *c, const struct scope *s,
                          struct str name, struct span span)
{
    struct near near = {.word = name};
    struct diag *g = diag_add(c->d, DIAG_E0301, span,
                              "nothing is named '" STR_FMT "'", STR_ARG(name));

    consider_all(s, &near);
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else if (function_find(name))
        diag_help(c->d, g, "it is a function: '" STR_FMT "(...)'",
                  STR_ARG(name));
    else
        diag_help(c->d, g, "declare it with let or param, or write a text in "
                           "quotes: \"" STR_FMT "\"", STR_ARG(name));
}
