#ifndef RUNTIME_ROLLOUT_ROLLOUT_H
#define RUNTIME_ROLLOUT_ROLLOUT_H

#include "base/buf.h"
#include "runtime/rollout/analysis.h"
#include "runtime/rollout/sequential.h"
#include "runtime/rollout/spec.h"

#include <stdbool.h>
#include <stdint.h>

/* The rollout's state machine: told what happened, it says what to do. Pure:
 * no I/O, no clock, no randomness, no allocation; `run` feeds it real events,
 * `simulate` virtual ones, the tests all they can enumerate.
 *
 * A driver is this loop:
 *
 *     rollout_begin(&st);
 *     event = {.kind = ROLLOUT_START};         (ROLLOUT_CRASHED after a death)
 *     while (!rollout_over(&st)) {
 *         rollout_step(&spec, &st, &event, now, &todo);
 *         save rollout_state_json(&st), durably;        (1)
 *         for each action of todo: carry it out, or start to;
 *         event = what came back of one, what somebody asked for, or
 *                 ROLLOUT_TICK at todo.wake_at;
 *     }
 *
 * (1) comes before the actions: so the saved state knows of whatever may have
 * been begun. After a death the driver loads it and sends ROLLOUT_CRASHED;
 * what was in flight is then looked at, not done again.
 *
 * Actions on the router are carried out one at a time, in the order given, even
 * where an earlier one's answer is no longer waited for.
 *
 * Times are wall milliseconds that the driver makes from a clock that does not
 * jump; one that goes back is taken to stand still. */

/* What traffic should be, all of it: routers are always given the whole. */
struct rollout_traffic {
    int32_t weight; /* of the canary, 0..WEIGHT_FULL */
    int32_t mirror; /* share of requests copied to it, same unit */
    int32_t header; /* index of the CANARY_HEADER step in force, -1: none */
};

/* The header of traffic that was looked at: the mirror, the header's route or
 * what else the router was told beside the weight is not as it was told. The
 * event's text says how. */
enum { HEADER_CHANGED = -2 };

enum rollout_phase {
    ROLLOUT_NEW,
    ROLLOUT_RUNNING,
    ROLLOUT_LEAVING,   /* aborting: bringing traffic back to stable */
    ROLLOUT_REVERTING, /* aborting: traffic is back, Git is next */
    ROLLOUT_DONE,
};

/* Where in its current step a running rollout is. */
enum rollout_at {
    AT_TRAFFIC,  /* the router is being told, and asked whether it obeyed */
    AT_COMMAND,
    AT_ANALYSIS, /* `analyze once` */
    AT_HOLD,
    AT_APPROVAL, /* until somebody approves */
    AT_GUARD,    /* until the background analyses allow it to go on */
};

/* What the router is being asked. Its traffic is settled where nothing is. */
enum rollout_ask {
    ASK_NOTHING,
    ASK_SET,   /* told, no answer yet */
    ASK_LOOK,  /* asked what it is, no answer yet */
    ASK_LATER, /* waiting to tell or ask again, at ask_until */
};

enum rollout_outcome {
    OUTCOME_NONE,
    OUTCOME_PROMOTED,
    OUTCOME_ABORTED,  /* stable serves everything, and the router said so */
    OUTCOME_STRANDED, /* aborted, but the router could not be made to say so */
};

enum { ROLLOUT_REASON_BYTES = 240 };

/* Everything that is known about a rollout on its way; flat, no pointers, a
 * copy is a snapshot. Only rollout.c changes it. */
struct rollout_state {
    int64_t now;        /* the latest time seen */
    int64_t started_at;
    int64_t step_at;    /* when the current step was entered */
    int64_t hold_until; /* AT_HOLD; TIME_NEVER: until `promote` */
    int64_t ask_until;  /* no answer by then is a bad one; LATER: ask then */
    int64_t ask_limit;  /* give up on the router by then */
    int64_t work_until; /* the command or revert has failed by then; or, with
                           work_id 0, the revert is tried again then */
    int64_t watch_at;   /* next look at the router, while it should rest */
    uint32_t step;      /* index; n_steps: all are done */
    uint32_t next_id;   /* action ids are given once and rise */
    uint32_t ask_id;    /* of ASK_SET, ASK_LOOK */
    uint32_t ask_tries;
    uint32_t work_id;   /* of the command or revert in flight, 0: none */
    uint32_t work_tries;
    uint32_t watch_id;  /* of the look in flight, 0: none */
    uint32_t watch_misses; /* looks in a row that the router did not answer */
    uint32_t restores;  /* of someone else's weight, in this step */
    struct rollout_traffic want; /* what the router was last told */
    enum rollout_phase phase;
    enum rollout_at at;
    enum rollout_ask ask;
    enum rollout_outcome outcome;
    bool ask_set;       /* LATER: tell again, rather than look again */
    bool told;          /* the router took what it was last told */
    bool held;          /* by a remedy: until somebody resumes */
    bool drifted;       /* held because someone changed the weight */
    bool paused;        /* by somebody: until somebody resumes */
    bool skip;          /* somebody promoted: leave this step unguarded */
    bool touched;       /* the router has been told something */
    bool unsure;        /* after a death: a differing look means "set again" */
    bool rested;        /* same, but the traffic had been settled: then only
                           stable serving all means that, the rest is drift */
    bool restarting;    /* going back to stable and the first step */
    bool stranded;      /* the router could not be brought back to stable */
    bool revert_failed;
    bool blamed;        /* aborted for what was measured of the version, a
                           step's command that failed, or somebody's word: not
                           because of trouble around it */
    char reason[ROLLOUT_REASON_BYTES]; /* one sentence: why it ended, or why
                                          it is held */
    struct analysis_state analyses[ROLLOUT_ANALYSES_MAX];
};

