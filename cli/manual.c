#include "cli/manual.h"

#include "runtime/lua/host.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 78, INDENT = 2, TERM_COLUMN = 24 };

/* A line that begins with '.' or ''' would be a request. */
static void add_roff(struct buf *b, struct str s)
{
    if (s.n && (s.s[0] == '.' || s.s[0] == '\''))
        buf_adds(b, "\\&");
    for (size_t i = 0; i < s.n; i++) {
        if (s.s[i] == '\\')
            buf_adds(b, "\\e");
        else if (s.s[i] == '-')
            buf_adds(b, "\\-");
        else
            buf_addc(b, s.s[i]);
    }
}

/* Words from column on, wrapped, each line indented. */
static void add_wrapped(struct buf *b, struct str s, size_t column,
                        size_t indent)
{
    while (s.n) {
        struct str word = str_cut(s, ' ', &s);
        if (column > indent && column + 1 + word.n > WIDTH) {
            buf_addc(b, '\n');
            buf_pad(b, ' ', indent);
            column = indent;
        } else if (column > indent) {
            buf_addc(b, ' ');
            column++;
        }
        buf_add(b, word);
        column += word.n;
    }
    buf_addc(b, '\n');
}

void manual_title(struct manual *m, const char *name, const char *what)
{
    if (m->roff)
        buf_addf(m->out, ".TH PIPEC\\-%s 7 \"\" pipec\n.SH NAME\n%s \\- %s\n",
                 name, name, what);
    else
        buf_addf(m->out, "%s %s\n", what, name);
}

void manual_heading(struct manual *m, const char *text)
{
    if (!m->roff) {
        buf_addf(m->out, "\n%s\n", text);
        return;
    }
    buf_adds(m->out, ".SH ");
    for (const char *c = text; *c; c++)
        buf_addc(m->out, (char)toupper((unsigned char)*c));
    buf_addc(m->out, '\n');
}

void manual_text(struct manual *m, struct str text)
{
    if (m->roff) {
        add_roff(m->out, text);
        buf_addc(m->out, '\n');
        return;
    }
    buf_pad(m->out, ' ', INDENT);
    add_wrapped(m->out, text, INDENT, INDENT);
}

void manual_term(struct manual *m, size_t depth, struct str term,
                 struct str means)
{
    struct buf *b = m->out;
    if (m->roff) {
        buf_addf(b, ".TP\n.B ");
        buf_pad(b, ' ', INDENT * depth);
        add_roff(b, term);
        buf_addc(b, '\n');
        add_roff(b, means.n ? means : STR("\\&"));
        buf_addc(b, '\n');
        return;
    }
    size_t indent = INDENT * (depth + 1), column = indent + term.n;
    buf_pad(b, ' ', indent);
    buf_add(b, term);
    if (!means.n) {
        buf_addc(b, '\n');
        return;
    }
    if (column + 2 > TERM_COLUMN) {
        buf_addc(b, '\n');
        column = 0;
    }
    buf_pad(b, ' ', TERM_COLUMN - column);
    add_wrapped(b, means, TERM_COLUMN, TERM_COLUMN);
}

/* ---- an entry ------------------------------------------------------------ */

static struct str type_of(struct manual *m, const struct type *t)
{
    return t ? type_text(m->arena, t) : STR("block");
}

