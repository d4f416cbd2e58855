#ifndef RUNTIME_LUA_DRIVE_H
#define RUNTIME_LUA_DRIVE_H

/* Drives a rollout: the engine (runtime/rollout) decides, Lua callbacks act,
 * the supervisor is told. Shared by the drive_*.c files and host_rollout.c. */

#include "base/arena.h"
#include "runtime/lua/host.h"
#include "runtime/rollout/measurement.h"
#include "runtime/rollout/rollout.h"

#include <sys/types.h>

enum {
    DRIVE_EVENTS_MAX = 2 * ROLLOUT_ACTIONS_MAX,
    DRIVE_TEXT_MAX = 240, /* bytes of an event's text */
};

struct drive_event {
    struct rollout_event event;
    char text[DRIVE_TEXT_MAX];
};

/* A step's command under way. */
struct drive_command {
    pid_t pid; /* 0: none */
    int fd;    /* the socket to it */
    uint32_t id;
    int64_t kill_at; /* monotonic: it has been told to end; 0: not */
    bool answered;   /* the engine knows how it ended */
    bool waits;      /* for somebody's answer */
};

struct drive {
    lua_State *L;
    struct host *host;
    int callbacks; /* index of the table with set, look, measure, revert */
    struct arena *arena;   /* lives as long as the rollout */
    struct arena *scratch; /* emptied every turn */
    struct rollout_spec spec;
    struct rollout_state st;
    json_t *config;
    json_t *back; /* config.rollback, of a rollback alone: what for */
    struct drive_event queue[DRIVE_EVENTS_MAX];
    size_t head, n;
    int64_t wall, monotonic; /* both at the start: time never jumps */
    struct drive_command command;
    bool cancelled;          /* the engine has been told */
    struct measurement_past past[ROLLOUT_ANALYSES_MAX];
};

int64_t drive_now(const struct drive *d);
/* Queues an event; a copy of text goes with it. */
void drive_push(struct drive *d, struct rollout_event event, struct str text);
/* Calls callbacks.NAME with the n arguments on top: leaves nresults values, or
 * false and why in e. nresults values are nil where there is no callback. */
bool drive_call(struct drive *d, const char *name, int n, int nresults,
                struct err *e);
/* An event of the run, "rollout.weight"; data is taken over. */
void drive_tell(struct drive *d, const char *name, json_t *data);

/* Carries out one action. */
void drive_act(struct drive *d, const struct rollout_action *x);
/* Measures analysis i: answers with ROLLOUT_MEASURED. */
void drive_measure(struct drive *d, uint32_t id, uint32_t i);

/* drive_command.c: runs a step's command beside the rollout; answers with
 * ROLLOUT_COMMAND_DONE. */
void drive_command_start(struct drive *d, const struct rollout_action *x);
/* Asks it to stop its command, TERM and KILL; no answer follows. */
void drive_command_cancel(struct drive *d, uint32_t id);
/* Its socket is readable. */
void drive_command_read(struct drive *d);
/* What is due: hands it its acknowledgements, kills it. */
void drive_command_turn(struct drive *d);
/* Whether it waits for this answer, and now has it. */
bool drive_command_takes(struct drive *d, json_t *steer);
/* Waits until it is gone. */
void drive_command_end(struct drive *d);

#endif
