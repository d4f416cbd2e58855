#include "runtime/git/remote.h"

#include "base/die.h"
#include "runtime/git/remote_part.h"
#include "runtime/git/url.h"

#include <stdlib.h>
#include <string.h>

/* ---- opening ------------------------------------------------------------- */

static struct str keep(struct remote *r, struct str s)
{
    return s.n ? arena_dup(&r->arena, s) : STR("");
}

static void keep_spec(struct remote *r, const struct remote_spec *s)
{
    const struct remote_auth *auth = &s->auth;

    r->spec = (struct remote_spec){
        .url = keep(r, s->url), .branch = keep(r, s->branch),
        .cache_dir = keep(r, s->cache_dir), .timeout_ms = s->timeout_ms,
        .auth = {.user = keep(r, auth->user),
                 .password = keep(r, auth->password),
                 .bearer = keep(r, auth->bearer),
                 .key_file = keep(r, auth->key_file),
                 .key_text = keep(r, auth->key_text),
                 .key_passphrase = keep(r, auth->key_passphrase),
                 .known_hosts = keep(r, auth->known_hosts),
                 .ca_file = keep(r, auth->ca_file)}};
    r->branch = r->spec.branch;
    r->shown = url_shown(&r->arena, r->spec.url);
}

static bool url_valid(struct str url, struct err *e)
{
    static const char *const schemes[] = {"file", "http", "https", "ssh",
                                          "git", NULL};
    struct str scheme = url_split(url).scheme;

    for (const char *const *s = schemes; *s; s++)
        if (url.n && str_eq(scheme, str_of(*s)))
            return true;
    return err_set(e, ERR_INPUT, "a repository's URL is a path, file://, "
                   "http(s)://, ssh:// or user@host:path");
}

static bool on_this_machine(struct str url)
{
    return str_eq(url_split(url).scheme, STR("file"));
}

struct remote *remote_open(const struct remote_spec *spec, struct err *e)
{
    return remote_open_as(spec, on_this_machine(spec->url), e);
}

struct remote *remote_open_as(const struct remote_spec *spec, bool borrows,
                              struct err *e)
{
    if (!url_valid(spec->url, e))
        return NULL;
    struct remote *r = calloc(1, sizeof(*r));

    if (!r)
        die_oom();
    r->lock_fd = r->users_fd = -1;
    r->borrows = borrows;
    keep_spec(r, spec);
    if (git_lib_load(&r->git, e) && cache_open(r, e))
        return r;
    remote_close(r);
    return NULL;
}

void remote_close(struct remote *r)
{
    if (!r)
        return;
    cache_close(r);
    arena_free(&r->arena);
    free(r);
}

struct str remote_branch(const struct remote *r)
{
    return r->branch;
}

struct str remote_head(const struct remote *r)
{
    return str_of(r->head);
}

void remote_set_head(struct remote *r, const git_oid *id)
{
    if (id)
        r->git.oid_tostr(r->head, sizeof(r->head), id);
    else
        r->head[0] = '\0';
}

/* ---- what is in it ------------------------------------------------------- */

static bool fail(struct remote *r, struct err *e, const char *what)
{
    return err_set(e, ERR_IO, "cannot read %s in the clone of '" STR_FMT
                   "': %s", what, STR_ARG(r->shown), git_lib_reason(&r->git));
}

bool remote_head_tree(struct remote *r, git_tree **tree, struct err *e)
{
    git_commit *commit = NULL;
    git_oid id;

    *tree = NULL;
    if (!r->head[0])
        return true;
    bool ok = git_lib_oid(&r->git, remote_head(r), &id) &&
              r->git.commit_lookup(&commit, r->repo, &id) == 0 &&
              r->git.commit_tree(tree, commit) == 0;

    if (!ok)
        fail(r, e, "the head");
    r->git.commit_free(commit);
    return ok;
}

static bool read_blob(struct remote *r, struct arena *a,
                      const git_tree_entry *entry, struct str path,
                      struct str *text, struct err *e)
{
    git_blob *blob = NULL;

