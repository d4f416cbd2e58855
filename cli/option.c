#include "cli/option.h"

#include "base/near.h"
#include "cli/command.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { COLUMN = 26 };

static void print_usage(const struct option_usage *u, const struct option *t,
                        FILE *to)
{
    fprintf(to, "usage: pipec %s%s%s%s\n\n%s", u->command,
            u->positionals[0] ? " " : "", u->positionals,
            t->name ? " [OPTIONS]" : "", u->about);
    if (t->name)
        fputc('\n', to);
    for (; t->name; t++) {
        int n = fprintf(to, t->letter ? "  -%c, " : "      ", t->letter);

        n += fprintf(to, "--%s%s%s", t->name, t->value ? " " : "",
                     t->value ? t->value : "");
        fprintf(to, "%s%*s%s\n", n >= COLUMN ? "\n" : "",
                n >= COLUMN ? COLUMN : COLUMN - n, "", t->help);
    }
}

static int mistake(const struct option_usage *u, const char *what,
                   const char *arg)
{
    fprintf(stderr, "pipec %s: %s '%s'; 'pipec %s --help' tells more\n",
            u->command, what, arg, u->command);
    return EXIT_INPUT;
}

static const struct option *find(const struct option *t, const char *arg,
                                 const char **value)
{
    *value = NULL;
    for (; t->name; t++) {
        size_t n = strlen(t->name);

        if (arg[1] != '-' && arg[1] == t->letter && t->letter) {
            *value = arg[2] ? arg + 2 : NULL;
            return t;
        }
        if (arg[1] != '-' || strncmp(arg + 2, t->name, n))
            continue;
        if (arg[2 + n] == '=')
            *value = arg + 3 + n;
        if (arg[2 + n] == '=' || !arg[2 + n])
            return t;
    }
    return NULL;
}

static const char *nearest(const struct option *t, const char *arg)
{
    struct near near = {0};

    if (strncmp(arg, "--", 2))
        return NULL;
    near.word = str_of(arg + 2);
    for (; t->name; t++)
        near_consider(&near, str_of(t->name));
    return near.best.n ? near.best.s : NULL;
}

static int unknown(const struct option_usage *u, const struct option *t,
                   const char *arg)
{
    const char *near = nearest(t, arg);

    if (!near)
        return mistake(u, "no option", arg);
    fprintf(stderr, "pipec %s: no option '%s'; did you mean '--%s'?\n",
            u->command, arg, near);
    return EXIT_INPUT;
}

/* Whether value is one of the words of "text|json"; any fits "FILE". */
static bool fits(const char *words, const char *value)
{
    struct str rest = str_of(words);

    if (!strchr(words, '|'))
        return true;
    while (rest.n)
        if (str_eq(str_cut(rest, '|', &rest), str_of(value)))
            return true;
    return false;
}

static int take(const struct option_usage *u, const struct option *o,
                const char *value)
{
    struct option_list *list = o->out;
    int64_t number;

    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)o->out = true;
        break;
    case OPTION_TEXT:
        if (!fits(o->value, value)) {
            fprintf(stderr, "pipec %s: --%s takes %s, not '%s'\n", u->command,
                    o->name, o->value, value);
            return EXIT_INPUT;
        }
        *(const char **)o->out = value;
        break;
    case OPTION_NUMBER:
        if (!str_int(str_of(value), &number) || number < 0 || number > INT_MAX)
            return mistake(u, "not a number:", value);
        *(int *)o->out = (int)number;
        break;
    case OPTION_LIST:
        if (list->n == OPTION_LIST_MAX)
            return mistake(u, "one too many:", value);
        list->items[list->n++] = value;
        break;
    }
    return -1;
}

static int take_option(const struct option_usage *u, const struct option *t,
                       char **argv, int argc, int *i)
{
    const char *value, *arg = argv[*i];
    const struct option *o = find(t, arg, &value);

    if (!strcmp(arg, "--help") || !strcmp(arg, "-h")) {
        print_usage(u, t, stdout);
        return EXIT_DONE;
    }
    if (!o)
        return unknown(u, t, arg);
    if (o->kind == OPTION_FLAG && value)
        return mistake(u, "takes no value:", arg);
    if (o->kind != OPTION_FLAG && !value) {
        if (*i + 1 >= argc)
            return mistake(u, "a value is missing after", arg);
        value = argv[++*i];
    }
    return take(u, o, value);
}

int option_parse(const struct option_usage *usage, const struct option *table,
                 int *argc, char **argv)
{
    int kept = 1;
    bool ended = false;

    for (int i = 1; i < *argc; i++) {
        if (!ended && !strcmp(argv[i], "--")) {
            ended = true;
        } else if (!ended && argv[i][0] == '-' && argv[i][1]) {
            int code = take_option(usage, table, argv, *argc, &i);

            if (code >= 0)
                return code;
        } else if ((size_t)kept > usage->positionals_max) {
            return mistake(usage, "one argument too many:", argv[i]);
        } else {
            argv[kept++] = argv[i];
        }
    }
    *argc = kept;
    argv[kept] = NULL;
    return -1;
}
