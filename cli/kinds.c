/* pipec kinds: the manual of everything a pipeline may use. */
#include "cli/command.h"

#include "base/file.h"
#include "base/near.h"
#include "cli/manual.h"
#include "cli/option.h"
#include "cli/project.h"
#include "runtime/lua/probe.h"
#include "runtime/lua/stdlib.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

command_fn command_kinds;

enum { FILE_MAX = 1 << 20 /* bytes of a Lua file */ };

static const struct {
    const char *family, *heading;
} families[] = {
    {"kind", "Kinds"},       {"router", "Routers"},
    {"provider", "Metric providers"}, {"scanner", "Scanners"},
    {"report", "Reports"},   {0},
};

struct listing {
    struct arena arena;
    struct probe_spec spec;
    struct schema_set set;
    json_t *json; /* the list of all schemas */
};

static void add_json(struct listing *l, struct str text)
{
    json_t *v = json_loadb(text.s, text.n, 0, NULL);
    if (json_is_array(v))
        json_array_extend(l->json, v);
    else
        json_array_append(l->json, v);
    json_decref(v);
}

static bool add_file(struct listing *l, const char *path, struct err *e)
{
    struct str full = file_join(&l->arena, str_of(l->spec.base_dir),
                                str_of(path));
    struct str text, json;
    if (!file_read(&l->arena, full.s, FILE_MAX, &text, e) ||
        !probe_json(&l->arena, &l->spec, path, text, &json, e) ||
        !schema_add_json(&l->arena, &l->set, json, e))
        return false;
    add_json(l, json);
    return true;
}

static void add_stdlib_json(struct listing *l)
{
    for (const struct stdlib_file *f = stdlib_files; f->path; f++)
        if (f->schema.n)
            add_json(l, f->schema);
}

/* What the folder's pipeline uses, where there is one that can be read. */
static bool add_used(struct listing *l, const struct project_options *o,
                     struct err *e)
{
    struct project p = {0};
    struct err none = {0};
    bool ok = true;
    if (project_open(&p, o, &none)) {
        project_compile(&p, o, false);
        l->spec.base_dir = arena_dup(&l->arena, p.dir).s;
        for (size_t i = 0; ok && i < p.lua_files.n; i++)
            ok = add_file(l, p.lua_files.items[i], e);
    } else if (o->file) {
        *e = none;
        ok = false;
    }
    project_close(&p);
    return ok;
}

static void put_summary(struct manual *m, const struct schema_set *set,
                        const char *family)
{
    for (struct map_entry *i = map_first(&set->entries); i; i = map_next(i)) {
        const struct schema_entry *s = map_value(i);
        struct str rest;
        if (str_eq(s->family, str_of(family)))
            manual_term(m, 0, s->name, str_cut(s->doc, '\n', &rest));
    }
}

static void put_all(struct manual *m, const struct schema_set *set)
{
    for (size_t i = 0; families[i].family; i++) {
        manual_heading(m, families[i].heading);
        put_summary(m, set, families[i].family);
    }
    manual_heading(m, "More");
    manual_term(m, 0, STR("NAME"), STR("'pipec kinds NAME' tells the rest"));
    manual_term(m, 0, STR("stage"), STR("what goes with every kind: timeout, "
                                        "retry, needs, hooks..."));
    manual_term(m, 0, STR("environment"), STR("what an environment has"));
    manual_term(m, 0, STR("functions"), STR("what expressions may call"));
    manual_term(m, 0, STR("ctx"), STR("what Lua can do"));
}

static bool put_named(struct manual *m, const struct schema_set *set,
                      struct str name)
{
    bool any = false;
    for (struct map_entry *i = map_first(&set->entries); i; i = map_next(i)) {
        const struct schema_entry *s = map_value(i);
        if (!str_eq(s->name, name))
            continue;
        if (any)
            buf_addc(m->out, '\n');
        manual_entry(m, s);
        any = true;
    }
    return any;
}

