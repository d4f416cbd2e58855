#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

/* A subcommand's command line, from one table: what is parsed and what --help
 * prints cannot differ. --name VALUE, --name=VALUE, -n VALUE; positionals may
 * stand anywhere; "--" ends the options; --help is known to all. */
enum option_kind {
    OPTION_FLAG,   /* out: bool *, set true */
    OPTION_TEXT,   /* out: const char **; the last one given counts */
    OPTION_NUMBER, /* out: int *, 0 and up */
    OPTION_LIST,   /* out: struct option_list *: each one given */
};

enum { OPTION_LIST_MAX = 256 };

struct option_list {
    const char *items[OPTION_LIST_MAX];
    size_t n;
};

struct option {
    char letter;       /* 0: none */
    const char *name;  /* "format", without the dashes */
    enum option_kind kind;
    void *out;
    const char *value; /* what --help calls it; "text|json" also restricts
                          TEXT to these words */
    const char *help;  /* one line, no full stop */
};

struct option_usage {
    const char *command;     /* "check" */
    const char *positionals; /* "[FILE]" or "" */
    size_t positionals_max;
    const char *about;       /* one or more whole lines */
};

/* Parses argv[1..]; positionals are moved to argv[1..] in their order and
 * *argc tells how many there are, plus one. Returns -1 to go on, else the exit
 * code: --help was printed, or a mistake reported. Ends its table by a NULL
 * name. */
int option_parse(const struct option_usage *usage, const struct option *table,
                 int *argc, char **argv);

#endif
