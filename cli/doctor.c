/* pipec doctor: what a pipeline needs on this machine, whether it is there, and
 * how to get it. Starts none of the programs; reaches out to what the pipeline
 * names. */
#include "cli/command.h"

#include "base/file.h"
#include "base/map.h"
#include "cli/option.h"
#include "cli/project.h"
#include "runtime/git/libgit2.h"
#include "runtime/git/remote.h"
#include "runtime/http/http.h"
#include "runtime/oci/libarchive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REACH_MS = 5000 };

/* Debian's package of a program, or what else to do. */
static const struct { const char *program, *remedy; } remedies[] = {
    {"buildah", "apt install buildah"}, {"docker", "apt install docker.io"},
    {"podman", "apt install podman"}, {"git", "apt install git"},
    {"make", "apt install make"}, {"cc", "apt install gcc"},
    {"gcc", "apt install gcc"}, {"g++", "apt install g++"},
    {"go", "apt install golang-go"}, {"cargo", "apt install cargo"},
    {"node", "apt install nodejs"}, {"npm", "apt install npm"},
    {"python3", "apt install python3"}, {"pytest", "apt install python3-pytest"},
    {"mvn", "apt install maven"}, {"curl", "apt install curl"},
    {"jq", "apt install jq"}, {"sqlite3", "apt install sqlite3"},
    {"flawfinder", "apt install flawfinder"},
    {"bandit", "apt install bandit"}, {"shellcheck", "apt install shellcheck"},
    {"helm", "see helm.sh/docs/intro/install"},
    {"kubectl", "see kubernetes.io/docs/tasks/tools"},
    {"trivy", "see trivy.dev"}, {"semgrep", "pip install semgrep"},
    {"gitleaks", "see github.com/gitleaks/gitleaks"},
    {"hadolint", "see github.com/hadolint/hadolint"},
    {0},
};

struct doctor {
    struct project *p;
    struct arena *a;
    struct map seen; /* "program/make": each thing is told once */
    bool reach;      /* connect to what is named */
    size_t missing;
};

static bool first_time(struct doctor *d, const char *what, struct str name)
{
    struct str key = arena_printf(d->a, "%s/" STR_FMT, what, STR_ARG(name));

    if (map_get(&d->seen, key))
        return false;
    map_set(d->a, &d->seen, key, d);
    return true;
}

static void tell(struct doctor *d, bool there, const char *what,
                 struct str name, const char *why, const char *remedy)
{
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    const char *mark = there ? "ok     " : "MISSING";

    d->missing += !there;
    printf("%s%s%s  %-9s " STR_FMT "%s%s%s%s%s\n",
           colour ? there ? "\033[32m" : "\033[31m" : "", mark,
           colour ? "\033[0m" : "", what, STR_ARG(name),
           why[0] ? "  (" : "", why, why[0] ? ")" : "",
           there || !remedy[0] ? "" : "  -> ", there ? "" : remedy);
}

static bool on_path(struct doctor *d, struct str name)
{
    struct str rest = str_of(getenv("PATH"));

    if (str_find(name, '/') < name.n)
        return access(file_join(d->a, d->p->dir, name).s, X_OK) == 0;
    while (rest.n) {
        struct str dir = str_cut(rest, ':', &rest);

        if (access(file_join(d->a, dir, name).s, X_OK) == 0)
            return true;
    }
    return false;
}

static void program(struct doctor *d, struct str name, const char *why)
{
    const char *remedy = "install it, or see that PATH finds it";

    if (name.n == 0 || !first_time(d, "program", name))
        return;
    for (size_t i = 0; remedies[i].program; i++)
        if (str_eq(name, str_of(remedies[i].program)))
            remedy = remedies[i].remedy;
    tell(d, on_path(d, name), "program", name, why, remedy);
}

/* The program that a shell text starts, where its first word is plainly one. */
static void shell_program(struct doctor *d, struct str text, const char *why)
{
    static const char *const builtins[] = {
        ".", ":", "[", "cd", "echo", "eval", "exec", "exit", "export", "false",
        "for", "if", "printf", "set", "sh", "test", "trap", "true", "umask",
        "unset", "wait", "while", NULL,
    };
    struct str line = str_trim(text), rest;
    struct str word = str_cut(str_cut(line, '\n', &rest), ' ', &rest);

    for (size_t i = 0; builtins[i]; i++)
        if (str_eq(word, str_of(builtins[i])))
            return;
    for (size_t i = 0; i < word.n; i++)
        if (strchr("=$'\"`()<>|&;{}*?#", word.s[i]))
            return;
    program(d, word, why);
}

