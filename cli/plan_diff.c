#include "cli/plan_diff.h"

#include "base/diff.h"
#include "base/file.h"
#include "cli/plan_vfs.h"
#include "runtime/kustomize/edit.h"
#include "runtime/kustomize/rendered.h"
#include "runtime/lua/planner.h"

#include <stdlib.h>
#include <string.h>

enum { DIFF_BYTES_MAX = 256 * 1024 };

/* Stands for a tag that the run will know, while manifests are rendered. */
static const char placeholder[] = "known-in-the-run";

struct words {
    struct project *p;
    struct planner_text *texts; /* NULL: could not be asked */
    struct rendered rendered;   /* what several stages render, or two commits */
    const char *kept;           /* where the stages of runs kept theirs */
};

/* One set-image: and what stands in the texts for what is not known yet. */
struct image {
    struct str name, ref, shown;
};

struct images {
    struct image *items;
    size_t n;
};

static const struct str *words_of(void *ctx, size_t node, size_t *n)
{
    const struct words *w = ctx;

    *n = w->texts ? w->texts[node].n : 0;
    return w->texts ? w->texts[node].lines : NULL;
}

static struct images images_of(struct arena *a, const struct value *config,
                               struct str overlay)
{
    const struct value *all = value_get(config, STR("set-image"));
    struct images out = {0};

    if (!all || all->kind != VALUE_LIST)
        return out;
    out.items = arena_array(a, struct image, all->list.n);
    for (size_t i = 0; i < all->list.n; i++) {
        const struct value *v = &all->list.items[i];
        const struct value *ref = value_get(v, STR("ref"));
        struct image *x = &out.items[out.n];

        if (overlay.n && !str_eq(value_get_str(v, "overlay", STR("")), overlay))
            continue;
        x->name = value_get_str(v, "image", STR(""));
        x->shown = ref ? plan_show(a, ref) : STR("");
        x->ref = ref && ref->kind == VALUE_STRING
                     ? ref->s : arena_printf(a, ":%s-%zu", placeholder, i);
        out.n++;
    }
    return out;
}

/* The placeholders in a diff become what people read. */
static struct str reveal(struct arena *a, struct str text,
                         const struct images *images)
{
    struct buf b = {0};

    for (size_t i = 0; i < images->n; i++) {
        struct str mark = str_skip(images->items[i].ref, 1);

        if (!str_starts(mark, str_of(placeholder)))
            continue;
        buf_clear(&b);
        while (text.n) {
            size_t at = str_search(text, mark);

            buf_add(&b, str_sub(text, 0, at));
            if (at < text.n)
                buf_add(&b, images->items[i].shown);
            text = str_skip(text, at < text.n ? at + mark.n : at);
        }
        text = arena_dup(a, buf_str(&b));
    }
    buf_free(&b);
    return text;
}

static struct plan_diff *add_diff(struct arena *a, struct plan_stage *s)
{
    struct plan_diff *more = arena_array(a, struct plan_diff, s->n_diffs + 1);

    for (size_t i = 0; i < s->n_diffs; i++)
        more[i] = s->diffs[i];
    s->diffs = more;
    return &s->diffs[s->n_diffs++];
}

static void compare(struct arena *a, struct plan_diff *d, struct str before,
                    struct str after, const struct images *images)
{
    struct buf b = {0};
    struct str text;

    diff_unified(&b, STR("before"), STR("after"), before, after, DIFF_CONTEXT);
    text = buf_str(&b);
    for (int i = 0; i < 2; i++) /* its two header lines say nothing here */
        str_cut(text, '\n', &text);
    if (text.n > DIFF_BYTES_MAX)
        d->note = arena_printf(a, "a change of %zu bytes, too long to show",
                               text.n);
    else
        d->text = reveal(a, arena_dup(a, text), images);
    buf_free(&b);
}

static bool edit(struct arena *a, struct str text, const struct images *images,
                 struct str *out, struct err *e)
{
    *out = text;
    for (size_t i = 0; i < images->n; i++)
        if (!kustomize_edit_set_image(a, *out, images->items[i].name,
                                      images->items[i].ref, out, e))
            return false;
    return true;
}

