#include "cli/render.h"

#include "base/file.h"
#include "runtime/yaml/ywrite.h"

#include <string.h>
#include <sys/stat.h>

bool render_text(struct buf *b, const struct kustomize_result *r, bool json,
                 struct err *e)
{
    if (!json)
        return kustomize_write(b, r, e);
    for (size_t i = 0; i < r->m.n; i++) {
        buf_adds(b, i ? ",\n" : "[");
        if (!ywrite_json(b, r->m.items[i]->node, e))
            return false;
    }
    buf_adds(b, r->m.n ? "]\n" : "[]\n");
    return true;
}

bool render_is_folder(const char *path)
{
    struct stat st;
    size_t n = strlen(path);

    return (n && path[n - 1] == '/') ||
           (!stat(path, &st) && S_ISDIR(st.st_mode));
}

/* Whether objects live in more than one namespace. */
static bool has_namespaces(const struct resmap *m)
{
    struct str first = STR("");
    bool any = false;

    for (size_t i = 0; i < m->n; i++) {
        struct resid id = resource_id(m->items[i]);

        if (id.cluster_scoped)
            continue;
        if (any && !str_eq(resid_namespace(&id), first))
            return true;
        first = resid_namespace(&id);
        any = true;
    }
    return false;
}

static void add_part(struct buf *b, struct str part)
{
    if (!part.n)
        return;
    if (b->n)
        buf_addc(b, '_');
    for (size_t i = 0; i < part.n; i++) {
        char c = part.s[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        buf_addc(b, c == '/' || !c ? '_' : c);
    }
}

static struct str file_name(struct arena *a, const struct resource *r,
                            bool namespaces, bool json)
{
    struct resid id = resource_id(r);
    struct buf b = {0};

    if (namespaces && !id.cluster_scoped)
        add_part(&b, resid_namespace(&id));
    add_part(&b, id.group);
    add_part(&b, id.version);
    add_part(&b, id.kind);
    add_part(&b, id.name);
    buf_adds(&b, json ? ".json" : ".yaml");
    struct str name = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return name;
}

bool render_to_folder(const struct kustomize_result *r, const char *folder,
                      bool json, struct err *e)
{
    struct arena a = {0};
    bool namespaces = has_namespaces(&r->m), ok;

    ok = file_mkdirs(folder, 0755, e);
    for (size_t i = 0; ok && i < r->m.n; i++) {
        struct resource *x = r->m.items[i];
        struct str name = file_name(&a, x, namespaces, json);
        struct buf b = {0};

        ok = (json ? ywrite_json(&b, x->node, e)
                   : ywrite_yaml(&b, x->node, e)) &&
             file_write(file_join(&a, str_of(folder), name).s, buf_str(&b),
                        0644, e);
        buf_free(&b);
    }
    arena_free(&a);
    return ok;
}
