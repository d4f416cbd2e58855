#include "base/clock.h"
#include "runtime/lua/child.h"
#include "runtime/lua/drive.h"
#include "runtime/lua/jvalue.h"
#include "runtime/lua/worker.h"
#include "runtime/proc/channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A step's command, in a fork of the worker: while it runs the rollout goes on
 * being measured, watched and steered, and can end it. The fork's socket is one
 * to its parent, which hands on what it says. */

enum {
    INTENTS_APART = 1 << 20, /* ids of the fork's begin above the parent's */
    KILL_MS = CHILD_KILL_GRACE_MS + 2000, /* it kills its own command first */
};

/* ---- in the fork --------------------------------------------------------- */

static void push_step(struct drive *d, uint32_t step)
{
    const char *key = d->spec.bluegreen ? "bluegreen" : "canary";
    json_t *steps = json_object_get(json_object_get(d->config, key), "steps");

    jvalue_push(d->L, json_array_get(steps, step));
}

static void run(struct drive *d, uint32_t step, int fd)
{
    struct host *h = d->host;
    struct err e = {0};
    bool ok;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    wire_init(&h->wire, fd);
    h->http = NULL; /* its connections are the parent's */
    h->next_intent += INTENTS_APART;
    h->shielded = false;
    push_step(d, step);
    ok = sandbox_arm(h->sandbox, SANDBOX_CPU, WORKER_CPU_MAX_MS, &e) &&
         drive_call(d, "command", 1, 0, &e);
    if (!ok)
        host_log(h, "error", str_of(e.msg));
    host_send(h, json_pack("{ss,sb,ss}", "t", "done", "ok", ok, "error",
                           ok ? "" : e.msg));
    _exit(0);
}

/* ---- in the worker ------------------------------------------------------- */

static void answer(struct drive *d, bool ok, struct str why)
{
    struct drive_command *c = &d->command;

    if (c->answered || c->kill_at)
        return;
    c->answered = true;
    drive_push(d, (struct rollout_event){.kind = ROLLOUT_COMMAND_DONE,
                                         .id = c->id, .ok = ok}, why);
}

static bool fork_off(struct drive *d, const struct rollout_action *x,
                     struct err *e)
{
    struct drive_command *c = &d->command;
    int fds[2];

    /* What it would make for itself it could not remove. */
    if (!host_temp_dir(d->host, e) || !channel_pair(fds, e))
        return false;
    *c = (struct drive_command){.id = x->id, .fd = fds[0]};
    c->pid = fork();
    if (c->pid == 0) {
        close(fds[0]);
        run(d, x->step, fds[1]);
    }
    close(fds[1]);
    if (c->pid < 0) {
        close(fds[0]);
        c->pid = 0;
        return err_errno(e, "cannot start a process");
    }
    return true;
}

void drive_command_start(struct drive *d, const struct rollout_action *x)
{
    struct err e = {0};

    drive_command_end(d); /* of a step before, still dying */
    if (fork_off(d, x, &e))
        return;
    host_log(d->host, "error", str_of(e.msg));
    drive_push(d, (struct rollout_event){.kind = ROLLOUT_COMMAND_DONE,
                                         .id = x->id}, str_of(e.msg));
}

static void reap(struct drive *d)
{
    struct drive_command *c = &d->command;
    int status = 0;

    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(c->fd);
    c->pid = 0;
    answer(d, false, WIFSIGNALED(status) ? STR("it was killed")
                                         : STR("its process died"));
}

void drive_command_cancel(struct drive *d, uint32_t id)
{
    struct drive_command *c = &d->command;
    struct wire to = {.fd = c->fd};

    if (!c->pid || c->id != id || c->kill_at)
        return;
    c->kill_at = clock_monotonic_ms() + KILL_MS;
    wire_send(&to, json_pack("{ss,ss}", "t", "cancel", "reason",
                             "the rollout goes on without it"));
}

static void hand_on(struct drive *d, json_t *m)
{
    const char *t = json_string_value(json_object_get(m, "t"));
    const char *error = json_string_value(json_object_get(m, "error"));

    if (t && strcmp(t, "done") == 0) {
        answer(d, json_is_true(json_object_get(m, "ok")),
               str_of(error ? error : ""));
        json_decref(m);
        return;
    }
    if (t && strcmp(t, "wait") == 0)
        d->command.waits = true;
    host_send(d->host, m);
}

void drive_command_read(struct drive *d)
{
    struct buf b = {0};
    struct err e = {0};
    json_t *m = NULL;

    if (channel_read(d->command.fd, &b, &e)) {
        m = json_loadb(b.s, b.n, 0, NULL);
        if (json_is_object(m))
            hand_on(d, m);
        else
            json_decref(m);
    } else {
        reap(d);
    }
    buf_free(&b);
}

void drive_command_turn(struct drive *d)
{
    struct drive_command *c = &d->command;
    struct wire *w = &d->host->wire;

    if (!c->pid)
        return;
    for (size_t i = json_array_size(w->acks); i-- > 0;) {
        json_int_t id = json_integer_value(json_array_get(w->acks, i));
        struct wire to = {.fd = c->fd};

        if (id <= INTENTS_APART && id >= -INTENTS_APART)
            continue;
        wire_send(&to, json_pack("{ss,sI}", "t", id > 0 ? "ack" : "nack", "id",
                                 id > 0 ? id : -id));
        json_array_remove(w->acks, i);
    }
    if (c->kill_at && clock_monotonic_ms() >= c->kill_at) {
        child_signal(c->pid, SIGKILL);
        c->kill_at = INT64_MAX;
    }
}

bool drive_command_takes(struct drive *d, json_t *steer)
{
    const char *action = json_string_value(json_object_get(steer, "action"));
    struct wire to = {.fd = d->command.fd};

    if (!d->command.pid || !d->command.waits || !action ||
        strcmp(action, "approve") != 0)
        return false;
    d->command.waits = false;
    wire_send(&to, json_incref(steer));
    return true;
}

void drive_command_end(struct drive *d)
{
    struct drive_command *c = &d->command;

    while (c->pid) {
        int64_t left = c->kill_at - clock_monotonic_ms();
        struct pollfd p = {.fd = c->fd, .events = POLLIN};

        if (!c->kill_at)
            drive_command_cancel(d, c->id);
        else if (poll(&p, 1, left > 0 && left < KILL_MS
                                 ? (int)left : 100) > 0)
            drive_command_read(d);
        drive_command_turn(d);
    }
}
