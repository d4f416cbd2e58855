#include "compiler/body.h"

/* Environments: what guards a deployment. The branch becomes part of when=,
 * an approval a stage of its own, a freeze is looked at when the stage is due. */

struct environment *environment_named(struct check *c, struct str name)
{
    for (size_t i = 0; i < c->environments.n; i++)
        if (str_eq(c->environments.items[i]->name, name))
            return c->environments.items[i];
    return NULL;
}

struct environment *environment_find(struct check *c, const struct ast *n)
{
    struct near near = {0};
    struct environment *v;

    if (n->kind == AST_ERROR)
        return NULL;
    if (n->kind != AST_NAME) {
        struct diag *g = diag_add(c->d, DIAG_E1002, n->span,
                                  "'environment' takes the bare name of one");

        if (n->kind == AST_STRING)
            diag_help(c->d, g, "without the quotes: environment=" STR_FMT,
                      STR_ARG(ast_string(n)->value));
        return NULL;
    }
    near.word = ast_name(n)->name;
    v = environment_named(c, near.word);
    if (v) {
        v->used = true;
        environment_check(c, v);
        return v;
    }
    struct diag *g = diag_add(c->d, DIAG_E1002, n->span,
                              "there is no environment '" STR_FMT "'",
                              STR_ARG(near.word));

    for (size_t i = 0; i < c->environments.n; i++)
        near_consider(&near, c->environments.items[i]->name);
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "declare it: environment " STR_FMT
                           " { branch \"main\" }", STR_ARG(near.word));
    return NULL;
}

struct typed environment_value(struct check *c, struct environment *v)
{
    v->used = true;
    environment_check(c, v);
    return typed_literal(type_map(c->a, type_simple(TYPE_ANY)), v->config);
}

static bool two_digits(struct str s, size_t at, int most)
{
    if (at + 2 > s.n || s.s[at] < '0' || s.s[at] > '9' || s.s[at + 1] < '0' ||
        s.s[at + 1] > '9')
        return false;
    return (s.s[at] - '0') * 10 + (s.s[at + 1] - '0') <= most;
}

/* "16:00" from byte at to the end. */
static bool is_time(struct str s, size_t at)
{
    return s.n == at + 5 && two_digits(s, at, 23) && s.s[at + 2] == ':' &&
           two_digits(s, at + 3, 59);
}

/* "Fri 16:00" or "2026-12-24 00:00". */
static bool is_moment(struct str s)
{
    static const char days[] = "Mon Tue Wed Thu Fri Sat Sun ";

    for (size_t i = 0; s.n > 4 && i < sizeof(days) - 1; i += 4)
        if (str_eq(str_sub(s, 0, 4), str_sub(STR(days), i, 4)))
            return is_time(s, 4);
    int64_t year;

    return s.n == 16 && str_int(str_sub(s, 0, 4), &year) && year > 1970 &&
           s.s[4] == '-' && s.s[7] == '-' && s.s[10] == ' ' &&
           two_digits(s, 5, 12) && two_digits(s, 8, 31) && is_time(s, 11);
}

static bool is_zone(struct str s)
{
    if (s.n == 0 || s.s[0] == '/' || str_search(s, STR("..")) < s.n)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.s[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
              (ch >= '0' && ch <= '9') || ch == '/' || ch == '_' ||
              ch == '-' || ch == '+'))
            return false;
    }
    return true;
}

static void check_freeze(struct check *c, const struct value *v,
                         struct span at)
{
    static const char *const moments[] = {"from", "until", NULL};
    const struct value *zone = value_get(v, STR("zone"));

    for (size_t i = 0; moments[i]; i++) {
        const struct value *m = value_get(v, str_of(moments[i]));

        if (!m || m->kind != VALUE_STRING || is_moment(m->s))
            continue;
        struct diag *g = diag_add(c->d, DIAG_E1003, at,
                                  "'" STR_FMT "' is no moment of a freeze",
                                  STR_ARG(m->s));

        diag_help(c->d, g, "write \"Fri 16:00\" or \"2026-12-24 00:00\"");
    }
    if (!zone || zone->kind != VALUE_STRING || is_zone(zone->s))
        return;
    struct diag *g = diag_add(c->d, DIAG_E1003, at,
                              "'" STR_FMT "' is no time zone", STR_ARG(zone->s));

    diag_help(c->d, g, "write it as zone=\"Europe/Berlin\" or zone=\"UTC\"");
}

static void report_pending(struct check *c, struct environment *v,
                           const struct value *x)
{
    if (x->kind == VALUE_EXPR && expr_waits_for(x->expr).n)
        typed_report_early(c, &(struct typed){.x = *x->expr}, v->span,
                           STR("an environment"));
    for (size_t i = 0; x->kind == VALUE_MAP && i < x->map.n; i++)
        report_pending(c, v, &x->map.pairs[i].value);
    for (size_t i = 0; x->kind == VALUE_LIST && i < x->list.n; i++)
        report_pending(c, v, &x->list.items[i]);
}

void environment_check(struct check *c, struct environment *v)
{
    const struct value *freeze;

    if (v->checked)
        return;
    v->checked = true;
    v->config = (struct value){.kind = VALUE_MAP};
    v->config = body_check(c, c->root->scope, v->ast, 1,
                           catalogue_own(c, "environment"), (struct str){0});
    report_pending(c, v, &v->config);
    freeze = value_get(&v->config, STR("freeze"));
    for (size_t i = 0; freeze && i < freeze->list.n; i++)
        check_freeze(c, &freeze->list.items[i], v->span);
    if (freeze || value_get(&v->config, STR("branch")) ||
        value_get(&v->config, STR("approve")))
        return;
    struct diag *g = diag_add(c->d, DIAG_E1001, v->span,
                              "the environment '" STR_FMT "' has no guard: any "
                              "commit could be deployed to it",
                              STR_ARG(v->name));

    diag_help(c->d, g, "add branch \"main\", approve or freeze; if that is "
                       "meant, write branch \"*\"");
}
