#include "cli/command.h"
#include "cli/option.h"

#include <stdio.h>

command_fn command_version;

int command_version(int argc, char **argv)
{
    static const struct option_usage usage = {
        "version", "", 0, "Prints the version.\n",
    };
    static const struct option options[] = {{0}};
    int code = option_parse(&usage, options, &argc, argv);

    if (code >= 0)
        return code;
    puts("pipec " PIPEC_VERSION);
    return EXIT_DONE;
}
