#include "compiler/lex.h"

#include <string.h>

enum char_class {
    C_OTHER,
    C_BLANK, /* space, tab, CR */
    C_LETTER,
    C_DIGIT,
    C_DASH,
};

static const unsigned char classes[256] = {
    [' '] = C_BLANK, ['\t'] = C_BLANK, ['\r'] = C_BLANK, ['_'] = C_LETTER,
    ['-'] = C_DASH, ['0'] = C_DIGIT, ['1'] = C_DIGIT, ['2'] = C_DIGIT,
    ['3'] = C_DIGIT, ['4'] = C_DIGIT, ['5'] = C_DIGIT, ['6'] = C_DIGIT,
    ['7'] = C_DIGIT, ['8'] = C_DIGIT, ['9'] = C_DIGIT,
#define L(c) [c] = C_LETTER, [(c) + 'a' - 'A'] = C_LETTER
    L('A'), L('B'), L('C'), L('D'), L('E'), L('F'), L('G'), L('H'), L('I'),
    L('J'), L('K'), L('L'), L('M'), L('N'), L('O'), L('P'), L('Q'), L('R'),
    L('S'), L('T'), L('U'), L('V'), L('W'), L('X'), L('Y'), L('Z'),
#undef L
};

static enum char_class class_of(char c)
{
    return (enum char_class)classes[(unsigned char)c];
}

const char *token_name(enum token_kind kind)
{
    static const char *const names[] = {
#define TOKEN(kind, spelling) spelling,
#include "compiler/token.def"
#undef TOKEN
    };
    return names[kind];
}

void lex_init(struct lexer *l, struct arena *a, const struct source_file *f,
              struct diags *d)
{
    *l = (struct lexer){
        .arena = a, .diags = d, .text = f->text.s, .at = f->text.s,
        .end = f->text.s + f->text.n, .base = f->base,
    };
    if (str_starts(f->text, STR("\xEF\xBB\xBF")))
        l->at += 3;
    lex_check_bytes(l);
}

void lex_stop(struct lexer *l)
{
    l->at = l->end;
    l->depth = 0;
    l->resume = NULL;
    l->stopped = true;
}

static void skip_comment(struct lexer *l)
{
    const char *from = l->at;
    const char *to = memchr(from, '\n', (size_t)(l->end - from));

    l->at = to ? to : l->end;
    to = l->at;
    while (class_of(to[-1]) == C_BLANK)
        to--;
    arena_push(l->arena, &l->comments, lex_span(l, from, to));
}

/* To the next token; false where a line ends inside an interpolation. */
static bool skip_blanks(struct lexer *l, struct token *t)
{
    for (;; t->space = true) {
        if (class_of(*l->at) == C_BLANK) {
            l->at++;
        } else if (*l->at == '\n') {
            if (l->depth)
                return false;
            l->at = l->resume ? l->resume : l->at + 1;
            l->resume = NULL;
            t->newline = true;
        } else if (*l->at == '#') {
            skip_comment(l);
        } else {
            return true;
        }
    }
}

static void scan_name(struct lexer *l)
{
    while (class_of(*l->at) >= C_LETTER)
        l->at++;
}

/* Digits, a fraction, and whatever sticks to them: number.c judges. */
static void scan_number(struct lexer *l)
{
    const char *p = l->at;

    for (;;) {
        enum char_class c = class_of(*p);

        if (c == C_DIGIT || c == C_LETTER ||
            (*p == '.' && class_of(p[1]) == C_DIGIT) ||
            ((*p == '-' || *p == '+') && (p[-1] == 'e' || p[-1] == 'E') &&
             class_of(p[-2]) == C_DIGIT && class_of(p[1]) == C_DIGIT))
            p++;
        else
            break;
    }
    if (*p == '%')
        p++;
    l->at = p;
}

struct lookalike {
    struct str found;
    const char *meant;
};

static const struct lookalike lookalikes[] = {
    {{"\xE2\x80\x9C", 3}, "\""}, {{"\xE2\x80\x9D", 3}, "\""},
    {{"\xE2\x80\x9E", 3}, "\""}, {{"\xC2\xAB", 2}, "\""},
    {{"\xC2\xBB", 2}, "\""},     {{"\xE2\x80\x98", 3}, "'"},
    {{"\xE2\x80\x99", 3}, "'"},  {{"\xE2\x80\x93", 3}, "-"},
    {{"\xE2\x80\x94", 3}, "-"},  {{"\xE2\x88\x92", 3}, "-"},
    {{"\xC2\xA0", 2}, " "},      {{"\xEF\xBC\x8C", 3}, ","},
    {{"\xEF\xBC\x9A", 3}, ":"},  {{"\xE2\x89\xA5", 3}, ">="},
    {{"\xE2\x89\xA4", 3}, "<="}, {{"\xE2\x89\xA0", 3}, "!="},
    {{"$", 1}, "\\("},           {{"`", 1}, "\""},
    {{"&", 1}, "&&"},            {{"|", 1}, "||"},
    {{"~", 1}, "=~"},            {{NULL, 0}, NULL},
};