/* "; at least 1s; at most 1h", as values of the type are written. */
static void put_range(struct manual *m, struct buf *b, const struct type *t,
                      const struct schema_range *r)
{
    struct { double bound; const char *word; } ends[2];
    enum value_kind kind = VALUE_INT;
    const char *length = "";

    if (!r)
        return;
    while (t->kind == TYPE_SECRET)
        t = t->of;
    switch (t->kind) {
    case TYPE_FLOAT: kind = VALUE_FLOAT; break;
    case TYPE_DURATION: kind = VALUE_DURATION; break;
    case TYPE_PERCENT: kind = VALUE_PERCENT; break;
    case TYPE_SIZE: kind = VALUE_SIZE; break;
    case TYPE_LIST: case TYPE_MAP: length = " of them"; break;
    case TYPE_STRING: case TYPE_PATH: length = " bytes"; break;
    case TYPE_ANY: case TYPE_NONE: case TYPE_BOOL: case TYPE_INT:
    case TYPE_SYMBOL: case TYPE_COMMAND: case TYPE_SECRET: case TYPE_STAGE:
        break;
    }
    ends[0].bound = r->min, ends[0].word = "at least ";
    ends[1].bound = r->max, ends[1].word = "at most ";
    if (*length && r->min == 1) {
        buf_addf(b, "%snot empty", b->n ? "; " : "");
        ends[0].bound = -INFINITY;
    }
    for (size_t i = 0; i < 2; i++) {
        if (isinf(ends[i].bound))
            continue;
        buf_addf(b, "%s%s" STR_FMT "%s", b->n ? "; " : "", ends[i].word,
                 STR_ARG(schema_bound(m->arena, kind, ends[i].bound)), length);
    }
}

static void put_arg(struct manual *m, size_t depth,
                    const struct schema_arg *a)
{
    struct str term = arena_printf(m->arena, STR_FMT ": " STR_FMT "%s",
                                   STR_ARG(a->name),
                                   STR_ARG(type_of(m, a->type)),
                                   a->rest ? "..." : "");
    struct buf b = {0};
    if (a->doc.n)
        buf_add(&b, a->doc);
    put_range(m, &b, a->type, a->range);
    if (a->dflt)
        buf_addf(&b, "%s" STR_FMT " unless given", b.n ? "; " : "",
                 STR_ARG(value_show(m->arena, a->dflt)));
    else if (a->optional)
        buf_addf(&b, "%smay be left out", b.n ? "; " : "");
    manual_term(m, depth, term, buf_str(&b));
    buf_free(&b);
}

static void put_body(struct manual *m, size_t depth,
                     const struct schema_body *body);

static void put_choice(struct manual *m, size_t depth,
                       const struct schema_choice *c)
{
    struct buf b = {0};

    for (size_t i = 0; i < c->n; i++)
        buf_addf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(c->names[i]));
    manual_term(m, depth, c->one ? STR("one of") : STR("some of"), buf_str(&b));
    buf_free(&b);
}

static struct str field_term(struct manual *m, const struct schema_field *f)
{
    if (f->family.n)
        return arena_printf(m->arena, STR_FMT " " STR_FMT "...",
                            STR_ARG(f->name), STR_ARG(f->family));
    if (f->n_scope)
        return arena_printf(m->arena, STR_FMT " condition", STR_ARG(f->name));
    if (f->type)
        return arena_printf(m->arena, STR_FMT ": " STR_FMT, STR_ARG(f->name),
                            STR_ARG(type_text(m->arena, f->type)));
    return arena_printf(m->arena, STR_FMT "%s", STR_ARG(f->name),
                        f->body.sequence ? " { steps }" : "");
}

static void put_field(struct manual *m, size_t depth,
                      const struct schema_field *f)
{
    struct buf b = {0};
    buf_add(&b, f->doc);
    put_range(m, &b, f->type, f->range);
    if (f->required)
        buf_addf(&b, "%srequired", b.n ? "; " : "");
    if (f->needs.n)
        buf_addf(&b, "%swith " STR_FMT " only", b.n ? "; " : "",
                 STR_ARG(f->needs));
    if (f->repeat)
        buf_addf(&b, "%smay be given again", b.n ? "; " : "");
    if (f->dflt)
        buf_addf(&b, "%s" STR_FMT " unless given", b.n ? "; " : "",
                 STR_ARG(value_show(m->arena, f->dflt)));
    if (f->deprecated)
        buf_addf(&b, "%snot for new files", b.n ? "; " : "");
    for (size_t i = 0; i < f->n_effects; i++)
        buf_addf(&b, "%s" STR_FMT, i ? ", " : b.n ? "; effects: " : "effects: ",
                 STR_ARG(f->effects[i]));
    manual_term(m, depth, field_term(m, f), buf_str(&b));
    buf_free(&b);
    put_body(m, depth + 1, &f->body);
}