static bool render(struct words *x, struct plan_vfs *v, struct str dir,
                   struct str *out, struct warnings *w, struct err *e)
{
    struct kustomize_options o = {.vfs = &v->vfs, .no_remote = true};

    x->rendered.folder = v->repo ? NULL : x->kept;
    return rendered_text(&x->rendered, &o, dir, out, w, e);
}

/* With paths as seen from the repository. */
static void keep_warnings(struct arena *a, const struct warnings *w,
                          struct str root, struct plan_diff *d)
{
    d->n_warnings = w->n;
    d->warnings = arena_array(a, struct str, w->n);
    for (size_t i = 0; i < w->n; i++) {
        struct str s = w->items[i];

        if (str_starts(s, root) && s.n > root.n && s.s[root.n] == '/')
            s = str_skip(s, root.n + 1);
        d->warnings[i] = s;
    }
}

static struct str real(struct arena *a, struct str dir, struct str path)
{
    char *full = realpath(file_join(a, dir, path).s, NULL);
    struct str out = full ? arena_dup(a, str_of(full)) : (struct str){0};

    free(full);
    return out;
}

static bool repo_of(struct project *p, struct err *e)
{
    if (!p->repo)
        p->repo = repo_open(arena_dup(&p->arena, p->dir).s, e);
    return p->repo != NULL;
}

/* render { kustomize DIR; diff against=REF }: the whole rendering, then and
 * now. */
static bool diff_render(struct project *p, struct words *w, struct arena *a,
                        const struct graph_node *n, struct plan_diff *d,
                        struct err *e)
{
    struct str ref = value_get_str(value_get(&n->config, STR("diff")),
                                   "against", STR("HEAD"));
    struct str given = value_get_str(&n->config, "kustomize", STR(""));
    struct str dir = real(a, p->dir, given), root, path, text, before, after;
    struct images images = images_of(a, &n->config, (struct str){0});
    struct plan_vfs now, then;

    d->title = arena_printf(a, STR_FMT " against " STR_FMT, STR_ARG(given),
                            STR_ARG(ref));
    if (!dir.n)
        return err_set(e, ERR_INPUT, "there is no folder '" STR_FMT "' yet",
                       STR_ARG(given));
    if (!repo_of(p, e) || !repo_root(p->repo, a, &root, e))
        return false;
    root = real(a, (struct str){0}, root);
    plan_vfs_init(&then, a, p->repo, ref, root);
    plan_vfs_init(&now, a, NULL, (struct str){0}, root);
    if (plan_vfs_kustomization(&now, dir, &path, &text)) {
        struct plan_vfs_text *t = arena_new(a, struct plan_vfs_text);

        t->path = path;
        if (!edit(a, text, &images, &t->text, e))
            return false;
        now.texts = t;
        now.n_texts = 1;
    }
    struct warnings lost = {0}, ignored = {0};

    if (!render(w, &now, dir, &after, &lost, e))
        return false;
    keep_warnings(a, &lost, root, d);
    before = STR("");
    if (plan_vfs_kustomization(&then, dir, &path, &text) &&
        !render(w, &then, dir, &before, &ignored, e))
        return err_wrap(e, "at " STR_FMT, STR_ARG(ref));
    compare(a, d, before, after, &images);
    return true;
}

/* A repository on this machine, which can be looked into without connecting. */
static bool is_local(struct str url, struct str *path)
{
    *path = url;
    if (str_starts(url, STR("file://")))
        *path = str_skip(url, 7);
    return path->n && (path->s[0] == '/' || path->s[0] == '.');
}

static bool kustomization_now(struct project *p, struct arena *a,
                              const struct graph_node *n, struct str overlay,
                              struct str *text, struct plan_diff *d)
{
    const struct value *repo = value_get(&n->config, STR("repo"));
    struct str url = value_get_str(repo, "url", STR("")), local, path;
    struct str branch = value_get_str(repo, "branch", STR("main"));
    struct err e = {0};
    struct plan_vfs v;
    bool found;

