#include "compiler/rollout_check.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Whether the router can do what a step asks for: a step that does nothing
 * would be believed. */

static const struct str *ability(const struct schema_entry *s,
                                 const char *name, struct str *field)
{
    for (size_t i = 0; i < s->n_can; i++)
        if (str_eq(str_cut(s->can[i], '=', field), str_of(name)))
            return &s->can[i];
    return NULL;
}

static void refuse(struct check *c, struct span at, struct str router,
                   const char *what)
{
    struct diag *g = diag_add(c->d, DIAG_E0813, at,
                              "router " STR_FMT " cannot %s",
                              STR_ARG(router), what);

    diag_help(c->d, g, "what a router can is told by pipec kinds " STR_FMT,
              STR_ARG(router));
}

static void need(struct check *c, const struct rollout *r, struct span at,
                 const char *name, const char *what)
{
    struct str field;

    if (!ability(r->entry, name, &field)) {
        refuse(c, at, r->entry->name, what);
        return;
    }
    if (!field.n || value_get(r->router, field))
        return;
    struct diag *g = diag_add(c->d, DIAG_E0813, at, "router " STR_FMT
                              " can %s only with " STR_FMT "=",
                              STR_ARG(r->entry->name), what, STR_ARG(field));
    const struct schema_field *f = schema_field(&r->entry->body, field);

    if (f && f->doc.n)
        diag_help(c->d, g, STR_FMT "=: " STR_FMT, STR_ARG(field),
                  STR_ARG(f->doc));
}

static bool token_char(unsigned char ch)
{
    return isalnum(ch) || (ch && strchr("!#$%&'*+-.^_`|~", ch));
}

/* "Name: value", or nothing. */
static bool header_valid(struct str text)
{
    struct str rest, name = str_cut(text, ':', &rest);
    struct str value = str_trim(rest);
    bool ok = name.n && value.n;

    for (size_t i = 0; ok && i < name.n; i++)
        ok = token_char((unsigned char)name.s[i]);
    for (size_t i = 0; ok && i < value.n; i++)
        ok = (unsigned char)value.s[i] >= ' ' && value.s[i] != 127;
    return ok || text.n == 0;
}

static void check_header(struct check *c, const struct value *step,
                         struct span at)
{
    const struct value *v = value_get(step, STR("header"));

    if (!v || v->kind != VALUE_STRING || header_valid(v->s))
        return;
    struct diag *g = diag_add(c->d, DIAG_E0814, at,
                              "'" STR_FMT "' is no header with a value",
                              STR_ARG(v->s));

    diag_help(c->d, g, "header \"X-Canary: always\"");
}

static void check_share(struct check *c, const struct rollout *r,
                        const struct value *step, const char *key,
                        struct span at)
{
    const struct value *v = value_get(step, str_of(key));
    struct str field;

    if (!v || v->kind != VALUE_PERCENT)
        return;
    if (!(v->d >= 0 && v->d <= 100)) {
        if (str_eq(str_of(key), STR("share")))
            diag_add(c->d, DIAG_E0801, at,
                     "a share is 0%% to 100%%, not %g%%", v->d);
        return;
    }
    bool finer = fmod(v->d, 1) != 0;

    if (!finer || ability(r->entry, "fraction", &field) ||
        (fmod(v->d, 0.5) == 0 && ability(r->entry, "half", &field)))
        return;
    refuse(c, at, r->entry->name,
           ability(r->entry, "half", &field)
               ? "split finer than by half percents"
               : "split finer than by whole percents");
}

void rollout_router(struct check *c, struct rollout *r,
                    const struct value *step, struct span at)
{
    struct str is = value_get_str(step, "is", STR(""));

    if (!r->entry)
        return;
    if (str_eq(is, STR("weight"))) {
        check_share(c, r, step, "weight", at);
    } else if (str_eq(is, STR("mirror"))) {
        need(c, r, at, "mirror", "copy requests");
        check_share(c, r, step, "share", at);
    } else if (str_eq(is, STR("header"))) {
        need(c, r, at, "header", "go by a header");
        check_header(c, step, at);
    }
}

void rollout_sides(struct check *c, const struct rollout *r, struct span at)
{
    const struct value *stable = value_get(r->router, STR("stable"));
    const struct value *canary = value_get(r->router, STR("canary"));

    if (!r->entry || !stable || !canary || stable->kind != VALUE_STRING ||
        canary->kind != VALUE_STRING || !str_eq(stable->s, canary->s))
        return;
    struct diag *g = diag_add(c->d, DIAG_E0815, at,
                              "stable and canary are both '" STR_FMT "'",
                              STR_ARG(stable->s));

    diag_help(c->d, g, "name the old version's place and the new version's");
}
