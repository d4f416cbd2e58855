#ifndef COMPILER_CHECK_H
#define COMPILER_CHECK_H

#include "base/map.h"
#include "compiler/compile.h"

/* What the phases of one compile share. Private to compiler/: compile.h is the
 * door. In the order they run: declare (names), expand (definitions, for=),
 * stage (statements against schemas), link (edges, cycles), policy, unused. */

struct check;
struct stage;
struct instance;
struct module;

/* When a value is known. */
enum phase {
    PHASE_STATIC, /* from the text alone */
    PHASE_PLAN,   /* from params, git, files, the environment */
    PHASE_RUN,    /* from a stage that ran before, or the run itself */
};

/* An expression with its type, folded as far as it goes. */
struct typed {
    const struct type *type; /* NULL: wrong, and that has been said */
    struct expr x;           /* a LITERAL where it is known */
    enum phase phase;
    bool env;                   /* comes from env(): for a warning */
    struct stage *stage;        /* of TYPE_STAGE: the stage */
    struct instance *instance;  /* ... or the instance of a definition */
    struct module *module;      /* ... or the name of a used file */
    size_t cell;                /* ... and of these, one; ALL_CELLS */
};

#define ALL_CELLS ((size_t)-1)

enum symbol_kind {
    SYMBOL_LET,
    SYMBOL_PARAM,
    SYMBOL_SECRET,
    SYMBOL_STAGE,
    SYMBOL_INSTANCE,
    SYMBOL_MODULE,
    SYMBOL_LOCAL, /* of for=, a definition's parameter, a condition's name */
} __attribute__((packed));

enum symbol_state {
    SYMBOL_NEW, SYMBOL_BUSY, SYMBOL_DONE,
} __attribute__((packed));

struct symbol {
    struct str name;
    struct span span;
    struct scope *scope; /* in which what stands behind it is to be read */
    union {
        struct { /* of let, param, secret, local */
            const struct ast *ast;   /* the value, or NULL */
            const struct type *type; /* declared, or NULL */
            struct typed *value;     /* once DONE; NULL: wrong */
            struct symbol *next;     /* in scope.locals */
        };
        struct { /* of a stage or an instance, which begins with its symbol */
            const struct ast_node *call;
            struct instance *outer;
            size_t outer_cell;
            const struct ast_for *each; /* for=, or NULL */
        };
        struct module *module;
    };
    enum symbol_kind kind;
    enum symbol_state state; /* of the value, or of a stage's cells */
    bool used;
    uint32_t passed; /* the need that last went through an empty one */
};

struct scope {
    struct scope *parent;
    struct scope *all;     /* the next in check.scopes */
    struct map names;      /* struct symbol; of files and instances */
    struct symbol *locals; /* the few of a for= or condition */
    struct module *module; /* whose kinds and definitions are in sight */
    bool hook;             /* stage.error, rollout.reason are known here */
    struct stage *stage;   /* of a hook */
};

/* One file: the pipeline or a used one. */
struct module {
    struct str path;
    struct str prefix; /* "py." or empty: before the names of its instances */
    struct scope *scope;
    struct map defines; /* struct define */
    struct map uses;    /* "py" -> struct module */
    struct module *parent;
    bool root;
};

struct define {
    const struct ast_define *ast;
    struct module *module;
    bool used, open; /* open: being expanded */
};

struct cell {
    struct str key;
    struct typed value;
    struct scope *scope;   /* of an instance's cell: its inside */
    struct scope *outside; /* ... and where its arguments are read */
};

struct stage {
    struct symbol symbol;
    struct cell *cells; /* without for= one that all such share */
    uint32_t n_cells;
    uint32_t first; /* index of its first node */
    const struct schema_entry *entry; /* NULL: unknown kind */
    struct str id;  /* "api.image"; its symbol's name is "image" */
    char text[];    /* the name, where it is short: who looks for it finds all
                       on two lines of the cache */
};

