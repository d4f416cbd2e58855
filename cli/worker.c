#include "cli/command.h"

#include "runtime/http/http.h"
#include "runtime/lua/worker.h"
#include "runtime/proc/nursery.h"

#include <stdio.h>
#include <string.h>

enum { WORKER_FD = 3 };

command_fn command_worker, command_nursery;

static int work(void *worker)
{
    struct err e = {0};
    if (worker_run(worker, WORKER_FD, &e))
        return EXIT_DONE;
    fprintf(stderr, "pipec: worker: %s\n", e.msg);
    return EXIT_INTERNAL;
}

/* Started by the supervisor alone, one a stage attempt. */
int command_worker(int argc, char **argv)
{
    (void)argc, (void)argv;
    return work(NULL);
}

/* Likewise, one a run: it makes workers, all but ready. */
int command_nursery(int argc, char **argv)
{
    struct err e = {0};
    struct worker *w = worker_create(&e);

    /* Its library stays loaded; what goes wrong will go wrong again. */
    if (argc > 1 && strcmp(argv[1], "http") == 0)
        http_client_destroy(http_client_create(&e));
    bool ok = w && nursery_serve(WORKER_FD, work, w, &e);
    worker_destroy(w);
    return ok ? EXIT_DONE : EXIT_INTERNAL;
}
