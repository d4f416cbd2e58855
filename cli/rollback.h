#ifndef CLI_ROLLBACK_H
#define CLI_ROLLBACK_H

#include "cli/stored.h"

/* What `pipec rollback` takes back: found in the store (rollback_find.c), made
 * into a graph whose stages do it (rollback_graph.c). */

struct rollback_commit {
    int64_t run;
    struct str sha;
    struct str reverts;     /* it took that one back itself; else empty */
    struct str id;          /* of the stage */
    struct str environment; /* of the stage */
    struct str version;     /* what it brought; may be empty */
    struct str url, branch, title;
    struct value config;    /* repo, message, author of the stage */
    const struct graph_node *node;
    bool undone;            /* by a later commit of this list, or undoing one */
};

/* What a rollout brought that no commit names. */
struct rollback_version {
    int64_t run;
    struct str version, environment;
};

struct rollback {
    struct str environment; /* or a rollout's id, where it has none */
    int64_t to;             /* the run to go back to; 0: one back */
    struct str reason;      /* in one sentence */
    struct stored_run base; /* the latest run that did something to it */
    bool promoted;          /* base left traffic on the new version */
    struct {
        struct rollback_commit *items; /* the latest first */
        size_t n, cap;
    } commits;
    struct {
        struct rollback_version *items; /* each once */
        size_t n, cap;
    } versions;
    struct {
        int64_t *items; /* the runs that something is taken back of */
        size_t n, cap;
    } runs;
};

/* Fills base and commits. ERR_USAGE where there is nothing to go back from, or
 * a run still has its hands on the environment. */
bool rollback_find(struct arena *a, struct store *s, struct rollback *b,
                   struct err *e);
/* Whether a stage of the graph belongs to what is rolled back. */
bool rollback_owns(struct arena *a, const struct rollback *b,
                   const struct graph *g, uint32_t node);
/* Evaluates in v what the run knew; the rest stays as it is. */
struct value rollback_resolve(struct arena *a, struct store *s,
                              const struct stored_run *r,
                              const struct value *v);
/* rollback_version.c: adds what the rollouts of a run brought that no commit
 * names; not what the run to go back to brought as well. */
void rollback_add_versions(struct arena *a, struct store *s,
                           struct rollback *b, const struct stored_run *r);
/* Fills runs, once all else is known; what the run to go back to brought is
 * not refused by a later one's commit either. */
void rollback_list_runs(struct arena *a, struct store *s, struct rollback *b);
/* The stages that do it. */
bool rollback_graph(struct arena *a, struct store *s,
                    const struct rollback *b, struct graph *out,
                    struct err *e);

#endif
