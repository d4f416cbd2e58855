#include "compiler/body.h"

#include <math.h>

/* What a schema asks beyond a type: bounds, and what is given with what. */

/* The unit in which bounds are told. False: it has neither size nor length,
 * or is known only in the run. */
static bool measure(const struct value *v, double *out, bool *length)
{
    *length = false;
    switch (v->kind) {
    case VALUE_STRING:
        *length = true;
        *out = (double)v->s.n;
        return true;
    case VALUE_LIST:
        *length = true;
        *out = (double)v->list.n;
        return true;
    case VALUE_MAP:
        *length = true;
        *out = (double)v->map.n;
        return true;
    case VALUE_PERCENT:
        *out = v->d;
        return true;
    case VALUE_INT: case VALUE_FLOAT: case VALUE_DURATION: case VALUE_SIZE:
        return value_number(v, out);
    case VALUE_NONE: case VALUE_BOOL: case VALUE_SECRET: case VALUE_EXPR:
    case VALUE_UNKNOWN:
        break;
    }
    return false;
}

void limits_value(struct check *c, const struct schema_range *r,
                  const struct value *v, struct span at, struct str what)
{
    static const struct schema_range not_negative = {0, INFINITY};
    double n;
    bool length;

    if (!r && (v->kind == VALUE_DURATION || v->kind == VALUE_SIZE))
        r = &not_negative;
    if (!r || !measure(v, &n, &length) || (n >= r->min && n <= r->max))
        return;
    bool low = n < r->min;
    double bound = low ? r->min : r->max;

    if (length && n == 0)
        diag_add(c->d, DIAG_E0413, at, STR_FMT " is empty", STR_ARG(what));
    else if (length)
        diag_add(c->d, DIAG_E0413, at, STR_FMT " has to hold at %s %.0f, not "
                 "%.0f", STR_ARG(what), low ? "least" : "most", bound, n);
    else
        diag_add(c->d, DIAG_E0413, at,
                 STR_FMT " has to be at %s " STR_FMT ", not " STR_FMT,
                 STR_ARG(what), low ? "least" : "most",
                 STR_ARG(schema_bound(c->a, v->kind, bound)),
                 STR_ARG(value_show(c->a, v)));
}

/* The slot of a field or family of that name. */
static const struct slot *slot_named(const struct body *b, struct str name)
{
    const struct slot *slot = body_slot(b, name);

    for (size_t i = 0; !slot && i < b->schema->n_families; i++)
        if (str_eq(b->schema->families[i], name))
            slot = &b->families[i];
    return slot;
}

static struct str names_shown(struct check *c, const struct body *b,
                              const struct schema_choice *choice)
{
    struct str all = {0};

    for (size_t i = 0; i < choice->n; i++) {
        const char *sep = i == 0 ? "" : i + 1 < choice->n ? ", " : " or ";
        bool field = body_slot(b, choice->names[i]);

        all = arena_printf(c->a, STR_FMT "%s%s" STR_FMT "%s", STR_ARG(all),
                           sep, field ? "'" : "a ", STR_ARG(choice->names[i]),
                           field ? "'" : "");
    }
    return all;
}

static void report_both(struct check *c, struct str a, const struct slot *at_a,
                        struct str b, const struct slot *at_b)
{
    if (at_a->at.start > at_b->at.start) {
        report_both(c, b, at_b, a, at_a);
        return;
    }
    struct diag *g = diag_add(c->d, DIAG_E0519, at_b->at, "'" STR_FMT "' does "
                              "not go with '" STR_FMT "'", STR_ARG(b),
                              STR_ARG(a));

    diag_also(c->d, g, at_a->at, "given here");
    diag_help(c->d, g, "take one of them out");
}

static void check_choice(struct check *c, const struct body *b,
                         const struct schema_choice *choice,
                         const struct ast_node *owner)
{
    const struct slot *first = NULL;
    size_t which = 0;

    for (size_t i = 0; i < choice->n; i++) {
        const struct slot *slot = slot_named(b, choice->names[i]);

        if (!slot || !slot->set)
            continue;
        if (first && choice->one) {
            report_both(c, choice->names[which], first, choice->names[i], slot);
            return;
        }
        first = slot;
        which = i;
    }
    if (first)
        return;
    struct diag *g = diag_add(c->d, DIAG_E0504, owner->name_span,
                              "'" STR_FMT "' lacks " STR_FMT,
                              STR_ARG(owner->name),
                              STR_ARG(names_shown(c, b, choice)));

    diag_help(c->d, g, choice->one ? "give one of them"
                                   : "give at least one of them");
}

void limits_body(struct check *c, const struct body *b,
                 const struct ast_node *owner)
{
    const struct schema_body *schema = b->schema;

    for (size_t i = 0; i < schema->n_choices; i++)
        check_choice(c, b, &schema->choices[i], owner);
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct schema_field *f = &schema->fields[i];
        const struct slot *with = f->needs.n ? body_slot(b, f->needs) : NULL;

        if (!with || with->set || !b->fields[i].set)
            continue;
        struct diag *g = diag_add(c->d, DIAG_E0518, b->fields[i].at,
                                  "'" STR_FMT "' does nothing without '"
                                  STR_FMT "'", STR_ARG(f->name),
                                  STR_ARG(f->needs));

        diag_help(c->d, g, "add " STR_FMT ", or take " STR_FMT " out",
                  STR_ARG(f->needs), STR_ARG(f->name));
    }
}