static struct str nearest(const struct schema_set *set, struct str name)
{
    struct near near = {.word = name};
    for (struct map_entry *i = map_first(&set->entries); i; i = map_next(i)) {
        const struct schema_entry *s = map_value(i);
        near_consider(&near, s->name);
    }
    return near.best;
}

static int print(struct listing *l, const char *name, bool roff)
{
    struct buf out = {0};
    struct manual m = {.out = &out, .roff = roff, .arena = &l->arena};
    bool ok = true;
    if (!name) {
        if (roff)
            manual_title(&m, "kinds", "what a pipeline may use");
        put_all(&m, &l->set);
    } else if (!strcmp(name, "ctx")) {
        manual_ctx(&m);
    } else if (!strcmp(name, "functions")) {
        manual_functions(&m);
    } else {
        ok = manual_statement(&m, str_of(name)) ||
             put_named(&m, &l->set, str_of(name));
    }
    /* A page begins with its first heading, not with the line before it. */
    struct str text = buf_str(&out);
    if (text.n && text.s[0] == '\n')
        text = str_skip(text, 1);
    if (text.n)
        fwrite(text.s, 1, text.n, stdout);
    buf_free(&out);
    if (ok)
        return EXIT_DONE;
    struct str near = nearest(&l->set, str_of(name));
    fprintf(stderr, "pipec kinds: nothing is called '%s'", name);
    if (near.n)
        fprintf(stderr, "; did you mean '" STR_FMT "'?", STR_ARG(near));
    fputc('\n', stderr);
    return EXIT_INPUT;
}

/* All schemas, or those of that name. */
static int print_json(struct listing *l, const char *name)
{
    json_t *list = json_array(), *v;
    size_t i;
    json_array_foreach(l->json, i, v)
    {
        const char *s = json_string_value(json_object_get(v, "name"));
        if (!name || (s && strcmp(s, name) == 0))
            json_array_append(list, v);
    }
    json_dumpf(list, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
    putchar('\n');
    int code = json_array_size(list) ? EXIT_DONE : EXIT_INPUT;
    json_decref(list);
    return code;
}

int command_kinds(int argc, char **argv)
{
    struct listing l = {.spec = {.base_dir = "."}};
    struct project_options o = {0};
    struct option_list files = {0};
    const char *format = "text";
    struct err e = {0};
    const struct option table[] = {
        {0, "format", OPTION_TEXT, &format, "text|json|man", "how to write it"},
        {'f', "file", OPTION_TEXT, &o.file, "FILE",
         "the pipeline whose Lua files count too"},
        {'u', "use", OPTION_LIST, &files, "FILE.lua",
         "a Lua file that counts too"},
        {0, "stdlib", OPTION_TEXT, &o.stdlib_dir, "DIR",
         "read the kinds from DIR"},
        {0},
    };
    static const struct option_usage usage = {
        "kinds", "[NAME]", 1,
        "Tells what a pipeline may use: every kind, router, metric provider,\n"
        "scanner and report, those of its own Lua files too; with NAME, all\n"
        "that one takes. NAME may also be stage, environment, functions or ctx:\n"
        "what goes with every kind, what expressions may call, what Lua can do.\n",
    };
    int code = option_parse(&usage, table, &argc, argv);
    if (code >= 0)
        return code;
    l.spec.stdlib_dir = o.stdlib_dir;
    l.json = json_array();
    add_stdlib_json(&l);
    bool ok = probe_family(&l.arena, &l.spec, &l.set, STR(""), &e) &&
              add_used(&l, &o, &e);
    for (size_t i = 0; ok && i < files.n; i++)
        ok = add_file(&l, files.items[i], &e);
    const char *name = argc > 1 ? argv[1] : NULL;
    if (ok && !strcmp(format, "json"))
        code = print_json(&l, name);
    else if (ok)
        code = print(&l, name, !strcmp(format, "man"));
    else
        fprintf(stderr, "pipec kinds: %s\n", e.msg);
    json_decref(l.json);
    map_free(&l.set.entries);
    arena_free(&l.arena);
    return ok ? code : EXIT_INPUT;
}
