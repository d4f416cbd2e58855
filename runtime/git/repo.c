#include "runtime/git/repo_part.h"

#include "base/die.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

bool repo_fail(struct repo *r, struct err *e, const char *what)
{
    return err_set(e, ERR_IO, "cannot read %s: %s", what,
                   git_lib_reason(&r->git));
}

struct repo *repo_open(const char *folder, struct err *e)
{
    struct repo *r = calloc(1, sizeof(*r));

    if (!r)
        die_oom();
    if (git_lib_load(&r->git, e)) {
        if (r->git.repository_open_ext(&r->repo, folder, 0, NULL) == 0)
            return r;
        err_set(e, ERR_INPUT, "'%s' is in no git repository: %s", folder,
                git_lib_reason(&r->git));
    }
    free(r);
    return NULL;
}

void repo_close(struct repo *r)
{
    if (!r)
        return;
    r->git.repository_free(r->repo);
    free(r);
}

/* *born is false where there is no commit yet. */
static bool head_id(struct repo *r, git_oid *id, bool *born, struct err *e)
{
    int code = r->git.reference_name_to_id(id, r->repo, "HEAD");

    *born = code == 0;
    if (code == 0 || code == GIT_ENOTFOUND || code == GIT_EUNBORNBRANCH)
        return true;
    return repo_fail(r, e, "HEAD");
}

bool repo_sha(struct repo *r, struct arena *a, struct str *out,
              struct err *e)
{
    git_oid id;
    bool born;

    if (!head_id(r, &id, &born, e))
        return false;
    *out = born ? git_lib_hex(&r->git, a, &id) : STR("");
    return true;
}

bool repo_short(struct repo *r, struct arena *a, struct str *out,
                struct err *e)
{
    git_object *commit = NULL;
    git_buf text = {0};
    git_oid id;
    bool born;

    *out = STR("");
    if (!head_id(r, &id, &born, e))
        return false;
    if (!born)
        return true;
    bool ok = r->git.object_lookup(&commit, r->repo, &id,
                                   GIT_OBJECT_COMMIT) == 0 &&
              r->git.object_short_id(&text, commit) == 0;

    if (ok)
        *out = arena_dup(a, (struct str){text.ptr, text.size});
    else
        repo_fail(r, e, "HEAD's commit");
    r->git.buf_dispose(&text);
    r->git.object_free(commit);
    return ok;
}

bool repo_branch(struct repo *r, struct arena *a, struct str *out,
                 struct err *e)
{
    git_reference *head = NULL;

    *out = STR("");
    if (r->git.reference_lookup(&head, r->repo, "HEAD") != 0)
        return repo_fail(r, e, "HEAD");
    if (r->git.reference_type(head) == GIT_REFERENCE_SYMBOLIC) {
        struct str target = str_of(r->git.reference_symbolic_target(head));
        struct str prefix = STR("refs/heads/");
        if (str_starts(target, prefix))
            *out = arena_dup(a, str_skip(target, prefix.n));
    }
    r->git.reference_free(head);
    return true;
}

/* ---- the tag at HEAD ----------------------------------------------------- */

struct tag_search {
    struct repo *repo;
    struct arena *arena;
    git_oid head;
    struct str best;
    bool best_annotated;
};

static bool tag_better(const struct tag_search *s, struct str name,
                       bool annotated)
{
    if (!s->best.n || annotated != s->best_annotated)
        return !s->best.n || annotated;
    return strverscmp(arena_dup(s->arena, name).s, s->best.s) > 0;
}

static int on_tag(const char *full, git_oid *id, void *ctx)
{
    struct tag_search *s = ctx;
    struct git_lib *g = &s->repo->git;
    struct str name = str_skip(str_of(full), STR("refs/tags/").n);
    bool annotated = !g->oid_equal(id, &s->head);
    git_object *tag = NULL, *commit = NULL;

    bool here = !annotated;
    if (annotated &&
        g->object_lookup(&tag, s->repo->repo, id, GIT_OBJECT_TAG) == 0 &&
        g->object_peel(&commit, tag, GIT_OBJECT_COMMIT) == 0)
        here = g->oid_equal(g->object_id(commit), &s->head);
    g->object_free(commit);
    g->object_free(tag);
    if (here && tag_better(s, name, annotated)) {
        s->best = arena_dup(s->arena, name);
        s->best_annotated = annotated;
    }
    return 0;
}