static void step(struct doctor *d, const struct graph_step *s, const char *why)
{
    if (s->kind != STEP_COMMAND)
        return;
    if (s->command.kind == VALUE_STRING)
        shell_program(d, s->command.s, why);
    if (s->command.kind == VALUE_LIST && s->command.list.n &&
        s->command.list.items[0].kind == VALUE_STRING)
        program(d, s->command.list.items[0].s, why);
    if (s->command.kind == VALUE_EXPR && s->command.expr->n &&
        s->command.expr->kids[0].kind == EXPR_LITERAL)
        shell_program(d, s->command.expr->kids[0].lit.s, why);
}

static void container_tool(struct doctor *d, const char *why)
{
    static const char *const tools[] = {"docker", "podman", "buildah", NULL};
    bool found = false;

    if (!first_time(d, "program", STR("docker, podman or buildah")))
        return;
    for (size_t i = 0; tools[i]; i++)
        found |= on_path(d, str_of(tools[i]));
    tell(d, found, "program", STR("docker, podman or buildah"), why,
         "apt install buildah");
}

static void library(struct doctor *d, const char *name, bool there,
                    const char *why, const struct err *e)
{
    if (first_time(d, "library", str_of(name)))
        tell(d, there, "library", str_of(name), why, there ? "" : e->msg);
}

static void http(struct doctor *d, struct str url, const char *why)
{
    struct err e = {0};
    struct http_request q = {.url = url, .connect_ms = REACH_MS,
                             .total_ms = REACH_MS};
    struct http_response r;

    if (!str_starts(url, STR("http")) ||
        !first_time(d, "reach", http_origin(d->a, url)))
        return;
    struct http_client *c = http_client_create(&e);

    library(d, "libcurl", c != NULL, why, &e);
    if (c && d->reach)
        tell(d, http_send(c, d->a, &q, &r, &e), "reach",
             http_origin(d->a, url), why, e.msg);
    http_client_destroy(c);
}

static void git(struct doctor *d, struct str url, struct str branch,
                const char *why)
{
    struct git_lib g = {0};
    struct err e = {0};

    library(d, "libgit2", git_lib_load(&g, &e), why, &e);
    if (!d->reach || url.n == 0 || !first_time(d, "reach", url))
        return;
    struct remote_spec spec = {
        .url = url, .branch = branch, .timeout_ms = REACH_MS,
        .cache_dir = file_join(d->a, d->p->dir, STR(".pipec/git")),
    };
    struct remote *r = remote_open(&spec, &e);

    tell(d, r && remote_fetch(r, &e), "reach", url, why, e.msg);
    remote_close(r);
}

static void socket_file(struct doctor *d, struct str path, const char *why)
{
    struct stat st;
    struct str full = file_join(d->a, d->p->dir, path);

    if (first_time(d, "socket", path))
        tell(d, stat(full.s, &st) == 0 && S_ISSOCK(st.st_mode) &&
             access(full.s, W_OK) == 0, "socket", path, why,
             "start its server, or change the path");
}

static void analyses(struct doctor *d, const struct value *config,
                     const char *why)
{
    const struct value *list = value_get(config, STR("analyze"));

    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n;
         i++) {
        const struct value *all = value_get(&list->list.items[i],
                                            STR("provider"));

        for (size_t k = 0; all && all->kind == VALUE_LIST && k < all->list.n;
             k++)
            http(d, value_get_str(&all->list.items[k], "url", STR("")), why);
    }
}

static void scanners(struct doctor *d, const struct value *config,
                     const char *why)
{
    static const char *const built_in[] = {"sarif", "secrets", "manifests",
                                           NULL};
    const struct value *list = value_get(config, STR("scanner"));

    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n;
         i++) {
        const struct value *s = &list->list.items[i];
        struct str is = value_get_str(s, "is", STR(""));
        bool ours = false;

        for (size_t k = 0; built_in[k]; k++)
            ours |= str_eq(is, str_of(built_in[k]));
        if (!ours)
            program(d, is, why);
        shell_program(d, value_get_str(s, "from", STR("")), why);
    }
}

