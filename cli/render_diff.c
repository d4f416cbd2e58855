#include "cli/render.h"

#include "base/file.h"
#include "runtime/git/remote.h"
#include "runtime/git/repo.h"
#include "runtime/kustomize/difference.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

/* The repository's top, and dir in it. */
static bool find_repo(struct arena *a, const char *dir, struct str *top,
                      struct str *inside, struct err *e)
{
    struct repo *repo = repo_open(dir, e);
    bool ok = repo && repo_root(repo, a, top, e);
    char *real = realpath(dir, NULL);

    repo_close(repo);
    if (ok && real && top->n && str_starts(str_of(real), *top)) {
        while (top->n > 1 && top->s[top->n - 1] == '/')
            top->n--;
        *top = arena_dup(a, *top);
        *inside = arena_dup(a, str_skip(str_of(real), top->n));
        while (inside->n && inside->s[0] == '/')
            *inside = str_skip(*inside, 1);
    } else if (ok) {
        ok = err_set(e, ERR_INPUT, "'%s' is in no work tree of Git", dir);
    }
    free(real);
    return ok;
}

static bool render_old(struct arena *a, const struct kustomize_options *o,
                       struct str scratch, struct str inside,
                       struct kustomize_result *out, struct err *e)
{
    struct str dir = file_join(a, scratch, STR("tree"));

    if (inside.n)
        dir = file_join(a, dir, inside);
    return kustomize_build(a, o, dir, out, e);
}

static bool export(struct arena *a, struct str top, const char *ref,
                   struct str scratch, struct err *e)
{
    struct remote_tree_spec spec = {
        .url = top, .ref = str_of(ref),
        .cache_dir = file_join(a, scratch, STR("cache")),
    };
    struct str sha;

    return remote_export(&spec, a, file_join(a, scratch, STR("tree")).s, &sha,
                         e);
}

bool render_diff(struct arena *a, const struct kustomize_options *o,
                 const char *dir, const char *ref, bool as_text,
                 const struct kustomize_result *r, struct buf *out,
                 struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    struct str top, inside, scratch = arena_printf(
        a, "%s/pipec-diff-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    struct kustomize_result old = {0};
    struct difference_count count;

    if (!find_repo(a, dir, &top, &inside, e))
        return false;
    if (!mkdtemp((char *)scratch.s))
        return err_errno(e, "'%s'", scratch.s);
    bool ok = export(a, top, ref, scratch, e) &&
              (render_old(a, o, scratch, inside, &old, e) ||
               err_wrap(e, "as it was at '%s'", ref)) &&
              difference_write(a, &old.m, &r->m, as_text, out, &count, e);

    if (ok)
        buf_addf(out, "%zu added, %zu removed, %zu changed\n", count.added,
                 count.removed, count.changed);
    kustomize_free(&old);
    nftw(scratch.s, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return ok;
}