static void put_body(struct manual *m, size_t depth,
                     const struct schema_body *body)
{
    for (size_t i = 0; i < body->n_args; i++)
        put_arg(m, depth, &body->args[i]);
    for (size_t i = 0; i < body->n_fields; i++)
        put_field(m, depth, &body->fields[i]);
    for (size_t i = 0; i < body->n_families; i++)
        manual_term(m, depth,
                    arena_printf(m->arena, "any " STR_FMT,
                                 STR_ARG(body->families[i])),
                    STR(""));
    for (size_t i = 0; i < body->n_choices; i++)
        put_choice(m, depth, &body->choices[i]);
}

static void put_effects(struct manual *m, const struct schema_entry *s)
{
    if (!s->n_effects && !s->commands.n)
        return;
    struct buf b = {0};
    if (s->commands.n)
        buf_addf(&b, "exec with a " STR_FMT "%s", STR_ARG(s->commands),
                 s->n_effects ? "; " : "");
    for (size_t i = 0; i < s->n_effects; i++)
        buf_addf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(s->effects[i]));
    manual_heading(m, "Effects");
    manual_text(m, buf_str(&b));
    buf_free(&b);
}

/* What a router can, beside whole percents: "mirror=FIELD" with a field. */
static void put_abilities(struct manual *m, const struct schema_entry *s)
{
    static const char *const words[][2] = {
        {"header", "the step header"}, {"mirror", "the step mirror"},
        {"fraction", "fractions of a percent"}, {"half", "half percents"}};
    struct buf b = {0};
    for (size_t i = 0; i < s->n_can; i++) {
        struct str field, name = str_cut(s->can[i], '=', &field);
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (str_eq(name, str_of(words[k][0])))
                buf_addf(&b, "%s%s", b.n ? ", " : "", words[k][1]);
        if (field.n)
            buf_addf(&b, " with " STR_FMT "=", STR_ARG(field));
    }
    if (b.n) {
        manual_heading(m, "Can also");
        manual_text(m, buf_str(&b));
    }
    buf_free(&b);
}

void manual_entry(struct manual *m, const struct schema_entry *s)
{
    manual_title(m, arena_dup(m->arena, s->name).s,
                 arena_dup(m->arena, s->family).s);
    if (m->roff)
        manual_heading(m, "Description");
    manual_text(m, s->doc);
    if (s->body.n_args) {
        manual_heading(m, "Arguments");
        for (size_t i = 0; i < s->body.n_args; i++)
            put_arg(m, 0, &s->body.args[i]);
    }
    struct schema_body fields = s->body;
    fields.n_args = 0;
    if (fields.n_fields || fields.n_families) {
        manual_heading(m, "Fields");
        put_body(m, 0, &fields);
    }
    if (s->n_outputs)
        manual_heading(m, "Outputs");
    for (size_t i = 0; i < s->n_outputs; i++)
        manual_term(m, 0,
                    arena_printf(m->arena, STR_FMT ": " STR_FMT,
                                 STR_ARG(s->outputs[i].name),
                                 STR_ARG(type_of(m, s->outputs[i].type))),
                    s->outputs[i].doc);
    put_abilities(m, s);
    put_effects(m, s);
    if (s->source.n) {
        manual_heading(m, "File");
        manual_text(m, s->source);
    }
}

void manual_ctx(struct manual *m)
{
    manual_title(m, "ctx", "Lua");
    for (size_t i = 0; host_modules[i]; i++) {
        const struct host_module *x = host_modules[i];
        const char *dot = *x->name ? "." : "";
        manual_heading(m, arena_printf(m->arena, "ctx%s%s", dot, x->name).s);
        manual_text(m, str_of(x->doc));
        for (const struct host_function *f = x->functions; f->name; f++)
            manual_term(m, 0,
                        arena_printf(m->arena, "ctx%s%s%s%s%s", dot, x->name,
                                     *f->name ? "." : "", f->name,
                                     f->signature),
                        str_of(f->doc));
    }
}