enum {
    STAGE_ALIGN = 64,
    STAGE_BYTES = 128,
    STAGE_TEXT = STAGE_BYTES - sizeof(struct stage),
};

/* py.service api dir="api": the stages [from, to) of check.stages. */
struct instance {
    struct symbol symbol; /* its scope is that of the call */
    struct str id;
    struct define *define;
    struct cell *cells;
    uint32_t n_cells;
    uint32_t *froms; /* n_cells + 1: cell i holds stages [i, i + 1) */
};

/* Of a symbol of that kind: what it begins. */
static inline struct stage *symbol_stage(struct symbol *y)
{
    return (struct stage *)y;
}

static inline struct instance *symbol_instance(struct symbol *y)
{
    return (struct instance *)y;
}

struct environment {
    struct str name;
    struct span span;
    const struct ast_node *ast;
    struct value config;
    bool checked, used;
};

/* A use of a stage's output or of the stage, while a node is checked. */
struct ref {
    uint32_t from;
    enum graph_edge_reason reason;
    struct str text;
    struct span span;
};

/* A node and what only the compiler knows of it. */
struct draft {
    struct graph_node *node; /* its place among check.nodes */
    const struct stage *stage;
    struct environment *environment;
    struct ref *refs; /* sorted and without repetitions after link */
    size_t n_refs;
    struct span span; /* of its name */
};

struct check {
    struct arena *a;
    const struct compile_options *o;
    struct diags *d;
    struct schema_set schemas;
    struct map missing;    /* "family/name" asked for and not there */
    struct scope *scopes;  /* all, to be freed */
    struct module *root;
    struct { struct module **items; size_t n, cap; } modules;
    struct { struct stage **items; size_t n, cap; } stages;
    struct { struct symbol **items; size_t n, cap; } values; /* declared */
    struct { struct environment **items; size_t n, cap; } environments;
    struct { const struct ast_node **items; size_t n, cap; } policies;
    struct policy *read_policies; /* as many, once read */
    struct { struct graph_secret *items; size_t n, cap; } secrets;
    struct { struct graph_fact *items; size_t n, cap; } facts;
    struct { struct slot *items; size_t n, cap; } slots; /* of open bodies */
    struct { struct slot_list **items; size_t n, cap; } lists; /* of these */
    size_t n_lists; /* in use; the others wait for the next body */
    struct { struct ref *items; size_t n, cap; } refs; /* of this node */
    struct map secret_names;
    struct map fact_names[FACT_TOOL + 1]; /* by kind */
    struct map ids;        /* node id -> index + 1, as a pointer: node_find() */
    struct graph_node *nodes; /* as many as drafts */
    struct graph_extra *plain; /* that of all nodes without any */
    struct draft *drafts;
    size_t n_drafts;
    struct str pipeline;
    size_t depth;
    size_t n_instances, value_bytes;
    uint32_t n_needs; /* seen so far; the last is the one in work */
    uint32_t n_passed;
    struct cell single;    /* of stages without for= */
    bool open_sink;  /* env { }: takes secrets, and other texts as well */
    bool git_failed; /* reported once */
    bool lua_failed; /* kinds may be unknown for that reason */
};

/* ---- scope.c ---- */
struct scope *scope_create(struct check *c, struct scope *parent);
/* In this scope or one around it; NULL where nothing has the name. */
struct symbol *scope_find(const struct scope *s, struct str name);
/* Puts a name with its kind, span and scope there; reports a second
 * declaration and shadowing. */
void scope_add(struct check *c, struct scope *s, struct symbol *y);
/* scope_add() of a new symbol. Never NULL. */
struct symbol *scope_declare(struct check *c, struct scope *s,
                             enum symbol_kind kind, struct str name,
                             struct span span);
/* A name that only one place knows: no table, no reports but shadowing. */
struct symbol *scope_local(struct check *c, struct scope *s, struct str name,
                           struct span span);
/* Says that nothing is named so, with the nearest name. */
void scope_report_unknown(struct check *c, const struct scope *s,
                          struct str name, struct span span);