bool repo_tag(struct repo *r, struct arena *a, struct str *out, struct err *e)
{
    struct tag_search s = {.repo = r, .arena = a, .best = STR("")};
    bool born;

    *out = STR("");
    if (!head_id(r, &s.head, &born, e))
        return false;
    if (born && r->git.tag_foreach(r->repo, on_tag, &s) != 0)
        return repo_fail(r, e, "the tags");
    *out = s.best;
    return true;
}

/* ---- its name ------------------------------------------------------------ */

static struct str last_part(struct str s)
{
    while (s.n && s.s[s.n - 1] == '/')
        s.n--;
    if (str_ends(s, STR("/.git")))
        s.n -= 5;
    if (str_ends(s, STR(".git")))
        s.n -= 4;
    size_t at = s.n;

    while (at && s.s[at - 1] != '/' && s.s[at - 1] != ':')
        at--;
    return str_skip(s, at);
}

bool repo_root(struct repo *r, struct arena *a, struct str *out,
               struct err *e)
{
    const char *dir = r->git.repository_workdir(r->repo);

    (void)e;
    *out = STR("");
    if (dir) {
        struct str s = str_of(dir);
        while (s.n > 1 && s.s[s.n - 1] == '/')
            s.n--;
        *out = arena_dup(a, s);
    }
    return true;
}

bool repo_name(struct repo *r, struct arena *a, struct str *out,
               struct err *e)
{
    git_remote *origin = NULL;

    *out = STR("");
    if (r->git.remote_lookup(&origin, r->repo, "origin") == 0) {
        const char *url = r->git.remote_url(origin);
        if (url)
            *out = arena_dup(a, last_part(str_of(url)));
        r->git.remote_free(origin);
    }
    if (out->n)
        return true;
    struct str root;

    if (!repo_root(r, a, &root, e))
        return false;
    if (!root.n)
        root = str_of(r->git.repository_path(r->repo));
    *out = arena_dup(a, last_part(root));
    return true;
}

bool repo_read(struct repo *r, struct arena *a, struct str ref,
               struct str path, size_t max, struct str *text, bool *found,
               struct err *e)
{
    struct git_lib *g = &r->git;
    git_object *blob = NULL;
    struct str spec = arena_printf(a, STR_FMT ":" STR_FMT, STR_ARG(ref),
                                   STR_ARG(path));
    int code = g->revparse_single(&blob, r->repo, spec.s);

    *text = STR("");
    *found = false;
    if (code == GIT_ENOTFOUND)
        return true;
    if (code != 0)
        return repo_fail(r, e, arena_printf(a, "'%s'", spec.s).s);
    bool ok = true;

    if (g->object_type(blob) == GIT_OBJECT_BLOB) {
        const git_blob *b = (const git_blob *)blob;
        size_t size = (size_t)g->blob_rawsize(b);
        if (size > max)
            ok = err_set(e, ERR_INPUT, "'%s' is larger than %zu bytes",
                         spec.s, max);
        else
            *text = arena_dup(a, (struct str){g->blob_rawcontent(b), size});
        *found = ok;
    }
    g->object_free(blob);
    return ok;
}

/* ---- what differs -------------------------------------------------------- */

bool repo_dirty(struct repo *r, bool *dirty, struct err *e)
{
    git_status_options o = {
        .version = GIT_STATUS_OPTIONS_VERSION,
        .show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR,
        .flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES};
    git_status_list *list = NULL;

    *dirty = false;
    if (r->git.repository_is_bare(r->repo))
        return true;
    if (r->git.status_list_new(&list, r->repo, &o) != 0)
        return repo_fail(r, e, "the state of the work tree");
    *dirty = r->git.status_list_entrycount(list) > 0;
    r->git.status_list_free(list);
    return true;
}

static bool commit_of(struct repo *r, const char *ref, git_oid *id)
{
    git_object *o = NULL, *commit = NULL;
    bool ok = r->git.revparse_single(&o, r->repo, ref) == 0 &&
              r->git.object_peel(&commit, o, GIT_OBJECT_COMMIT) == 0;

    if (ok)
        *id = *r->git.object_id(commit);
    r->git.object_free(commit);
    r->git.object_free(o);
    return ok;
}

