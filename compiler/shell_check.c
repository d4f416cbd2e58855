#include "compiler/shell_check.h"

#include <string.h>

static char top(const struct shell_reader *r)
{
    return r->depth ? r->nest[r->depth - 1] : 0;
}

static void push(struct shell_reader *r, char c)
{
    if (r->depth == SHELL_NEST_MAX)
        r->lost = true;
    else
        r->nest[r->depth++] = c;
    r->word = false;
}

static void pop(struct shell_reader *r)
{
    if (r->depth)
        r->depth--;
    r->word = true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* At "<<" outside quotes: notes the word whose line ends the document. Returns
 * the bytes read. */
static size_t announce(struct shell_reader *r, struct str s)
{
    size_t i = 2;
    bool strip = s.n > 2 && s.s[2] == '-';

    i += strip;
    if (s.n > 2 && s.s[2] == '<')
        return 3; /* <<< of bash: a word follows */
    while (i < s.n && (s.s[i] == ' ' || s.s[i] == '\t'))
        i++;
    char quote = i < s.n && (s.s[i] == '\'' || s.s[i] == '"') ? s.s[i] : 0;

    if (quote || (i < s.n && s.s[i] == '\\'))
        i++;
    size_t from = i;

    while (i < s.n && s.s[i] != quote && (quote || !strchr(" \t\n;&|<>()", s.s[i])))
        i++;
    if (r->n_docs < SHELL_HEREDOCS_MAX) {
        r->docs[r->n_docs].word = str_sub(s, from, i - from);
        r->docs[r->n_docs++].strip = strip;
    }
    if (i == s.n)
        r->last = '<'; /* what follows would be more of the word */
    return i + (quote && i < s.n ? 1 : 0);
}

static void end_line(struct shell_reader *r)
{
    if (top(r) == '#')
        pop(r);
    r->word = false;
    if (r->n_docs) {
        r->in_doc = true;
        r->doc = 0;
        r->line.n = 0;
        r->torn = false;
    }
}

/* One byte of a here-document's body. */
static void read_doc(struct shell_reader *r, char c)
{
    if (c != '\n') {
        bool tab = c == '\t' && r->line.n == 0 && r->docs[r->doc].strip;

        if (!tab && r->line.n < sizeof(r->line.s))
            r->line.s[r->line.n++] = c;
        else if (!tab)
            r->torn = true;
        return;
    }
    struct str line = {r->line.s, r->line.n};

    if (!r->torn && str_eq(line, r->docs[r->doc].word) &&
        ++r->doc == r->n_docs) {
        r->in_doc = false;
        r->n_docs = 0;
    }
    r->line.n = 0;
    r->torn = false;
}

static size_t read_dollar(struct shell_reader *r, struct str s)
{
    if (s.n >= 3 && s.s[1] == '(' && s.s[2] == '(') {
        push(r, 'A');
        return 3;
    }
    if (s.n >= 2 && (s.s[1] == '(' || s.s[1] == '{')) {
        push(r, s.s[1]);
        return 2;
    }
    if (s.n == 1)
        r->last = '$';
    r->word = true;
    return 1;
}

/* Inside double quotes, and in ${...} and $((...)), which end alike. */
static size_t read_quoted(struct shell_reader *r, struct str s)
{
    char in = top(r), c = s.s[0];

    if (in == 'A' && c == ')' && s.n >= 2 && s.s[1] == ')') {
        pop(r);
        return 2;
    }
    if ((in == '"' && c == '"') || (in == '{' && c == '}')) {
        pop(r);
        return 1;
    }
    if (c == '$')
        return read_dollar(r, s);
    if (c == '`' || (c == '"' && in != '"') ||
        (c == '\'' && in == '{' && !memchr(r->nest, '"', r->depth)))
        push(r, c);
    if (c == '(' && in == 'A')
        push(r, 'P');
    return 1;
}

static size_t read_bare(struct shell_reader *r, struct str s)
{
    char c = s.s[0];

    if (c == '\'' || c == '"') {
        push(r, c);
        return 1;
    }
    if (c == '`') {
        if (memchr(r->nest, '`', r->depth))
            while (r->depth && r->nest[--r->depth] != '`')
                continue;
        else
            push(r, '`');
        return 1;
    }
    if (c == '#' && !r->word) {
        push(r, '#');
        return 1;
    }
    if (c == '$')
        return read_dollar(r, s);
    if (c == '<' && s.n >= 2 && s.s[1] == '<')
        return announce(r, s);
    if (c == '(')
        push(r, '(');
    else if (c == ')' && (top(r) == '(' || top(r) == 'P'))
        pop(r);
    r->word = !blank(c) && !strchr(";&|<>()", c);
    return 1;
}

static size_t step(struct shell_reader *r, struct str s)
{
    char in = top(r), c = s.s[0];

    r->last = 0;
    if (r->in_doc) {
        read_doc(r, c);
        return 1;
    }
    if (in == '\'') {
        if (c == '\'')
            pop(r);
        return 1;
    }
    if (c == '\n')
        end_line(r);
    if (in == '#')
        return 1;
    if (c == '\\') {
        if (s.n == 1)
            r->last = '\\';
        r->word = true;
        return s.n > 1 ? 2 : 1;
    }
    if (in == '"' || in == '{' || in == 'A')
        return read_quoted(r, s);
    return read_bare(r, s);
}

void shell_read(struct shell_reader *r, struct str text)
{
    while (text.n && !r->lost)
        text = str_skip(text, step(r, text));
}

enum shell_at shell_place(const struct shell_reader *r)
{
    if (r->lost)
        return SHELL_WORD;
    if (r->in_doc)
        return SHELL_HEREDOC;
    if (r->last == '<')
        return SHELL_HEREDOC;
    if (top(r) == '#')
        return SHELL_COMMENT;
    if (memchr(r->nest, '`', r->depth))
        return SHELL_BACKTICK;
    switch (top(r)) {
    case '\'':
        return SHELL_SINGLE;
    case '"':
        return SHELL_DOUBLE;
    case '{':
        return SHELL_BRACE;
    case 'A': case 'P':
        return SHELL_ARITHMETIC;
    }
    return r->last ? SHELL_ESCAPED : SHELL_WORD;
}

void shell_value(struct shell_reader *r)
{
    r->word = true;
    r->torn = true;
    r->last = 0;
}

static const struct {
    const char *where, *remedy;
} places[] = {
    [SHELL_SINGLE] = {"inside the shell's single quotes",
                      "end the quotes before it: the value is quoted by itself"},
    [SHELL_DOUBLE] = {"inside the shell's double quotes",
                      "end the quotes before it: the value is quoted by itself"},
    [SHELL_BACKTICK] = {"inside `...`, which reads backslashes twice",
                        "write $(...) in place of the backticks"},
    [SHELL_COMMENT] = {"in a comment of the shell",
                       "take it out: a newline in it would end the comment"},
    [SHELL_HEREDOC] = {"in a here-document of the shell",
                       "hand the value over by env { NAME value } and write "
                       "$NAME there"},
    [SHELL_BRACE] = {"inside ${...}",
                     "hand the value over by env { NAME value }"},
    [SHELL_ARITHMETIC] = {"in the shell's arithmetic",
                          "work it out in the pipeline, or hand the value "
                          "over by env { NAME value }"},
    [SHELL_ESCAPED] = {"right after a backslash or '$'",
                       "put a space or nothing before it"},
};

static void report(struct check *c, const struct ast *n, enum shell_at at)
{
    bool quotes = at == SHELL_SINGLE || at == SHELL_DOUBLE;
    struct diag *g = diag_add(
        c->d, quotes ? DIAG_E0702 : DIAG_E0703, n->span,
        "'\\(" STR_FMT ")' stands %s",
        STR_ARG(source_text(c->o->sources, n->span)), places[at].where);

    diag_help(c->d, g, "%s", places[at].remedy);
}

bool shell_check(struct check *c, const struct ast_template *t)
{
    struct shell_reader r = {0};
    bool ok = true;

    for (size_t i = 0; i < t->parts.n; i++) {
        const struct ast *p = t->parts.items[i];

        if (p->kind == AST_STRING) {
            shell_read(&r, ast_string(p)->value);
            continue;
        }
        enum shell_at at = shell_place(&r);

        if (at != SHELL_WORD) {
            report(c, p, at);
            ok = false;
        }
        shell_value(&r);
    }
    return ok;
}
