#ifndef RUNTIME_SCHED_FREEZE_H
#define RUNTIME_SCHED_FREEZE_H

#include "base/arena.h"
#include "base/err.h"
#include "graph/value.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* When an environment lets nobody in: "Fri 16:00" until "Mon 08:00", each week,
 * or "2026-12-24 00:00" until "2026-12-27 00:00", once. */

/* Whether the local moment lies in from..until. Without until, a weekly freeze
 * lasts to the end of the week (Sunday), another for ever. */
bool freeze_holds(struct str from, struct str until, const struct tm *now);
/* Looks at all freezes of an environment's configuration. False where one
 * holds, and the message says until when; also where a zone is unknown. */
bool freeze_check(const struct value *config, int64_t now_ms, struct err *e);

#endif
