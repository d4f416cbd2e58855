#include "cli/command.h"

#include "compiler/diag.h"

#include <stdio.h>
#include <string.h>

command_fn command_explain;

static const char usage[] =
    "usage: pipec explain [CODE…]\n\n"
    "Tells what a diagnostic's code means, why it is one, and the remedy.\n"
    "Without a code, lists all of them.\n";

static int list_codes(void)
{
    for (enum diag_code code = 0; code < DIAG_CODES; code++)
        printf("%s  %s\n", diag_name(code), diag_title(code));
    return EXIT_DONE;
}

static int explain(const char *name)
{
    enum diag_code code = diag_find(str_of(name));

    if (code == DIAG_CODES) {
        fprintf(stderr, "pipec explain: no code '%s'; 'pipec explain' lists "
                        "them all\n", name);
        return EXIT_INPUT;
    }
    printf("%s: %s\n\n%s", diag_name(code), diag_title(code),
           diag_explanation(code));
    return EXIT_DONE;
}

int command_explain(int argc, char **argv)
{
    int status = EXIT_DONE;

    if (argc < 2)
        return list_codes();
    for (int i = 1; i < argc && status == EXIT_DONE; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return EXIT_DONE;
        }
        if (i > 1)
            putchar('\n');
        status = explain(argv[i]);
    }
    return status;
}