    if (is_local(url, &local)) {
        struct repo *r = repo_open(file_join(a, p->dir, local).s, &e);

        plan_vfs_init(&v, a, r, branch, STR("/"));
        found = r && plan_vfs_kustomization(
                         &v, arena_printf(a, "/" STR_FMT, STR_ARG(overlay)),
                         &path, text);
        repo_close(r);
        if (!found)
            d->note = arena_printf(a, "not in " STR_FMT " of '" STR_FMT "'",
                                   STR_ARG(branch), STR_ARG(url));
        return found;
    }
    plan_vfs_init(&v, a, NULL, (struct str){0}, (struct str){0});
    if (plan_vfs_kustomization(&v, file_join(a, p->dir, overlay), &path, text)) {
        d->title = arena_printf(a, STR_FMT " (as this folder has it)",
                                STR_ARG(overlay));
        return true;
    }
    d->note = arena_printf(a, "planning does not connect to '" STR_FMT "'",
                           STR_ARG(url));
    return false;
}

/* commit { set-image OVERLAY, ... }: each overlay's kustomization once. */
static void diff_commit(struct project *p, struct arena *a,
                        const struct graph_node *n, struct plan_stage *out)
{
    const struct value *all = value_get(&n->config, STR("set-image"));

    for (size_t i = 0; all && all->kind == VALUE_LIST && i < all->list.n; i++) {
        struct str overlay = value_get_str(&all->list.items[i], "overlay",
                                           STR(""));
        struct images images;
        struct str before, after;
        struct err e = {0};
        bool again = !overlay.n;

        for (size_t k = 0; k < i && !again; k++)
            again = str_eq(overlay, value_get_str(&all->list.items[k],
                                                  "overlay", STR("")));
        if (again)
            continue;
        struct plan_diff *d = add_diff(a, out);

        d->title = overlay;
        images = images_of(a, &n->config, overlay);
        if (!kustomization_now(p, a, n, overlay, &before, d))
            continue;
        if (edit(a, before, &images, &after, &e))
            compare(a, d, before, after, &images);
        else
            d->note = arena_dup(a, str_of(e.msg));
    }
}

static void diffs_of(void *ctx, struct arena *a, const struct graph_node *n,
                     struct plan_stage *out)
{
    struct words *w = ctx;
    struct project *p = w->p;
    struct err e = {0};

    bool remote = plan_goes_remote(p->dir, n);

    if (remote)
        plan_add_effect(a, out, STR("network"));
    if (str_eq(n->kind, STR("commit"))) {
        diff_commit(p, a, n, out);
    } else if (str_eq(n->kind, STR("render")) &&
               value_get(&n->config, STR("diff"))) {
        struct plan_diff *d = add_diff(a, out);

        if (remote) {
            d->title = value_get_str(&n->config, "kustomize", STR(""));
            d->note = STR("a base is elsewhere, and planning connects to "
                          "nothing");
        } else if (!diff_render(p, w, a, n, d, &e)) {
            d->note = arena_dup(a, str_of(e.msg));
        }
    }
}

void plan_sources_open(struct project *p, struct plan_sources *from)
{
    struct words *w = arena_new(&p->arena, struct words);
    struct planner_spec spec = {
        .stdlib_dir = p->stdlib_dir,
        .base_dir = arena_dup(&p->arena, p->dir).s,
        .sources = p->lua_files.items,
        .n_sources = p->lua_files.n,
    };
    struct err e = {0};

    w->p = p;
    w->rendered.a = &p->arena;
    w->rendered.read_only = true;
    w->kept = file_join(&p->arena, p->dir, STR(".pipec/rendered")).s;
    w->texts = arena_array(&p->arena, struct planner_text, p->graph.n_nodes);
    if (!planner_ask(&p->arena, &spec, &p->graph, w->texts, &e))
        w->texts = NULL;
    from->ctx = w;
    from->words = words_of;
    from->diffs = diffs_of;
}
