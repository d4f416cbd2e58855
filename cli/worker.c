#include "cli/command.h"

#include "runtime/lua/worker.h"

#include <stdio.h>

enum { WORKER_FD = 3 };

command_fn command_worker;

/* Started by the supervisor alone, one a stage attempt. */
int command_worker(int argc, char **argv)
{
    struct err e = {0};
    (void)argc, (void)argv;
    if (worker_run(WORKER_FD, &e))
        return EXIT_DONE;
    fprintf(stderr, "pipec: worker: %s\n", e.msg);
    return EXIT_INTERNAL;
}