void scope_free_all(struct check *c);

/* ---- catalogue.c ---- */
const struct schema_entry *catalogue_find(struct check *c, struct str family,
                                          struct str name);
/* Considers all names of a family. */
void catalogue_near(struct check *c, struct str family,
                    struct near *near);
/* The compiler's own statements, by the same schemas: "common",
 * "environment", "pipeline", "use". */
const struct schema_body *catalogue_own(struct check *c, const char *name);
/* Reads a user's Lua file. */
void catalogue_use(struct check *c, struct str path, struct span at);

/* ---- declare.c ---- */
/* All names of a file; used files are read and declared too. */
void declare_module(struct check *c, struct module *m,
                    const struct ast_block *b);
struct module *module_create(struct check *c, struct module *parent,
                             struct str path, struct str prefix);
/* The name of a param as --param has it: with its file's prefix. */
struct str declare_full_name(struct check *c, const struct symbol *y);
/* lets and secrets of a definition's block. */
void declare_bindings(struct check *c, struct scope *s,
                      const struct ast_block *b);
/* ---- use.c ---- */
void use_file(struct check *c, struct module *m, const struct ast_node *n);
/* ---- expand.c ---- */
/* The stages of a block, and those of instances in it. */
void expand_block(struct check *c, struct scope *s, const struct ast_block *b,
                  struct str prefix, struct instance *outer, size_t cell);
/* The cells of a stage, from its for=. False where that has been reported. */
bool expand_cells(struct check *c, struct stage *t);
struct define *expand_define(struct module *m, struct str name);
/* ---- cells.c ---- */
/* One, with an empty key, where each is NULL. NULL: reported. */
struct cell *cells_of(struct check *c, struct scope *s,
                      const struct ast_for *each, uint32_t *n);
/* ---- instance.c ---- */
void instance_expand(struct check *c, struct instance *i);

/* ---- symbol.c ---- */
/* The value of a let, param, secret or local, worked out once. */
const struct typed *symbol_value(struct check *c, struct symbol *y,
                                 struct span at);
/* "git.branch" of a name or members of one; false for anything else. */
bool symbol_path(struct check *c, const struct ast *n, struct str *out);
/* ---- param.c ---- */
/* The value given for a param with --param, converted. False: none. */
bool param_given(struct check *c, struct symbol *y, const struct type *t,
                 struct typed *out);
void param_report_unknown(struct check *c);
/* ---- typename.c ---- */
/* NULL and a report where it is no type. */
const struct type *type_of_ast(struct check *c, const struct ast_type *t);

/* ---- infer.c and its parts ---- */
/* Types and folds n. want, where not NULL, gives bare names, lists and
 * commands their meaning; it is not yet demanded. */
struct typed infer(struct check *c, struct scope *s, const struct ast *n,
                   const struct type *want);
struct typed infer_operator(struct check *c, struct scope *s,
                            const struct ast *n);
struct typed infer_call(struct check *c, struct scope *s, const struct ast *n,
                        const struct type *want);
struct typed infer_path(struct check *c, struct scope *s, const struct ast *n);
/* git, run, ci, rollout, stage: ---- builtin.c ---- */
bool builtin_named(struct str object);
struct typed builtin_value(struct check *c, struct scope *s,
                           struct str object, struct str name, struct span at);
struct typed infer_template(struct check *c, struct scope *s,
                            const struct ast *n, const struct type *want);
/* infer(), then demands the type; what names the place: "'timeout'". */
struct typed infer_fit(struct check *c, struct scope *s, const struct ast *n,
                       const struct type *want, struct str what);
/* infer_fit() and the value; one that is known only in a run is reported.
 * False: reported, or not known without facts. */
bool infer_known(struct check *c, struct scope *s, const struct ast *n,
                 const struct type *want, struct str what, struct value *out);
