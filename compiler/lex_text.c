#include "compiler/lex.h"

#include <string.h>

/* Opens an interpolation at \( ; false where too many are open already. */
static bool open_frame(struct lexer *l, struct lex_frame frame, const char *at)
{
    frame.opened = lex_span(l, at, at + 2);
    if (l->depth == LEX_NESTING_MAX) {
        diag_add(l->diags, DIAG_E0209, frame.opened,
                 "more than %d strings inside interpolations of each other",
                 LEX_NESTING_MAX);
        return false;
    }
    l->frames[l->depth++] = frame;
    l->at = at + 2;
    return true;
}

/* From l->at to the closing quote or the next interpolation. first is HEAD for
 * a string's start, and `from` the token's. */
static void scan_quoted(struct lexer *l, struct token *t, const char *from,
                        bool first)
{
    const char *p = l->at, *inner = p;

    t->quote = AST_QUOTED;
    for (;; p++) {
        if (*p == '"' || *p == '\n' || (*p == '\0' && p == l->end))
            break;
        if (*p != '\\')
            continue;
        if (p[1] == '(') {
            t->kind = first ? TOKEN_HEAD : TOKEN_MIDDLE;
            if (!open_frame(l, (struct lex_frame){.quote = AST_QUOTED}, p)) {
                t->kind = first ? TOKEN_STRING : TOKEN_TAIL;
                lex_stop(l);
            }
            t->span = lex_span(l, from, p + 2);
            t->inner = lex_span(l, inner, p);
            return;
        }
        t->escaped = true;
        if (p[1] != '\n' && p + 1 < l->end)
            p++;
    }
    t->kind = first ? TOKEN_STRING : TOKEN_TAIL;
    t->inner = lex_span(l, inner, p);
    l->at = *p == '"' ? p + 1 : p;
    t->span = lex_span(l, from, l->at);
    if (*p != '"' && l->depth == 0)
        diag_add(l->diags, DIAG_E0104, t->span,
                 "the string has no closing '\"' on its line");
}

void lex_quoted(struct lexer *l, struct token *t)
{
    const char *from = l->at++;

    scan_quoted(l, t, from, true);
}

void lex_raw(struct lexer *l, struct token *t)
{
    const char *from = l->at, *p = from + 1;

    while (*p != '\'' && *p != '\n' && p < l->end)
        p++;
    t->kind = TOKEN_STRING;
    t->quote = AST_RAW;
    t->inner = lex_span(l, from + 1, p);
    l->at = *p == '\'' ? p + 1 : p;
    t->span = lex_span(l, from, l->at);
    if (*p != '\'' && l->depth == 0)
        diag_add(l->diags, DIAG_E0104, t->span,
                 "the string has no closing \"'\" on its line");
}

static bool word_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/* The word after <<~, bare or in quotes; empty where there is none. */
static struct str marker_word(struct lexer *l, struct token *t)
{
    const char *p = l->at + 3;
    bool raw = *p == '\'';

    p += raw;
    struct str word = {p, 0};

    while (word_char(p[word.n]))
        word.n++;
    t->quote = raw ? AST_HEREDOC_RAW : AST_HEREDOC;
    if (raw && p[word.n] != '\'')
        word.n = 0;
    l->at = word.n ? p + word.n + raw : p;
    return word;
}

static struct str line_at(const struct lexer *l, const char *p)
{
    const char *to = memchr(p, '\n', (size_t)(l->end - p));

    return (struct str){p, (size_t)((to ? to : l->end) - p)};
}

static size_t leading_blanks(struct str line)
{
    size_t n = 0;

    while (n < line.n && (line.s[n] == ' ' || line.s[n] == '\t'))
        n++;
    return n;
}

uint32_t lex_common_indent(struct str body)
{
    struct str common = {0};

    while (body.n) {
        struct str line = str_cut(body, '\n', &body);
        size_t blanks = leading_blanks(line), same = 0;

        if (str_trim(line).n == 0)
            continue;
        if (!common.s)
            common = str_sub(line, 0, blanks);
        while (same < common.n && same < blanks &&
               common.s[same] == line.s[same])
            same++;
        common.n = same;
    }
    return (uint32_t)common.n;
}

