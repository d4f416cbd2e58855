#include "cli/plan_diff.h"

#include "base/file.h"
#include "runtime/kustomize/kfile.h"
#include "runtime/kustomize/repourl.h"

/* Which renderings of a plan go to the network: bases that are URLs. */

enum { FOLDERS_MAX = 1000, DEPTH_MAX = 64 };

struct walk {
    struct arena *a;
    size_t folders;
};

static bool folder_is_remote(struct walk *w, const struct loader *l,
                             int depth);

static bool entry_is_remote(struct walk *w, const struct loader *l,
                            struct str entry, int depth)
{
    enum vfs_kind kind = loader_kind(l, w->a, entry);
    struct loader *below = arena_new(w->a, struct loader);
    struct repourl url;
    struct err none = {0};

    if (kind == VFS_NONE)
        return repourl_is_http(entry) || repourl_parse(w->a, entry, &url);
    return kind == VFS_DIR && loader_enter(l, w->a, entry, below, &none) &&
           folder_is_remote(w, below, depth + 1);
}

static bool folder_is_remote(struct walk *w, const struct loader *l, int depth)
{
    static const char *const lists[] = {"resources", "components"};
    struct kfile k;
    struct err none = {0};

    if (depth > DEPTH_MAX || ++w->folders > FOLDERS_MAX ||
        !kfile_read(w->a, l, &k, NULL, &none))
        return false;
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        const struct ynode *all = kfile_list(&k, lists[i]);

        for (size_t n = 0; n < ynode_count(all); n++)
            if (entry_is_remote(w, l, ynode_text(all->seq.items[n]), depth))
                return true;
    }
    return false;
}

static bool is_remote(struct str dir, struct str given)
{
    struct arena a = {0};
    struct walk w = {.a = &a};
    struct loader *l = arena_new(&a, struct loader);
    struct repourl url;
    struct err none = {0};
    bool remote;

    if (!given.n)
        return false;
    if (loader_open(&vfs_disk, &a, file_join(&a, dir, given), true, l, &none))
        remote = folder_is_remote(&w, l, 0);
    else
        remote = repourl_parse(&a, given, &url);
    arena_free(&a);
    return remote;
}

bool plan_goes_remote(struct str dir, const struct graph_node *n)
{
    const struct value *scanners = value_get(&n->config, STR("scanner"));

    if (str_eq(n->kind, STR("render")))
        return is_remote(dir, value_get_str(&n->config, "kustomize", STR("")));
    for (size_t i = 0; str_eq(n->kind, STR("scan")) && scanners &&
                       scanners->kind == VALUE_LIST && i < scanners->list.n;
         i++) {
        const struct value *s = &scanners->list.items[i];

        if (str_eq(value_get_str(s, "is", STR("")), STR("manifests")) &&
            is_remote(dir, value_get_str(s, "path", STR(""))))
            return true;
    }
    return false;
}
