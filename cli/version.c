#include "cli/command.h"

#include <stdio.h>

command_fn command_version;

int command_version(int argc, char **argv)
{
    (void)argc, (void)argv;
    puts("pipec " PIPEC_VERSION);
    return EXIT_DONE;
}