struct typed typed_error(void);
struct typed typed_literal(const struct type *t, struct value v);
bool typed_known(const struct typed *t);
/* Folds x over its kids when they are known; reports what cannot be. */
void typed_fold(struct check *c, struct typed *t, const struct ast *at);
/* Counts a value that was worked out against COMPILE_VALUES_MAX. */
bool typed_afford(struct check *c, const struct value *v, struct span at);
/* Demands a type of what was inferred, converting a literal. */
void typed_fit(struct check *c, struct typed *t, const struct type *want,
               const struct ast *at, struct str what);
/* A literal, or the expression in the arena; notes the stages it uses. */
struct value typed_value(struct check *c, const struct typed *t,
                         struct span at);
/* "image.ref becomes known after build image". */
void typed_report_early(struct check *c, const struct typed *t,
                        struct span at, struct str what);
struct str type_show(struct check *c, const struct type *t);

/* ---- facts.c ---- */
struct typed facts_git(struct check *c, struct str name, struct span at);
/* A plan is of a commit, whether it mentions it or not; outside a repository
 * it is of none. */
void facts_commit(struct check *c);
struct typed facts_changed(struct check *c, struct str pattern,
                           struct span at);
struct typed facts_env(struct check *c, struct str name,
                       const struct typed *dflt, struct span at);
struct typed facts_read(struct check *c, struct str path, struct span at);
struct typed facts_glob(struct check *c, struct str pattern, struct span at);
struct typed facts_ci(struct check *c);
void facts_file(struct check *c, struct str path, struct str text);
void facts_param(struct check *c, struct str name, struct str text);
void facts_tool(struct check *c, struct str name);
/* ---- secret.c ---- */
/* A secret by declaration, and env("X") in a place that takes one. */
struct typed secret_declared(struct check *c, struct symbol *y);
struct typed secret_env(struct check *c, struct str variable, struct span at);

/* ---- stage.c ---- */
void stage_check(struct check *c, struct stage *t, size_t cell,
                 struct draft *out);
/* ---- when.c ---- */
/* when=, of the stage, its instance and its environment. */
void when_check(struct check *c, struct stage *t, struct scope *s,
                const struct ast *own, struct draft *out);
/* needs=, environment= of the instances a stage is in. */
void instance_wiring(struct check *c, const struct stage *t,
                     struct draft *out);
/* ---- needs.c ---- */
void needs_check(struct check *c, struct scope *s, const struct ast *n);
/* ---- environment.c ---- */
void environment_check(struct check *c, struct environment *v);
/* Environments are named apart: a stage may bear the same name. NULL where
 * there is none. */
struct environment *environment_named(struct check *c, struct str name);
/* The one environment=NAME means, or a report and NULL. */
struct environment *environment_find(struct check *c, const struct ast *n);
/* Its config as a value: production.overlay. */
struct typed environment_value(struct check *c, struct environment *v);
/* ---- approval.c ---- */
/* order: as link_cycles() gives it. */
void environment_approvals(struct check *c, const uint32_t *order);
/* ---- hook.c ---- */
/* before { } ... on failure { }; false: n is none of these. */
bool hook_check(struct check *c, struct stage *t, struct scope *s,
                const struct ast_node *n, struct draft *out);
/* ---- link.c ---- */
void link_refs(struct check *c, struct draft *d);
/* Reports circles; the indices of all drafts, dependencies first. */
uint32_t *link_cycles(struct check *c);
/* ---- rollout_check.c ---- */
void rollout_check(struct check *c, const struct stage *t,
                   const struct draft *d);
/* ---- policy.c ---- */
/* Reads the rules; policy_check() then asks them of every stage. */
void policy_read(struct check *c);
void policy_check(struct check *c);
/* ---- unused.c ---- */
void unused_check(struct check *c);
/* ---- compile.c ---- */
/* The index of the stage's node with this id, plus one; 0 for none. */
size_t node_find(struct check *c, struct str id);
struct graph_place place_of(struct check *c, struct span s);
/* The node's own, to be written to. */
struct graph_extra *node_extra(struct check *c, struct graph_node *n);

#endif
