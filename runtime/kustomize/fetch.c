#include "runtime/kustomize/fetch.h"

#include "base/file.h"
#include "runtime/git/remote.h"
#include "runtime/http/http.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { REDIRECTS_MAX = 10 };

struct fetched {
    struct str key; /* URL, and ref after a newline */
    struct str text; /* of a file; of a repository its folder */
    bool found;
};

void fetch_init(struct fetch *f, struct arena *a,
                const struct kustomize_options *o)
{
    *f = (struct fetch){.a = a, .o = o};
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

void fetch_close(struct fetch *f)
{
    if (f->http)
        http_client_destroy(f->http);
    if (f->scratch.n)
        nftw(f->scratch.s, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct fetched *find(struct fetch *f, struct str key)
{
    for (size_t i = 0; i < f->done.n; i++)
        if (str_eq(f->done.items[i].key, key))
            return &f->done.items[i];
    return NULL;
}

static bool may_fetch(struct fetch *f, struct str url, struct err *e)
{
    if (f->o->remote)
        *f->o->remote = true;
    if (f->o->no_remote)
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is elsewhere, and this "
                       "build may use nothing from the network",
                       STR_ARG(url));
    return f->done.n < FETCH_MAX ||
           err_set(e, ERR_INPUT, "more than %d URLs in one build", FETCH_MAX);
}

bool fetch_file(struct fetch *f, struct str url, struct str *text, bool *found,
                struct err *e)
{
    struct fetched *old = find(f, url);
    struct http_request q = {.url = url, .redirects = REDIRECTS_MAX,
                             .body_max = FETCH_FILE_MAX};
    struct http_response r;

    if (!old) {
        if (!may_fetch(f, url, e))
            return false;
        if (!f->http && !(f->http = http_client_create(e)))
            return false;
        if (!http_send(f->http, f->a, &q, &r, e))
            return false;
        struct fetched got = {url, r.body, r.status / 100 == 2};

        arena_push(f->a, &f->done, got);
        old = &f->done.items[f->done.n - 1];
    }
    *text = old->text;
    *found = old->found;
    return true;
}

static struct str cache_dir(struct fetch *f)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

    if (f->o->cache.n)
        return f->o->cache;
    if (xdg && *xdg)
        return arena_printf(f->a, "%s/pipec/git", xdg);
    if (home && *home)
        return arena_printf(f->a, "%s/.cache/pipec/git", home);
    return file_join(f->a, f->scratch, STR("cache"));
}

static bool make_scratch(struct fetch *f, struct err *e)
{
    const char *tmp = getenv("TMPDIR");

    if (f->scratch.n)
        return true;
    struct str dir = arena_printf(f->a, "%s/pipec-base-XXXXXX",
                                  tmp && *tmp ? tmp : "/tmp");

    if (!mkdtemp((char *)dir.s))
        return err_errno(e, "'%s'", dir.s);
    char *real = realpath(dir.s, NULL);

    f->scratch = real ? arena_dup(f->a, str_of(real)) : dir;
    free(real);
    return true;
}

bool fetch_repo(struct fetch *f, const struct repourl *r, struct str *folder,
                struct err *e)
{
    struct str key = arena_printf(f->a, STR_FMT "\n" STR_FMT, STR_ARG(r->url),
                                  STR_ARG(r->ref));
    struct fetched *old = find(f, key);
    struct str sha;

    if (!old) {
        if (!may_fetch(f, r->url, e) || !make_scratch(f, e))
            return false;
        struct remote_tree_spec spec = {
            .url = r->url, .ref = r->ref, .cache_dir = cache_dir(f),
            .submodules = r->submodules, .timeout_ms = r->timeout_ms,
            .offline = f->o->offline,
        };
        struct fetched got = {key, arena_printf(f->a, STR_FMT "/%zu",
                                                STR_ARG(f->scratch),
                                                f->done.n), true};

        if (!remote_export(&spec, f->a, got.text.s, &sha, e))
            return false;
        arena_push(f->a, &f->done, got);
        old = &f->done.items[f->done.n - 1];
    }
    *folder = old->text;
    return true;
}
