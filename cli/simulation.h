#ifndef CLI_SIMULATION_H
#define CLI_SIMULATION_H

#include "base/arena.h"
#include "base/buf.h"
#include "runtime/rollout/simulate.h"

#include <stdbool.h>
#include <stdint.h>

/* One policy as `pipec simulate` has run it, and how it is shown. */
struct simulation {
    struct str name;           /* of the rollout */
    struct str file;           /* it is from */
    struct rollout_spec spec;
    struct simulate_input in;
    uint64_t runs;             /* 1: outcome and notes; else summary */
    struct simulate_outcome outcome;
    struct simulate_notes notes;
    struct simulate_summary summary;
};

/* n policies beside each other: one, or two with --against. */
void simulation_text(struct arena *a, struct buf *out,
                     const struct simulation *s, size_t n, bool color);
void simulation_json(struct arena *a, struct buf *out,
                     const struct simulation *s, size_t n);
void simulation_html(struct arena *a, struct buf *out,
                     const struct simulation *s, size_t n);

#endif