static void bad_character(struct lexer *l, struct token *t)
{
    struct str rest = {l->at, (size_t)(l->end - l->at)};
    size_t n = str_utf8(rest);
    const struct lookalike *i = lookalikes;

    t->kind = TOKEN_BAD;
    l->at += n ? n : 1;
    t->span = lex_span(l, rest.s, l->at);
    if (lex_reported(rest))
        return;
    struct diag *g = diag_add(l->diags, DIAG_E0101, t->span,
                              "'" STR_FMT "' has no meaning here", (int)n,
                              rest.s);
    while (i->meant && !str_starts(rest, i->found))
        i++;
    if (i->meant)
        diag_help(l->diags, g, "perhaps '%s' is meant", i->meant);
}

/* One of the marks of one character, or of two where the second is next. */
static enum token_kind mark(struct lexer *l, char next, enum token_kind two,
                            enum token_kind one)
{
    bool both = l->at[1] == next;

    l->at += both ? 2 : 1;
    return both ? two : one;
}

static enum token_kind single(struct lexer *l, enum token_kind kind)
{
    l->at++;
    return kind;
}

static enum token_kind paren(struct lexer *l, enum token_kind kind)
{
    if (l->depth && kind == TOKEN_LPAREN)
        l->frames[l->depth - 1].parens++;
    else if (l->depth)
        l->frames[l->depth - 1].parens--;
    return single(l, kind);
}

static enum token_kind operator_kind(struct lexer *l)
{
    switch (*l->at) {
    case '(': return paren(l, TOKEN_LPAREN);
    case ')': return paren(l, TOKEN_RPAREN);
    case '[': return single(l, TOKEN_LBRACKET);
    case ']': return single(l, TOKEN_RBRACKET);
    case '{': return single(l, TOKEN_LBRACE);
    case '}': return single(l, TOKEN_RBRACE);
    case ',': return single(l, TOKEN_COMMA);
    case ';': return single(l, TOKEN_SEMICOLON);
    case ':': return single(l, TOKEN_COLON);
    case '?': return single(l, TOKEN_QUESTION);
    case '.': return single(l, TOKEN_DOT);
    case '+': return single(l, TOKEN_PLUS);
    case '-': return single(l, TOKEN_MINUS);
    case '*': return single(l, TOKEN_STAR);
    case '/': return single(l, TOKEN_SLASH);
    case '%': return single(l, TOKEN_PERCENT);
    case '!': return mark(l, '=', TOKEN_NE, TOKEN_NOT);
    case '<': return mark(l, '=', TOKEN_LE, TOKEN_LT);
    case '>': return mark(l, '=', TOKEN_GE, TOKEN_GT);
    case '&': return l->at[1] == '&' ? mark(l, '&', TOKEN_AND, TOKEN_BAD)
                                     : TOKEN_BAD;
    case '|': return l->at[1] == '|' ? mark(l, '|', TOKEN_OR, TOKEN_BAD)
                                     : TOKEN_BAD;
    case '=': return l->at[1] == '~' ? mark(l, '~', TOKEN_MATCH, TOKEN_BAD)
                                     : mark(l, '=', TOKEN_EQ, TOKEN_ASSIGN);
    default: return TOKEN_BAD;
    }
}

static void scan_mark(struct lexer *l, struct token *t)
{
    const char *from = l->at;

    if (*l->at == '\0' && l->at == l->end) {
        t->kind = TOKEN_END;
        t->span = lex_span(l, from, from);
        return;
    }
    t->kind = operator_kind(l);
    t->span = lex_span(l, from, l->at);
    if (t->kind == TOKEN_BAD)
        bad_character(l, t);
}

static void scan_other(struct lexer *l, struct token *t)
{
    char c = *l->at;

    if (c == '"')
        lex_quoted(l, t);
    else if (c == '\'')
        lex_raw(l, t);
    else if (c == '<' && l->at[1] == '<' && l->at[2] == '~')
        lex_heredoc(l, t);
    else if (c == ')' && l->depth && !l->frames[l->depth - 1].parens)
        lex_resume_text(l, t);
    else
        scan_mark(l, t);
}

void lex_next(struct lexer *l, struct token *t)
{
    *t = (struct token){.newline = l->at == l->text};
    if (!skip_blanks(l, t) || (l->at == l->end && l->depth)) {
        lex_break_text(l, t);
        return;
    }
    const char *from = l->at;
    enum char_class c = class_of(*from);

    if (c != C_LETTER && c != C_DIGIT) {
        scan_other(l, t);
        return;
    }
    if (c == C_LETTER)
        scan_name(l);
    else
        scan_number(l);
    t->kind = c == C_LETTER ? TOKEN_NAME : TOKEN_NUMBER;
    t->span = lex_span(l, from, l->at);
}

bool lex_assigns(const struct lexer *l)
{
    const char *p = l->at;

    while (class_of(*p) == C_BLANK)
        p++;
    return *p == '=' && p[1] != '=' && p[1] != '~';
}

bool lex_follows(const struct lexer *l, const char *set)
{
    const char *p = l->at;

    while (class_of(*p) == C_BLANK)
        p++;
    return *p && strchr(set, *p);
}

bool lex_continues(const struct lexer *l)
{
    const char *p = l->at;

    while (class_of(*p) == C_BLANK)
        p++;
    if (p == l->at)
        return false;
    if (p[0] == 'i' && p[1] == 'n' && class_of(p[2]) < C_LETTER)
        return false;
    return class_of(*p) == C_LETTER || class_of(*p) == C_DIGIT || *p == '"' ||
           *p == '\'' || *p == '{';
}
