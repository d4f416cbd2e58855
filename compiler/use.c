#include "base/file.h"
#include "compiler/check.h"
#include "compiler/parse.h"

/* use "ci/terraform.lua" and use "ci/python.pipeline" as=py. */

static bool opened_above(const struct module *m, struct str path)
{
    for (; m; m = m->parent)
        if (str_eq(m->path, path))
            return true;
    return false;
}

static size_t depth_of(const struct module *m)
{
    size_t n = 0;

    for (; m; m = m->parent)
        n++;
    return n;
}

static void report_circle(struct check *c, const struct module *m,
                          struct str path, struct span at)
{
    struct str chain = path;

    for (const struct module *i = m; i; i = i->parent) {
        chain = arena_printf(c->a, STR_FMT " -> " STR_FMT, STR_ARG(i->path),
                             STR_ARG(chain));
        if (str_eq(i->path, path))
            break;
    }
    diag_add(c->d, DIAG_E0902, at, "files use each other in a circle: " STR_FMT,
             STR_ARG(chain));
}

/* as=py, or the file's name without its ending. */
static bool prefix_of(struct check *c, const struct ast_node *n,
                      struct str path, struct str *out)
{
    struct str base = file_base(path);

    *out = str_sub(base, 0, str_find(base, '.'));
    for (size_t i = 0; i < n->n_named; i++) {
        const struct ast_named *k = &n->named[i];

        if (str_eq(k->key, STR("as")) && k->value->kind == AST_NAME) {
            *out = ast_name(k->value)->name;
            continue;
        }
        diag_add(c->d, str_eq(k->key, STR("as")) ? DIAG_E0401 : DIAG_E0503,
                 k->key_span, str_eq(k->key, STR("as"))
                     ? "'as' takes a bare name"
                     : "'use' takes no '" STR_FMT "='", STR_ARG(k->key));
        return false;
    }
    return true;
}

static void use_pipeline(struct check *c, struct module *m,
                         const struct ast_node *n, struct str path)
{
    struct span at = n->args.items[0]->span;
    struct str text, prefix;
    struct err e = {0};

    if (!prefix_of(c, n, path, &prefix))
        return;
    if (opened_above(m, path)) {
        report_circle(c, m, path, at);
        return;
    }
    if (depth_of(m) > COMPILE_NEST_MAX) {
        diag_add(c->d, DIAG_E0902, at, "files use files more than %d deep",
                 COMPILE_NEST_MAX);
        return;
    }
    if (!c->o->host->read ||
        !c->o->host->read(c->o->host->ctx, c->a, path, &text, &e)) {
        diag_add(c->d, DIAG_E0901, at, "%s", e.msg[0] ? e.msg
                 : "no file can be read here");
        return;
    }
    facts_file(c, path, text);
    struct source_file *f = source_add(c->o->sources, path, text, &e);

    if (!f) {
        diag_add(c->d, DIAG_E0901, at, "%s", e.msg);
        return;
    }
    struct ast_file *file = parse_file(c->a, f, c->d);
    struct str full = arena_printf(c->a, STR_FMT STR_FMT ".",
                                   STR_ARG(m->prefix), STR_ARG(prefix));
    struct module *used = module_create(c, m, path, full);
    struct symbol *y = scope_declare(c, m->scope, SYMBOL_MODULE, prefix, at);

    y->module = used;
    y->used = true;
    map_set(c->a, &m->uses, prefix, used);
    declare_module(c, used, &file->block);
}

void use_file(struct check *c, struct module *m, const struct ast_node *n)
{
    if (n->args.n != 1 || n->args.items[0]->kind != AST_STRING) {
        struct diag *g = diag_add(c->d, DIAG_E0505, n->name_span,
                                  "'use' takes the path of one file");

        diag_help(c->d, g, "use \"ci/terraform.lua\"");
        return;
    }
    struct str given = ast_string(n->args.items[0])->value;
    struct str path = m->root ? given
                              : file_join(c->a, file_dir(m->path), given);

    if (str_ends(path, STR(".lua"))) {
        catalogue_use(c, path, n->args.items[0]->span);
    } else if (str_ends(path, STR(".pipeline"))) {
        use_pipeline(c, m, n, path);
    } else {
        struct diag *g = diag_add(c->d, DIAG_E0903, n->args.items[0]->span,
                                  "'" STR_FMT "' is neither .lua nor .pipeline",
                                  STR_ARG(given));

        diag_help(c->d, g, "kinds are written in Lua, definitions in the "
                           "pipeline's own language");
    }
}
