#include "cli/manual.h"

#include "compiler/statements.h"
#include "graph/expr.h"

/* The manual of what belongs to the language itself. */

static const struct {
    const char *term, *doc;
} lookups[] = {
    {"env(string, string?): string",
     "an environment variable, or the second where it is not set; right where "
     "a secret is taken, only the stage reads it"},
    {"exec(string): secret",
     "in a secret's declaration: what a command prints"},
    {"file(path): string",
     "what is in a file; in a secret's declaration, when the stage starts"},
    {"git.changed(string): bool",
     "whether a file that the glob matches differs from the branch's base"},
    {"glob(string): list(string)", "the paths that match, sorted"},
};

void manual_functions(struct manual *m)
{
    manual_title(m, "functions", "expressions");
    manual_heading(m, "The world");
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++)
        manual_term(m, 0, str_of(lookups[i].term), str_of(lookups[i].doc));
    manual_heading(m, "Values");
    for (const struct function *f = functions; f->name; f++) {
        bool same = f->result[0] == '=';

        manual_term(m, 0,
                    arena_printf(m->arena, "%s(%s)%s%s", f->name, f->params,
                                 same ? "" : ": ", same ? "" : f->result),
                    str_of(f->doc));
    }
}

static const char *const with_stage[][2] = {
    {"needs: stages", "what has to end before, though no value says so"},
    {"when: condition", "whether it runs at all"},
    {"for=NAME in LIST", "one instance for each element"},
    {"environment: name", "where it deploys to: its branches, freezes and "
                          "approvals hold"},
    {"before, after { steps }", "run, lua, notify: before and after the stage's "
                                "own work"},
    {"on failure, on success { steps }", "once it is known how the stage ended"},
    {"always { steps }", "in any case, last"},
};

bool manual_statement(struct manual *m, struct str name)
{
    bool stage = str_eq(name, STR("stage"));
    struct schema_entry as = {0};

    for (size_t i = 0; statements[i]; i++)
        if (str_eq(statements[i]->name, stage ? STR("common") : name))
            as = *statements[i];
    if (!as.name.n || str_eq(name, STR("common")))
        return false;
    as.name = name;
    as.family = STR("language");
    manual_entry(m, &as);
    if (stage)
        manual_heading(m, "Order, conditions, hooks");
    for (size_t i = 0; stage && i < sizeof with_stage / sizeof *with_stage; i++)
        manual_term(m, 0, str_of(with_stage[i][0]), str_of(with_stage[i][1]));
    return true;
}
