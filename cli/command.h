#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

/* What every subcommand shares. One file a subcommand, cli/NAME.c with its
 * command_NAME(); cli/commands.def is the one table that lists them. */

/* Exit codes of the program (pipec.1). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,      /* a stage failed, a rollout aborted */
    EXIT_INPUT = 2,       /* the file does not compile; bad command line */
    EXIT_WAITING = 3,     /* waiting for an approval, nobody there to ask */
    EXIT_INTERNAL = 4,    /* pipec itself or its store failed */
    EXIT_INTERRUPTED = 130,
};

/* argv[0] is the subcommand's name. Returns an exit_code. */
typedef int command_fn(int argc, char **argv);

struct command {
    const char *name;
    command_fn *run;
    const char *args;    /* usage after the name: "[FILE] --format text|json" */
    const char *summary; /* one line, no full stop */
};

/* NULL-name ended, in the order of commands.def. */
extern const struct command commands[];

/* Finds argv[1] in the table and runs it; without one, prints the usage. */
int command_main(int argc, char **argv);

#endif