/* The body's lines from p to the one that holds the word alone. NULL where it
 * never comes, else the start of the line after it. */
static const char *find_body(struct lexer *l, const char *p, struct str word,
                             struct str *body)
{
    const char *from = p;

    while (p < l->end) {
        struct str line = line_at(l, p);

        if (str_eq(str_trim(line), word)) {
            *body = (struct str){from, (size_t)(p - from)};
            return line.s + line.n < l->end ? line.s + line.n + 1 : l->end;
        }
        p = line.s + line.n + 1;
    }
    return NULL;
}

/* From l->at inside a body to its end or the next interpolation. */
static void scan_body(struct lexer *l, struct token *t, struct lex_frame frame,
                      bool first)
{
    const char *inner = l->at, *p = inner;

    t->quote = frame.quote;
    t->indent = frame.indent;
    while ((p = memchr(p, '\\', (size_t)(frame.end - p)))) {
        if (frame.end - p >= 2 && p[1] == '(' && frame.quote == AST_HEREDOC) {
            t->inner = lex_span(l, inner, p);
            t->kind = first ? TOKEN_HEAD : TOKEN_MIDDLE;
            if (open_frame(l, frame, p))
                return;
            break;
        }
        bool literal = frame.end - p >= 3 && p[1] == '\\' && p[2] == '(';

        t->escaped = t->escaped || literal;
        p += literal ? 3 : 1;
    }
    t->kind = first ? TOKEN_STRING : TOKEN_TAIL;
    t->inner = lex_span(l, inner, frame.end);
    l->at = frame.back;
}

/* With the first line that seems to have been meant as the end. */
static void report_endless(struct lexer *l, struct span at, struct str word)
{
    struct diag *g = diag_add(l->diags, DIAG_E0106, at, "no line holds just '"
                              STR_FMT "', which would end this text",
                              STR_ARG(word));

    for (const char *p = l->at; p < l->end;) {
        struct str line = line_at(l, p), text = str_trim(line);

        if (p > l->at && str_starts(text, word)) {
            diag_also(l->diags, g, lex_span(l, text.s, text.s + text.n),
                      "this line holds more than that");
            return;
        }
        p = line.s + line.n + 1;
    }
}

void lex_heredoc(struct lexer *l, struct token *t)
{
    const char *from = l->at;
    struct str word = marker_word(l, t), body, line = line_at(l, l->at);
    struct lex_frame frame = {.quote = t->quote, .back = l->at};
    const char *next = l->resume ? l->resume : line.s + line.n + 1;

    t->span = lex_span(l, from, l->at);
    t->kind = TOKEN_BAD;
    if (word.n == 0) {
        diag_add(l->diags, DIAG_E0107, t->span,
                 "'<<~' needs a word right after it, such as <<~TEXT");
        return;
    }
    t->kind = TOKEN_STRING;
    t->inner = lex_span(l, l->at, l->at);
    if (l->depth) {
        diag_add(l->diags, DIAG_E0107, t->span,
                 "a here-document can't stand in an interpolation");
        return;
    }
    next = next > l->end ? NULL : find_body(l, next, word, &body);
    if (!next) {
        report_endless(l, t->span, word);
        lex_stop(l);
        return;
    }
    l->resume = next;
    frame.indent = lex_common_indent(body);
    frame.end = body.s + body.n;
    l->at = body.s;
    scan_body(l, t, frame, true);
}

void lex_resume_text(struct lexer *l, struct token *t)
{
    struct lex_frame frame = l->frames[--l->depth];
    const char *from = l->at++;

    if (frame.quote == AST_QUOTED) {
        scan_quoted(l, t, from, false);
        return;
    }
    t->span = lex_span(l, from, from + 1);
    scan_body(l, t, frame, false);
}

void lex_break_text(struct lexer *l, struct token *t)
{
    struct lex_frame frame = l->frames[--l->depth];

    if (l->depth == 0)
        diag_add(l->diags, DIAG_E0110, frame.opened,
                 "'\\(' has no ')' on its line");
    t->kind = TOKEN_TAIL;
    t->quote = frame.quote;
    t->span = t->inner = lex_span(l, l->at, l->at);
    if (frame.quote == AST_QUOTED)
        return;
    l->at = frame.back;
}