    if (r->git.blob_lookup(&blob, r->repo, r->git.tree_entry_id(entry)) != 0)
        return fail(r, e, arena_dup(a, path).s);
    size_t n = (size_t)r->git.blob_rawsize(blob);
    bool ok = n <= REMOTE_FILE_MAX ||
              err_set(e, ERR_INPUT, "'" STR_FMT "' is larger than %d bytes",
                      STR_ARG(path), REMOTE_FILE_MAX);

    if (ok)
        *text = arena_dup(a, (struct str){r->git.blob_rawcontent(blob), n});
    r->git.blob_free(blob);
    return ok;
}

bool remote_read(struct remote *r, struct arena *a, struct str path,
                 struct str *text, bool *found, struct err *e)
{
    git_tree_entry *entry = NULL;
    git_tree *tree;
    bool ok = true;

    *text = STR("");
    *found = false;
    if (!remote_head_tree(r, &tree, e))
        return false;
    if (tree && r->git.tree_entry_bypath(&entry, tree,
                                         arena_dup(a, path).s) == 0 &&
        r->git.tree_entry_type(entry) == GIT_OBJECT_BLOB) {
        ok = read_blob(r, a, entry, path, text, e);
        *found = ok;
    }
    r->git.tree_entry_free(entry);
    r->git.tree_free(tree);
    return ok;
}

/* The tree of a folder below top, or NULL; "" is top itself. */
static git_tree *folder_tree(struct remote *r, struct arena *a, git_tree *top,
                             struct str folder)
{
    git_tree_entry *entry = NULL;
    git_tree *tree = NULL;
    const git_oid *id = NULL;

    while (folder.n && folder.s[folder.n - 1] == '/')
        folder.n--;
    if (!folder.n)
        id = r->git.tree_id(top);
    else if (r->git.tree_entry_bypath(&entry, top,
                                      arena_dup(a, folder).s) == 0 &&
             r->git.tree_entry_type(entry) == GIT_OBJECT_TREE)
        id = r->git.tree_entry_id(entry);
    if (id && r->git.tree_lookup(&tree, r->repo, id) != 0)
        tree = NULL;
    r->git.tree_entry_free(entry);
    return tree;
}

bool remote_list(struct remote *r, struct arena *a, struct str folder,
                 struct remote_entry **entries, size_t *n, struct err *e)
{
    git_tree *top;

    *entries = NULL;
    *n = 0;
    if (!remote_head_tree(r, &top, e))
        return false;
    git_tree *tree = top ? folder_tree(r, a, top, folder) : NULL;
    size_t count = tree ? r->git.tree_entrycount(tree) : 0;

    *entries = arena_array(a, struct remote_entry, count + 1);
    for (; *n < count; ++*n) {
        const git_tree_entry *t = r->git.tree_entry_byindex(tree, *n);
        bool is_folder = r->git.tree_entry_type(t) == GIT_OBJECT_TREE;
        (*entries)[*n].name = arena_printf(
            a, "%s%s", r->git.tree_entry_name(t), is_folder ? "/" : "");
    }
    r->git.tree_free(tree);
    r->git.tree_free(top);
    return true;
}

bool remote_contains(struct remote *r, struct str sha, bool *in,
                     struct err *e)
{
    git_oid id, head;
    git_commit *commit = NULL;

    *in = false;
    if (!git_lib_oid(&r->git, sha, &id))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is not a commit's forty "
                       "digits", STR_ARG(sha));
    if (!git_lib_oid(&r->git, remote_head(r), &head) ||
        r->git.commit_lookup(&commit, r->repo, &id) != 0)
        return true;
    r->git.commit_free(commit);
    int code = r->git.oid_equal(&id, &head)
                   ? 1
                   : r->git.graph_descendant_of(r->repo, &head, &id);

    *in = code == 1;
    return code >= 0 || fail(r, e, "the history");
}
