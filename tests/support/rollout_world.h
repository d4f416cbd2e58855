#ifndef TESTS_SUPPORT_ROLLOUT_WORLD_H
#define TESTS_SUPPORT_ROLLOUT_WORLD_H

/* To be included after <cmocka.h>. */
#include "runtime/rollout/rollout.h"

#include <stdlib.h>
#include <string.h>

/* A rollout and a world that obeys it: the router does what it is told, unless
 * a test says otherwise. */
struct world {
    struct rollout_spec spec;
    struct canary_step steps[8];
    struct rollout_analysis analyses[3];
    struct rollout_state st;
    struct rollout_actions todo;
    struct rollout_traffic router;
    int64_t now;
    enum verdict verdict; /* of every measurement */
    struct str differs; /* what of the router is not as it was told */
    bool router_refuses, router_silent, router_blind;
    int router_forgets; /* so many settings, of those that it takes */
    int sets, commands, reverts, measures, finishes, helds;
    uint32_t last_command;
    enum rollout_outcome outcome;
};

static void weight(struct world *w, int32_t percent, int64_t hold_ms)
{
    w->steps[w->spec.n_steps++] = (struct canary_step){
        .kind = CANARY_WEIGHT, .weight = percent * 100, .hold_ms = hold_ms};
}

static inline struct analysis_spec *analysis(struct world *w, const char *name)
{
    struct analysis_spec *s = &w->analyses[w->spec.n_analyses++].spec;

    *s = (struct analysis_spec){.name = str_of(name), .every_ms = 60000,
                                .timeout_ms = 60000, .errors = 4,
                                .consecutive_failures = LIMIT_OFF,
                                .no_data_ms = ANALYSIS_NO_DATA_MS,
                                .on_inconclusive = REMEDY_HOLD};
    return s;
}

static struct world *world(void)
{
    struct world *w = calloc(1, sizeof *w);

    w->spec = (struct rollout_spec){.steps = w->steps,
                                    .analyses = w->analyses,
                                    .within_ms = ROLLOUT_WITHIN_MS,
                                    .watch_ms = ROLLOUT_WATCH_MS,
                                    .verify_ms = ROLLOUT_ROUTER_MS,
                                    .revert = true};
    w->verdict = VERDICT_PASSED;
    w->router.header = -1;
    w->now = 1000000;
    rollout_begin(&w->st);
    return w;
}

static void send(struct world *w, struct rollout_event ev);

static void obey(struct world *w, struct rollout_action x)
{
    struct rollout_event ev = {.id = x.id, .ok = true, .samples = -1,
                               .analysis = x.analysis};

    switch (x.kind) {
    case ACTION_SET:
        w->sets++;
        if (w->router_silent)
            return;
        ev.kind = ROLLOUT_SET;
        ev.ok = !w->router_refuses;
        ev.text = ev.ok ? STR("") : STR("no such backend");
        if (ev.ok && w->router_forgets-- <= 0)
            w->router = x.traffic;
        break;
    case ACTION_LOOK:
        if (w->router_silent)
            return;
        ev.kind = ROLLOUT_LOOKED;
        ev.ok = !w->router_blind;
        ev.traffic = w->router;
        ev.text = w->router.header == HEADER_CHANGED ? w->differs : STR("");
        break;
    case ACTION_MEASURE:
        w->measures++;
        ev.kind = ROLLOUT_MEASURED;
        ev.verdict = w->verdict;
        break;
    case ACTION_COMMAND:
        w->commands++;
        w->last_command = x.id;
        return;
    case ACTION_REVERT:
        w->reverts++;
        ev.kind = ROLLOUT_REVERTED;
        break;
    case ACTION_FINISH:
        w->finishes++;
        w->outcome = x.outcome;
        return;
    case ACTION_NOTIFY:
        w->helds += x.notice == NOTICE_HELD;
        return;
    case ACTION_CANCEL:
        return;
    }
    send(w, ev);
}

/* Every state on the way survives being saved and loaded. */
static void save_and_load(struct world *w)
{
    struct buf before = {0}, after = {0};
    struct err e = {0};
    struct rollout_state *copy = calloc(1, sizeof *copy);

    rollout_state_json(&w->spec, &w->st, &before);
    if (!rollout_state_load(&w->spec, buf_str(&before), copy, &e))
        fail_msg("%s: %s", e.msg, buf_cstr(&before));
    rollout_state_json(&w->spec, copy, &after);
    assert_string_equal(buf_cstr(&before), buf_cstr(&after));
    w->st = *copy;
    free(copy);
    buf_free(&before);
    buf_free(&after);
}

static void send(struct world *w, struct rollout_event ev)
{
    struct rollout_actions todo;

    rollout_step(&w->spec, &w->st, &ev, w->now, &w->todo);
    save_and_load(w);
    todo = w->todo;
    for (uint32_t i = 0; i < todo.n; i++)
        obey(w, todo.items[i]);
}

static void say(struct world *w, enum rollout_event_kind kind)
{
    send(w, (struct rollout_event){.kind = kind, .text = STR("told to")});
}

/* Lets time pass, tick by tick, as a driver does. */
static void pass(struct world *w, int64_t ms)
{
    int64_t end = w->now + ms;

    while (!rollout_over(&w->st) && w->todo.wake_at <= end) {
        assert_true(w->todo.wake_at > w->now);
        w->now = w->todo.wake_at;
        say(w, ROLLOUT_TICK);
    }
    w->now = end;
}

#endif
