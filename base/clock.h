#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/arena.h"

#include <stdint.h>

/* Milliseconds of a clock that never jumps: for timeouts and durations. */
int64_t clock_monotonic_ms(void);
/* Milliseconds since 1970-01-01T00:00:00Z: for records. */
int64_t clock_wall_ms(void);
/* "2026-11-22T09:30:00.123Z" of a wall time. */
struct str clock_rfc3339(struct arena *a, int64_t wall_ms);
/* "850ms" "12s" "5m30s" "1h05m" "2d3h": at most two units, for people. */
struct str clock_duration(struct arena *a, int64_t ms);

#endif
