#include "cli/command.h"

#include "base/near.h"

#include <stdio.h>
#include <string.h>

#define COMMAND(id, name, args, summary) command_fn command_##id;
#include "cli/commands.def"
#undef COMMAND

const struct command commands[] = {
#define COMMAND(id, name, args, summary) {name, command_##id, args, summary},
#include "cli/commands.def"
#undef COMMAND
    {0},
};

static int print_usage(FILE *to, int code)
{
    fputs("usage: pipec COMMAND [ARGUMENTS]\n\n", to);
    for (const struct command *c = commands; c->name; c++)
        if (*c->summary) /* the others are pipec's own */
            fprintf(to, "  %-10s %s\n", c->name, c->summary);
    fputs("\n'pipec COMMAND --help' tells the rest.\n", to);
    return code;
}

int command_main(int argc, char **argv)
{
    if (argc < 2)
        return print_usage(stderr, EXIT_INPUT);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
        !strcmp(argv[1], "help"))
        return print_usage(stdout, EXIT_DONE);
    if (!strcmp(argv[1], "--version"))
        argv[1] += 2;
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(argv[1], c->name))
            return c->run(argc - 1, argv + 1);
    struct near near = {.word = str_of(argv[1])};

    for (const struct command *c = commands; c->name; c++)
        near_consider(&near, str_of(c->name));
    fprintf(stderr, "pipec: no command '%s'%s%s%s\n", argv[1],
            near.best.n ? "; did you mean '" : "",
            near.best.n ? near.best.s : "", near.best.n ? "'?" : "");
    return EXIT_INPUT;
}
