#include "cli/command.h"

#include "cli/option.h"
#include "compiler/diag.h"

#include <stdio.h>

command_fn command_explain;

enum { CODES_MAX = 100 };

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
    const struct option_usage usage = {
        .command = "explain",
        .positionals = "[CODE…]",
        .positionals_max = CODES_MAX,
        .about = "Tells what a diagnostic's code means, why it is one, and the "
                 "remedy.\nWithout a code, lists all of them.\n",
    };
    const struct option table[] = {{0}};
    int status = option_parse(&usage, table, &argc, argv);

    if (status >= 0)
        return status;
    if (argc < 2)
        return list_codes();
    status = EXIT_DONE;
    for (int i = 1; i < argc && status == EXIT_DONE; i++) {
        if (i > 1)
            putchar('\n');
        status = explain(argv[i]);
    }
    return status;
}