enum rollout_event_kind {
    ROLLOUT_START,
    ROLLOUT_TICK,     /* time passed; may be sent whenever one likes */
    ROLLOUT_SET,      /* answer to ACTION_SET: id, ok, text */
    ROLLOUT_LOOKED,   /* answer to ACTION_LOOK: id, ok, traffic, text; with id
                         0 an observation nobody asked for */
    ROLLOUT_MEASURED, /* answer to ACTION_MEASURE: id, analysis, verdict,
                         samples, counts, text */
    ROLLOUT_COMMAND_DONE, /* answer to ACTION_COMMAND: id, ok, text */
    ROLLOUT_REVERTED,     /* answer to ACTION_REVERT: id, ok, text */
    ROLLOUT_APPROVED, /* ends AT_APPROVAL; ignored elsewhere. text: by whom */
    ROLLOUT_PROMOTE,  /* leaves what the current step waits for; and un-holds */
    ROLLOUT_PROMOTE_FULL, /* all steps at once */
    ROLLOUT_ABORT,    /* text: the reason, as a sentence's end; blame: the
                         version is bad */
    ROLLOUT_PAUSE,    /* no further step; analyses go on, limits hold */
    ROLLOUT_RESUME,   /* ends pause and hold; a held analysis begins anew */
    ROLLOUT_RETRY,    /* back to stable and to the first step */
    ROLLOUT_CRASHED,  /* the driver died; this is a new one */
    ROLLOUT_BACK,     /* in place of START: nothing is rolled out, what was is
                         taken back as an abort does. text: why */
};

struct rollout_event {
    enum rollout_event_kind kind;
    uint32_t id;
    uint32_t analysis;
    bool ok;
    bool blame; /* of ABORT */
    enum verdict verdict;
    int64_t samples; /* of MEASURED; below 0: unknown */
    struct sequential_counts counts; /* of MEASURED, COMPARE_SEQUENTIAL */
    struct rollout_traffic traffic;  /* of LOOKED; what cannot be seen is given
                                        as rollout_state.want has it */
    struct str text; /* why not ok, who, why, what differs; borrowed for the
                        call */
};

enum rollout_action_kind {
    ACTION_SET,     /* tell the router `traffic`; answer ROLLOUT_SET */
    ACTION_LOOK,    /* ask it; answer ROLLOUT_LOOKED */
    ACTION_MEASURE, /* `analysis`; answer ROLLOUT_MEASURED */
    ACTION_COMMAND, /* run step `step`; answer ROLLOUT_COMMAND_DONE */
    ACTION_CANCEL,  /* stop command `id`; no answer wanted */
    ACTION_REVERT,  /* revert what this rollout committed, `again`: unless it
                       is done already; answer ROLLOUT_REVERTED */
    ACTION_NOTIFY,  /* tell people `notice`; no answer wanted */
    ACTION_FINISH,  /* over: `outcome`, and rollout_state.reason. Always last */
};

enum rollout_notice {
    NOTICE_STARTED,
    NOTICE_STEP,     /* `step` was entered */
    NOTICE_WAITING,  /* for an approval */
    NOTICE_HELD,     /* rollout_state.reason says why */
    NOTICE_ABORTING, /* traffic goes back to stable now */
    NOTICE_ABORTED,
    NOTICE_PROMOTED,
};

struct rollout_action {
    enum rollout_action_kind kind;
    uint32_t id;   /* of SET LOOK MEASURE COMMAND CANCEL REVERT */
    uint32_t step; /* the current one, index */
    uint32_t analysis;
    struct rollout_traffic traffic;
    enum rollout_notice notice;
    enum rollout_outcome outcome;
    bool again;
};

enum { ROLLOUT_ACTIONS_MAX = ROLLOUT_ANALYSES_MAX + 24 };

struct rollout_actions {
    struct rollout_action items[ROLLOUT_ACTIONS_MAX];
    uint32_t n;
    int64_t wake_at; /* send ROLLOUT_TICK then; TIME_NEVER where it is over */
};

void rollout_begin(struct rollout_state *st);
/* One event in, the actions it leads to out. An event that does not fit (an
 * answer to something no longer asked, an approval nobody waits for) changes
 * nothing but the time. */
void rollout_step(const struct rollout_spec *p, struct rollout_state *st,
                  const struct rollout_event *event, int64_t now,
                  struct rollout_actions *todo);
bool rollout_over(const struct rollout_state *st);

/* "promoted" "aborted" "stranded" "none"; and of the other enums, for records
 * and messages. */
const char *rollout_outcome_name(enum rollout_outcome o);
const char *rollout_phase_name(enum rollout_phase p);
const char *rollout_at_name(enum rollout_at at);
const char *rollout_ask_name(enum rollout_ask a);
const char *rollout_action_name(enum rollout_action_kind k);
const char *rollout_notice_name(enum rollout_notice n);
const char *rollout_event_name(enum rollout_event_kind k);

/* "weight 10%", "run './smoke.sh'" */
void canary_step_show(const struct canary_step *s, struct buf *out);
/* What it waits for, for `status`: "weight 10%, holds for 3m more". */
void rollout_describe(const struct rollout_spec *p,
                      const struct rollout_state *st, struct buf *out);

/* One line of JSON, and back. Loading is strict: a state that this version
 * could not have written, or one of another spec, is refused. */
void rollout_state_json(const struct rollout_spec *p,
                        const struct rollout_state *st, struct buf *out);
bool rollout_state_load(const struct rollout_spec *p, struct str json,
                        struct rollout_state *out, struct err *e);

#endif
