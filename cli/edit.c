/* pipec edit: changes a kustomization file in place and leaves the rest of its
 * text alone. */
#include "cli/command.h"

#include "base/file.h"
#include "cli/option.h"
#include "runtime/kustomize/edit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 4 * 1024 * 1024, ARGUMENTS_MAX = 1000 };

struct job {
    struct arena *a;
    struct str text; /* changed with each argument */
    bool selectors;
    struct err *e;
};

typedef bool edit_fn(struct job *j, struct str argument);

static bool set_image(struct job *j, struct str argument)
{
    struct str ref = {0};
    struct str name = str_cut(argument, '=', &ref);

    if (name.n == argument.n)
        return err_set(j->e, ERR_USAGE, "'" STR_FMT "': write NAME=REF",
                       STR_ARG(argument));
    return kustomize_edit_set_image(j->a, j->text, name, ref, &j->text, j->e);
}

static bool set_replicas(struct job *j, struct str argument)
{
    struct str count = {0};
    struct str name = str_cut(argument, '=', &count);
    int64_t n;

    if (!str_int(count, &n) || n < 0)
        return err_set(j->e, ERR_USAGE, "'" STR_FMT "': write NAME=COUNT",
                       STR_ARG(argument));
    return kustomize_edit_set_replicas(j->a, j->text, name, n, &j->text, j->e);
}

static bool set_field(struct job *j, const char *field, struct str value)
{
    return kustomize_edit_set_field(j->a, j->text, field, value, &j->text,
                                    j->e);
}

static bool set_namespace(struct job *j, struct str argument)
{
    return set_field(j, "namespace", argument);
}

static bool set_nameprefix(struct job *j, struct str argument)
{
    return set_field(j, "namePrefix", argument);
}

static bool set_namesuffix(struct job *j, struct str argument)
{
    return set_field(j, "nameSuffix", argument);
}

static bool add_resource(struct job *j, struct str argument)
{
    return kustomize_edit_add_entry(j->a, j->text, "resources", argument,
                                    &j->text, j->e);
}

static bool remove_resource(struct job *j, struct str argument)
{
    return kustomize_edit_remove_entry(j->a, j->text, "resources", argument,
                                       &j->text, j->e);
}

static bool add_component(struct job *j, struct str argument)
{
    return kustomize_edit_add_entry(j->a, j->text, "components", argument,
                                    &j->text, j->e);
}

static bool remove_component(struct job *j, struct str argument)
{
    return kustomize_edit_remove_entry(j->a, j->text, "components", argument,
                                       &j->text, j->e);
}

/* KEY=VALUE, or KEY:VALUE as kustomize has it. */
static bool split_pair(struct job *j, struct str argument, struct str *key,
                       struct str *value)
{
    char sep = str_find(argument, '=') < argument.n ? '=' : ':';

    *key = str_cut(argument, sep, value);
    return (key->n && key->n < argument.n) ||
           err_set(j->e, ERR_USAGE, "'" STR_FMT "': write KEY=VALUE",
                   STR_ARG(argument));
}

static bool label(struct job *j, struct str argument, bool fresh)
{
    struct str key, value = {0};

    return split_pair(j, argument, &key, &value) &&
           kustomize_edit_set_label(j->a, j->text, key, value, j->selectors,
                                    fresh, &j->text, j->e);
}

static bool annotation(struct job *j, struct str argument, bool fresh)
{
    struct str key, value = {0};

    return split_pair(j, argument, &key, &value) &&
           kustomize_edit_set_annotation(j->a, j->text, key, value, fresh,
                                         &j->text, j->e);
}

static bool add_label(struct job *j, struct str argument)
{
    return label(j, argument, true);
}

static bool set_label(struct job *j, struct str argument)
{
    return label(j, argument, false);
}

static bool add_annotation(struct job *j, struct str argument)
{
    return annotation(j, argument, true);
}

static bool set_annotation(struct job *j, struct str argument)
{
    return annotation(j, argument, false);
}

