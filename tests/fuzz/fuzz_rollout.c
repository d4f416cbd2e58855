/* 'j' and 'c': series as JSON and CSV. Otherwise a rollout's config, a NUL, and
 * bytes of which each is an event: whatever comes, the engine wants to be woken
 * later than now, and its state survives being saved. */
#include "base/die.h"
#include "runtime/rollout/simulate.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS_MAX = 2000 };

struct play {
    struct rollout_spec spec;
    struct rollout_state st;
    struct rollout_actions todo;
    uint32_t ids[8]; /* of the latest actions */
    int64_t now;
};

static void save_and_load(struct play *p)
{
    struct buf one = {0}, two = {0};
    struct rollout_state copy;
    struct err e = {0};

    rollout_state_json(&p->spec, &p->st, &one);
    if (!rollout_state_load(&p->spec, buf_str(&one), &copy, &e))
        BUG("a saved state is refused: %s", e.msg);
    rollout_state_json(&p->spec, &copy, &two);
    if (!str_eq(buf_str(&one), buf_str(&two)))
        BUG("a saved state is another one");
    buf_free(&one);
    buf_free(&two);
}

static struct rollout_event event_of(const struct play *p, uint8_t b)
{
    return (struct rollout_event){
        .kind = (enum rollout_event_kind)(b % (ROLLOUT_BACK + 1)),
        .id = p->ids[b >> 4 & 7],
        .analysis = b >> 5,
        .ok = b & 16,
        .verdict = (enum verdict)(b % (VERDICT_NO_DATA + 1)),
        .samples = (int64_t)b - 20,
        .counts = {b, b / 2, b, b / 3},
        .traffic = p->st.want,
        .text = STR("fuzz"),
    };
}

static void play(struct play *p, const uint8_t *events, size_t n)
{
    struct buf text = {0};

    rollout_begin(&p->st);
    for (size_t i = 0; i < n && i < EVENTS_MAX; i++) {
        struct rollout_event ev =
            i ? event_of(p, events[i])
              : (struct rollout_event){.kind = ROLLOUT_START};

        if (i && ev.kind == ROLLOUT_TICK && p->todo.wake_at != TIME_NEVER)
            p->now = p->todo.wake_at;
        rollout_step(&p->spec, &p->st, &ev, p->now, &p->todo);
        for (uint32_t k = 0; k < p->todo.n; k++)
            p->ids[k % 8] = p->todo.items[k].id;
        if (!rollout_over(&p->st) && p->st.phase != ROLLOUT_NEW &&
            p->todo.wake_at <= p->st.now)
            BUG("it wants to be woken at once, for ever");
        rollout_describe(&p->spec, &p->st, &text);
        buf_clear(&text);
        if (i % 16 == 0)
            save_and_load(p);
    }
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct err e = {0};
    struct str all = {(const char *)data, size};
    struct simulate_set set;
    struct play p;

    memset(&p, 0, sizeof p);
    p.now = 1000;
    if (size > 0 && data[0] == 'j') {
        simulate_series_json(&a, str_skip(all, 1), &set, &e);
    } else if (size > 0 && data[0] == 'c') {
        simulate_series_csv(&a, str_skip(all, 1), &set, &e);
    } else {
        struct str events, json = str_cut(all, '\0', &events);

        if (rollout_spec_from_json(&a, json, &p.spec, &e))
            play(&p, (const uint8_t *)events.s, events.n);
    }
    arena_free(&a);
    return 0;
}
