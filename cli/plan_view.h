#ifndef CLI_PLAN_VIEW_H
#define CLI_PLAN_VIEW_H

#include "base/arena.h"
#include "base/buf.h"
#include "graph/graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a plan says, before it is text, Markdown or JSON: in order of
 * execution, each stage with why it runs or does not, and what it would do.
 * Everything lives in the arena given to plan_view(). */

enum plan_action {
    ACTION_RUNS,
    ACTION_SKIPPED,
    ACTION_DEPENDS, /* on a value that the run will know */
};

/* One line of what a stage would do. */
struct plan_line {
    enum {
        LINE_COMMAND, /* a command; text as a shell would take it */
        LINE_NOTE,    /* the kind's own words */
        LINE_HOOK,    /* label: "on failure" */
        LINE_LIMIT,   /* timeout, retry, container and the like */
    } kind;
    struct str label, text;
};

struct plan_analysis {
    struct str name, measure; /* "success-rate", "prometheus every 1m" */
    int64_t from_ms;          /* its first measurement, at the earliest */
};

struct plan_step {
    int64_t at_ms;       /* since the start; people's waits not counted */
    double weight;       /* of the new version, from here on, in percent */
    struct str text;     /* "weight 10%, hold 5m" */
    bool waits;          /* for somebody: what follows is "at the earliest" */
    struct str analyses; /* those that measure in it: "success-rate, errors" */
};

struct plan_timeline {
    struct plan_step *steps;
    size_t n_steps;
    struct plan_analysis *analyses;
    size_t n_analyses;
    int64_t total_ms;
    int64_t within_ms; /* then it aborts; 0 = no limit given */
    bool waits;
    bool bluegreen;
};

struct plan_diff {
    struct str title; /* "k8s/overlays/production/kustomization.yaml" */
    struct str text;  /* unified, without header; empty: no change */
    struct str note;  /* why there is none to show, or empty */
    struct str *warnings; /* of what is rendered now: "file:line:col: text" */
    size_t n_warnings;
};

struct plan_stage {
    const struct graph_node *node;
    enum plan_action action;
    struct str why;       /* "when git.branch == "main" does not hold: ..." */
    struct str *after;    /* "image (image.ref)" */
    size_t n_after;
    struct plan_line *lines;
    size_t n_lines;
    struct plan_timeline *timeline; /* of a rollout, else NULL */
    struct plan_diff *diffs;
    size_t n_diffs;
    struct str *effects; /* the node's, and what only a look at its files
                            tells; sorted */
    size_t n_effects;
    size_t lua_hooks;    /* what these do beyond that shows when they run */
};

struct plan_effect {
    struct str name; /* "git push" */
    size_t stages;   /* that run, or may run, and have it */
};

struct plan_view {
    const struct graph *graph;
    char digest[GRAPH_DIGEST_BYTES];
    struct plan_stage *stages; /* dependencies first */
    size_t n_stages, runs, skipped, depends;
    struct plan_effect *effects; /* sorted by name */
    size_t n_effects, lua_hooks;
    int64_t rollouts_ms; /* the longest timeline */
};

/* What a kind's plan function says of node i; lines are added to the stage's.
 * NULL where nothing. */
typedef const struct str *plan_words_fn(void *ctx, size_t node, size_t *n);
/* The manifest diffs of a node. */
typedef void plan_diffs_fn(void *ctx, struct arena *a,
                           const struct graph_node *n, struct plan_stage *out);

struct plan_sources {
    void *ctx;
    plan_words_fn *words; /* may be NULL */
    plan_diffs_fn *diffs; /* may be NULL */
};

struct plan_view plan_view(struct arena *a, const struct graph *g,
                           const struct plan_sources *from);
/* Adds an effect to a stage, unless it is there. */
void plan_add_effect(struct arena *a, struct plan_stage *s, struct str effect);
/* Whether something outside would change: an effect other than exec. */
bool plan_changes(const struct plan_view *v);

/* ---- plan_why.c ---- */
/* Sets action and why of every stage; order: dependencies first. */
void plan_reasons(struct arena *a, const struct graph *g,
                  const uint32_t *order, struct plan_stage *by_node);

/* ---- plan_lines.c ---- */
/* environment: the config of the node's; NULL where it has none. */
void plan_lines(struct arena *a, const struct graph_node *n,
                const struct value *environment, const struct str *words,
                size_t n_words, struct plan_stage *out);
/* Known parts as they are, others as "(known after build image)". */
struct str plan_show(struct arena *a, const struct value *v);

/* ---- plan_timeline.c ---- */
/* NULL where the config is no rollout's. */
struct plan_timeline *plan_timeline(struct arena *a,
                                    const struct value *config);

/* ---- the three ways to write it ---- */
void plan_text(struct buf *out, const struct plan_view *v, bool color);
void plan_markdown(struct buf *out, const struct plan_view *v);
/* docs/internals/plan.md */
void plan_json(struct arena *a, struct buf *out, const struct plan_view *v);

#endif
