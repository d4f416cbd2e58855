#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "base/err.h"
#include "runtime/report/report.h"
#include "runtime/sched/supervisor.h"

/* Approvals at the terminal: while a run asks for one, a line that begins with
 * y or n answers. */
struct ask;

/* r: told what is typed, for it stands on the same screen. */
struct ask *ask_create(struct report *r);
/* For the run's sinks. */
struct event_sink ask_sink(struct ask *k);
/* Between sched_create() and sched_run(). False where there is no terminal;
 * then others have to answer. */
bool ask_listen(struct ask *k, struct sched *s);
/* Before sched_destroy(). */
void ask_destroy(struct ask *k);

#endif
