#define PCRE2_CODE_UNIT_WIDTH 8
#include "runtime/kustomize/regex.h"

#include "base/buf.h"

#include <pcre2.h>
#include <string.h>

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
}

static bool is_word(struct str s)
{
    size_t i = 0;

    while (i < s.n && word_char(s.s[i]))
        i++;
    return i == s.n;
}

/* What PCRE2 takes and RE2 refuses, told by two or three characters; a
 * class is passed over, an escape too. Returns the offence, NULL if none. */
static const char *group_offence(struct str rest)
{
    static const char *const openings[] = {"(?=", "(?!", "(?<=", "(?<!",
                                           "(?>", "(?|", "(?#", "(?R",
                                           "(?&", "(?(", "(*", "(?C", NULL};

    for (size_t i = 0; openings[i]; i++)
        if (str_starts(rest, str_of(openings[i])))
            return openings[i];
    if (rest.n > 2 && rest.s[1] == '?' && rest.s[2] >= '0' && rest.s[2] <= '9')
        return "(?1";
    return NULL;
}

static size_t class_length(struct str rest)
{
    size_t i = 1;

    if (i < rest.n && rest.s[i] == '^')
        i++;
    if (i < rest.n && rest.s[i] == ']')
        i++;
    for (; i < rest.n && rest.s[i] != ']'; i++) {
        if (rest.s[i] == '\\')
            i++;
        else if (str_starts(str_skip(rest, i), STR("[:")))
            i += str_search(str_skip(rest, i), STR(":]")) + 1;
    }
    return i + 1;
}

static const char *offence(struct str p)
{
    bool repeated = false; /* the last was * + ? or {n} */

    for (size_t i = 0; i < p.n; i++) {
        struct str rest = str_skip(p, i);
        const char *bad = rest.s[0] == '(' ? group_offence(rest) : NULL;
        bool repeat = strchr("*+", rest.s[0]) != NULL;

        if (bad)
            return bad;
        if (repeat && repeated)
            return "a repetition of a repetition";
        if (rest.s[0] == '\\' && rest.n > 1 &&
            strchr("123456789kgGKRXhHNZ", rest.s[1]))
            return "a back-reference or an escape of Perl's";
        repeated = repeat || rest.s[0] == '?' || rest.s[0] == '}';
        if (rest.s[0] == '\\')
            i++;
        else if (rest.s[0] == '[')
            i += class_length(rest) - 1;
    }
    return NULL;
}

static bool compile(struct regex *r, struct str pattern, struct err *e)
{
    struct buf b = {0};
    int code;
    size_t at;

    if (r->form == REGEX_WHOLE)
        buf_adds(&b, "^(?:");
    buf_add(&b, pattern);
    if (r->form == REGEX_WHOLE)
        buf_adds(&b, ")$");
    r->code = pcre2_compile((PCRE2_SPTR)b.s, b.n,
                            PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
                                PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C,
                            &code, &at, NULL);
    buf_free(&b);
    if (r->code)
        return true;
    char text[128] = "";

    pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof(text));
    return err_set(e, ERR_INPUT, "bad regular expression '" STR_FMT "': %s",
                   STR_ARG(pattern), text);
}

bool regex_open(struct regex *r, struct str pattern, enum regex_form form,
                struct err *e)
{
    *r = (struct regex){.form = form, .any = pattern.n == 0};
    if (pattern.n > REGEX_PATTERN_MAX)
        return err_set(e, ERR_INPUT, "a regular expression of %zu bytes is "
                                     "too long", pattern.n);
    if (is_word(pattern)) {
        r->word = pattern;
        return true;
    }
    const char *bad = offence(pattern);

    if (bad)
        return err_set(e, ERR_INPUT, "bad regular expression '" STR_FMT
                                     "': '%s' is not supported",
                       STR_ARG(pattern), bad);
    return compile(r, pattern, e);
}

static bool match_code(const struct regex *r, struct str text, bool *matches,
                       struct err *e)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);

    pcre2_set_match_limit(limits, REGEX_STEPS_MAX);
    pcre2_set_depth_limit(limits, REGEX_DEPTH_MAX);
    int code = pcre2_match(r->code, (PCRE2_SPTR)(text.s ? text.s : ""),
                           text.n, 0, 0, data, limits);

    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    *matches = code >= 0;
    if (code >= 0 || code == PCRE2_ERROR_NOMATCH)
        return true;
    return err_set(e, ERR_INPUT, "a regular expression takes too long to "
                                 "match '" STR_FMT "'; make it simpler",
                   STR_ARG(str_sub(text, 0, 80)));
}

bool regex_match(const struct regex *r, struct str text, bool *matches,
                 struct err *e)
{
    *matches = true;
    if (r->any || (!r->code && !r->word.n))
        return true;
    if (r->code)
        return match_code(r, text, matches, e);
    *matches = r->form == REGEX_WHOLE
                   ? str_eq(text, r->word)
                   : str_search(text, r->word) < text.n;
    return true;
}

void regex_close(struct regex *r)
{
    if (!r)
        return;
    if (r->code)
        pcre2_code_free(r->code);
    *r = (struct regex){0};
}