static void by_kind(struct doctor *d, const struct graph_node *n,
                    const char *why)
{
    const struct value *repo = value_get(&n->config, STR("repo"));
    const struct value *router = value_get(&n->config, STR("router"));
    struct archive_lib archive = {0};
    struct err e = {0};

    if (value_get(&n->config, STR("dockerfile")))
        container_tool(d, why);
    if (str_eq(n->kind, STR("build")) && value_get(&n->config, STR("layout")))
        library(d, "libarchive", archive_lib_load(&archive, &e), why, &e);
    if (repo)
        git(d, value_get_str(repo, "url", STR("")),
            value_get_str(repo, "branch", STR("")), why);
    if (router && value_get_str(router, "socket", STR("")).n)
        socket_file(d, value_get_str(router, "socket", STR("")), why);
    http(d, value_get_str(&n->config, "slack", STR("")), why);
    http(d, value_get_str(&n->config, "webhook", STR("")), why);
    analyses(d, &n->config, why);
    scanners(d, &n->config, why);
}

static void node(struct doctor *d, const struct graph_node *n)
{
    const char *why = arena_printf(d->a, STR_FMT " " STR_FMT,
                                   STR_ARG(n->kind), STR_ARG(n->name)).s;

    for (size_t i = 0; i < n->n_commands; i++)
        step(d, &n->commands[i], why);
    for (size_t h = 0; h < n->extra->n_hooks; h++)
        for (size_t i = 0; i < n->extra->hooks[h].n; i++)
            step(d, &n->extra->hooks[h].steps[i], why);
    if (n->extra->container.n)
        container_tool(d, why);
    by_kind(d, n, why);
}

static void secret(struct doctor *d, const struct graph_secret *s)
{
    bool there = s->from == SECRET_ENV ? getenv(arena_dup(d->a, s->ref).s)
                                             != NULL
               : s->from == SECRET_FILE
                   ? access(file_join(d->a, d->p->dir, s->ref).s, R_OK) == 0
                   : true;
    const char *remedy = s->from == SECRET_ENV ? "export it before 'pipec run'"
                                               : "put the file there";

    if (s->from == SECRET_EXEC)
        shell_program(d, s->ref, "a secret");
    else if (first_time(d, "secret", s->ref))
        tell(d, there, "secret", s->ref, "", remedy);
}

static int examine(struct doctor *d)
{
    const struct graph *g = &d->p->graph;

    for (size_t i = 0; i < g->n_nodes; i++)
        node(d, &g->nodes[i]);
    for (size_t i = 0; i < g->n_secrets; i++)
        secret(d, &g->secrets[i]);
    if (d->missing)
        printf("\n%zu missing for " STR_FMT "\n", d->missing,
               STR_ARG(d->p->path));
    else
        printf("\nall that " STR_FMT " names is here\n",
               STR_ARG(d->p->path));
    map_free(&d->seen);
    return d->missing ? EXIT_FAILED : EXIT_DONE;
}

command_fn command_doctor;

int command_doctor(int argc, char **argv)
{
    static const struct option_usage usage = {
        "doctor", "[FILE]", 1,
        "Looks for what the pipeline names: programs, libraries, secrets, "
        "sockets,\nrepositories, servers. Says how to get what is missing.\n",
    };
    struct project p = {0};
    struct project_options o = {0};
    bool offline = false;
    const struct option table[] = {
        {0, "offline", OPTION_FLAG, &offline, NULL, "connect to nothing"},
        {'p', "param", OPTION_LIST, &o.params, "NAME=VALUE",
         "give a param a value"},
        {0, "stdlib", OPTION_TEXT, &o.stdlib_dir, "DIR",
         "read the kinds from DIR"},
        {0},
    };
    int code = option_parse(&usage, table, &argc, argv);
    struct err e = {0};

    if (code >= 0)
        return code;
    o.file = argc > 1 ? argv[1] : NULL;
    code = EXIT_INPUT;
    if (!project_open(&p, &o, &e)) {
        fprintf(stderr, "pipec doctor: %s\n", e.msg);
    } else if (!project_compile(&p, &o, false)) {
        project_report(&p, DIAG_TEXT);
    } else {
        struct doctor d = {.p = &p, .a = &p.arena, .reach = !offline};

        code = examine(&d);
    }
    project_close(&p);
    return code;
}