static const struct action {
    const char *name;
    edit_fn *run;
} actions[] = {
    {"set-image", set_image},
    {"set-namespace", set_namespace},
    {"set-nameprefix", set_nameprefix},
    {"set-namesuffix", set_namesuffix},
    {"set-replicas", set_replicas},
    {"add-resource", add_resource},
    {"remove-resource", remove_resource},
    {"add-component", add_component},
    {"remove-component", remove_component},
    {"add-label", add_label},
    {"set-label", set_label},
    {"add-annotation", add_annotation},
    {"set-annotation", set_annotation},
    {0},
};

static const char about[] =
    "Changes the kustomization file of a directory and keeps its comments,\n"
    "order and blank lines. ACTION is one of:\n"
    "  set-image NAME=REF...          REF: name:tag, name@digest, :tag, @digest\n"
    "  set-namespace NS               an empty NS removes it\n"
    "  set-nameprefix P, set-namesuffix S\n"
    "  set-replicas NAME=COUNT...\n"
    "  add-resource PATH...           and remove-resource\n"
    "  add-component PATH...          and remove-component\n"
    "  add-label KEY=VALUE...         set-label also changes one that is there\n"
    "  add-annotation KEY=VALUE...    and set-annotation\n";

static const struct action *find_action(const char *name)
{
    for (const struct action *i = actions; i->name; i++)
        if (!strcmp(i->name, name))
            return i;
    return NULL;
}

/* The one kustomization file of the directory. */
static bool find_file(struct arena *a, const char *dir, const char **path,
                      struct err *e)
{
    static const char *const names[] = {"kustomization.yaml",
                                        "kustomization.yml", "Kustomization"};

    *path = NULL;
    for (size_t i = 0; i < 3; i++) {
        const char *p = file_join(a, str_of(dir), str_of(names[i])).s;

        if (access(p, F_OK) != 0)
            continue;
        if (*path)
            return err_set(e, ERR_INPUT, "'%s' has more than one "
                                         "kustomization file", dir);
        *path = p;
    }
    return *path || err_set(e, ERR_INPUT, "'%s' has no kustomization file",
                            dir);
}

static bool run(struct arena *a, const struct action *action, const char *dir,
                struct job *j, int argc, char **argv)
{
    const char *path;
    struct str before;
    struct stat st;

    if (!find_file(a, dir, &path, j->e) ||
        !file_read(a, path, FILE_BYTES_MAX, &before, j->e))
        return false;
    j->text = before;
    for (int i = 2; i < argc; i++)
        if (!action->run(j, str_of(argv[i])))
            return j->e->kind == ERR_USAGE ? false
                                           : err_wrap(j->e, "%s", path);
    if (str_eq(before, j->text))
        return true;
    mode_t mode = stat(path, &st) == 0 ? st.st_mode & 07777 : 0644;

    return file_write(path, j->text, mode, j->e);
}

command_fn command_edit;

int command_edit(int argc, char **argv)
{
    const char *dir = ".";
    struct arena a = {0};
    struct err e = {0};
    struct job j = {.a = &a, .e = &e};
    const struct option_usage usage = {"edit", "ACTION ARGUMENT...",
                                       ARGUMENTS_MAX, about};
    const struct option table[] = {
        {'C', "dir", OPTION_TEXT, &dir, "DIR", "the directory to work in"},
        {0, "selectors", OPTION_FLAG, &j.selectors, NULL,
         "labels reach selectors too"},
        {0},
    };
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    const struct action *action = argc > 1 ? find_action(argv[1]) : NULL;

    if (!action || argc < 3) {
        fprintf(stderr, "pipec: edit: %s; 'pipec edit --help' lists them\n",
                action ? "an argument is missing"
                       : "an action such as set-image is needed");
        return EXIT_INPUT;
    }
    bool ok = run(&a, action, dir, &j, argc, argv);

    if (!ok)
        fprintf(stderr, "pipec: %s\n", e.msg);
    arena_free(&a);
    return ok ? EXIT_DONE : EXIT_INPUT;
}
