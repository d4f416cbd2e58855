#include "cli/ask.h"

#include "base/die.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 256, ASKED_MAX = 64 };

struct ask {
    struct sched *sched;
    struct report *report;
    struct loop_watch *watch;
    int tty;
    const struct graph_node *asked[ASKED_MAX]; /* the first is answered */
    size_t n;
};

struct ask *ask_create(struct report *r)
{
    struct ask *k = calloc(1, sizeof *k);

    if (!k)
        die_oom();
    k->tty = -1;
    k->report = r;
    return k;
}

static void forget(struct ask *k, const struct graph_node *node)
{
    size_t kept = 0;

    for (size_t i = 0; i < k->n; i++)
        if (k->asked[i] != node)
            k->asked[kept++] = k->asked[i];
    k->n = kept;
}

static void listen_or_not(struct ask *k)
{
    if (k->watch)
        loop_watch_events(k->watch, k->n ? LOOP_READ : 0);
}

static void on_event(void *ctx, const struct event *v)
{
    struct ask *k = ctx;
    const struct graph_node *node;

    if (v->node == EVENT_NO_NODE)
        return;
    node = &v->graph->nodes[v->node];
    if (v->kind == EVENT_STAGE_FINISHED ||
        (v->kind == EVENT_OTHER &&
         str_eq(v->other.name, STR("approval.given"))))
        forget(k, node);
    else if (v->kind == EVENT_OTHER && k->n < ASKED_MAX &&
             str_eq(v->other.name, STR("approval.asked")))
        k->asked[k->n++] = node;
    else
        return;
    listen_or_not(k);
}

struct event_sink ask_sink(struct ask *k)
{
    return (struct event_sink){.on_event = on_event, .ctx = k};
}

static void on_readable(void *ctx, int events)
{
    struct ask *k = ctx;
    char line[LINE_BYTES_MAX];
    ssize_t n = read(k->tty, line, sizeof line);
    struct passwd *p = getpwuid(getuid());
    struct str by = p ? str_of(p->pw_name) : STR("the terminal");

    (void)events;
    if (n <= 0) { /* the terminal is gone */
        k->n = 0;
        listen_or_not(k);
        return;
    }
    size_t lines = 0;

    for (ssize_t i = 0; i < n; i++)
        lines += line[i] == '\n';
    report_typed(k->report, lines);
    if (!k->n)
        return;
    if (*line == 'y' || *line == 'Y')
        sched_steer(k->sched, STR("approve"), k->asked[0]->id, by);
    else if (*line == 'n' || *line == 'N')
        sched_steer(k->sched, STR("abort"), k->asked[0]->id, by);
}

bool ask_listen(struct ask *k, struct sched *s)
{
    struct err e = {0};

    /* Opened anew: the loop makes it non-blocking, and standard output must
     * not become so with it. */
    k->tty = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (k->tty < 0)
        return false;
    k->sched = s;
    k->watch = loop_watch(sched_loop(s), k->tty, 0, on_readable, k, &e);
    return k->watch != NULL;
}

void ask_destroy(struct ask *k)
{
    if (!k)
        return;
    loop_unwatch(k->watch);
    if (k->tty >= 0)
        close(k->tty);
    free(k);
}