static bool first_parent(struct repo *r, const git_oid *of, git_oid *id)
{
    git_commit *c = NULL;
    bool ok = r->git.commit_lookup(&c, r->repo, of) == 0 &&
              r->git.commit_parentcount(c) > 0;

    if (ok)
        *id = *r->git.commit_parent_id(c, 0);
    r->git.commit_free(c);
    return ok;
}

/* False: there is no base. */
static bool default_base(struct repo *r, const git_oid *head, git_oid *base)
{
    static const char *const refs[] = {
        "refs/remotes/origin/HEAD", "refs/remotes/origin/main",
        "refs/remotes/origin/master", "refs/heads/main",
        "refs/heads/master", NULL};
    git_oid tip;

    for (const char *const *ref = refs; *ref; ref++) {
        if (!commit_of(r, *ref, &tip))
            continue;
        if (r->git.merge_base(base, r->repo, &tip, head) == 0 &&
            !r->git.oid_equal(base, head))
            return true;
        break;
    }
    return first_parent(r, head, base);
}

static bool find_base(struct repo *r, struct str ref, git_oid *base,
                      bool *found, struct err *e)
{
    git_oid head, tip;
    bool born;
    char name[256];

    *found = false;
    if (!head_id(r, &head, &born, e))
        return false;
    if (!born)
        return true;
    if (!ref.n) {
        *found = default_base(r, &head, base);
        return true;
    }
    if (ref.n >= sizeof(name))
        return err_set(e, ERR_INPUT, "a ref's name is longer than %zu bytes",
                       sizeof(name) - 1);
    memcpy(name, ref.s, ref.n);
    name[ref.n] = '\0';
    if (!commit_of(r, name, &tip))
        return err_set(e, ERR_INPUT, "there is no commit '%s'", name);
    *found = r->git.merge_base(base, r->repo, &tip, &head) == 0;
    return true;
}

static bool diff_base(struct repo *r, const git_oid *base, char **globs,
                      size_t n, bool *changed, struct err *e)
{
    struct git_lib *g = &r->git;
    git_diff_options o = {
        .version = GIT_DIFF_OPTIONS_VERSION,
        .flags = GIT_DIFF_IGNORE_SUBMODULES | GIT_DIFF_SKIP_BINARY_CHECK,
        .ignore_submodules = GIT_SUBMODULE_IGNORE_ALL,
        .pathspec = {globs, n}};
    git_commit *commit = NULL;
    git_tree *tree = NULL, *head = NULL;
    git_object *o_head = NULL;
    git_diff *diff = NULL;

    bool ok = g->commit_lookup(&commit, r->repo, base) == 0 &&
              g->commit_tree(&tree, commit) == 0;

    if (ok && g->repository_is_bare(r->repo))
        ok = g->revparse_single(&o_head, r->repo, "HEAD^{tree}") == 0 &&
             g->tree_lookup(&head, r->repo, g->object_id(o_head)) == 0 &&
             g->diff_tree_to_tree(&diff, r->repo, tree, head, &o) == 0;
    else if (ok)
        ok = g->diff_tree_to_workdir_with_index(&diff, r->repo, tree, &o) == 0;
    if (ok)
        *changed = g->diff_num_deltas(diff) > 0;
    else
        repo_fail(r, e, "what changed");
    g->diff_free(diff);
    g->tree_free(head);
    g->object_free(o_head);
    g->tree_free(tree);
    g->commit_free(commit);
    return ok;
}

bool repo_changed(struct repo *r, const struct str *globs, size_t n,
                  struct str base_ref, bool *changed, struct err *e)
{
    struct arena a = {0};
    char **texts = arena_array(&a, char *, n + 1);
    git_oid base;
    bool found;

    *changed = true;
    for (size_t i = 0; i < n; i++)
        texts[i] = (char *)(uintptr_t)arena_dup(&a, globs[i]).s;
    bool ok = find_base(r, base_ref, &base, &found, e) &&
              (!found || diff_base(r, &base, texts, n, changed, e));

    arena_free(&a);
    return ok;
}
