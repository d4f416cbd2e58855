#include "runtime/kustomize/origin.h"

#include "base/file.h"
#include "runtime/kustomize/repourl.h"
#include "runtime/yaml/ywrite_text.h"

#include <string.h>

/* An empty path stays so: what is read from the kustomization itself. */
static struct str clean(struct arena *a, struct str path)
{
    return path.n ? file_clean(a, path) : path;
}

struct origin *origin_below(struct arena *a, const struct origin *o,
                            struct str path)
{
    struct origin *next = arena_new(a, struct origin);
    struct repourl url;

    *next = *o;
    if (repourl_parse(a, path, &url)) {
        next->repo = url.url;
        next->ref = url.ref;
        next->path = clean(a, url.path);
        return next;
    }
    next->path = clean(a, o->path.n ? file_join(a, o->path, path) : path);
    return next;
}

struct origin *origin_builtin(struct arena *a, const struct origin *o,
                              struct str file, const char *kind)
{
    struct origin *made = arena_new(a, struct origin);

    *made = (struct origin){
        .repo = o->repo, .ref = o->ref,
        .configured_in = clean(a, o->path.n ? file_join(a, o->path, file)
                                            : file),
        .api_version = STR("builtin"), .kind = str_of(kind),
    };
    return made;
}

struct origin *origin_plugin(struct arena *a, const struct resource *config)
{
    const struct origin *o = config->origin;

    if (!o)
        return NULL;
    struct origin *made = arena_new(a, struct origin);

    *made = (struct origin){
        .repo = o->repo, .ref = o->ref, .configured_in = o->path,
        .api_version = resource_api_version(config),
        .kind = resource_kind(config), .name = resource_name(config),
        .ns = resource_namespace(config),
    };
    return made;
}

struct page {
    struct ypage y;
    size_t indent;
    bool dash; /* the next line begins with "- " */
};

static void field(struct page *p, const char *key, struct str value)
{
    if (!value.n)
        return;
    ypage_indent(&p->y, p->dash ? 0 : p->indent);
    if (p->dash)
        ypage_mark(&p->y, "-", false, true);
    p->dash = false;
    ypage_raw(&p->y, str_of(key));
    ypage_mark(&p->y, ":", false, false);
    ywrite_text(&p->y, value, p->indent + 2, false);
}

static void write_origin(struct page *p, const struct origin *o)
{
    field(p, "path", o->path);
    field(p, "repo", o->repo);
    field(p, "ref", o->ref);
    field(p, "configuredIn", o->configured_in);
    if (!o->kind.n && !o->api_version.n)
        return;
    ypage_indent(&p->y, p->indent);
    ypage_raw(&p->y, STR("configuredBy"));
    ypage_mark(&p->y, ":", false, false);
    p->indent += 2;
    field(p, "apiVersion", o->api_version);
    field(p, "kind", o->kind);
    field(p, "name", o->name);
    field(p, "namespace", o->ns);
    p->indent -= 2;
}

static struct page start(struct buf *b)
{
    return (struct page){.y = {.b = b, .whitespace = true,
                               .indention = true}};
}

static struct str finish(struct arena *a, struct page *p)
{
    ypage_break(&p->y);
    struct str text = arena_dup(a, buf_str(p->y.b));

    buf_free(p->y.b);
    return text;
}

struct str origin_text(struct arena *a, const struct origin *o)
{
    struct buf b = {0};
    struct page p = start(&b);

    write_origin(&p, o);
    return finish(a, &p);
}

struct str origin_list_text(struct arena *a, const struct resource *r)
{
    struct buf b = {0};
    struct page p = start(&b);

    p.indent = 2;
    for (size_t i = 0; i < r->transformations.n; i++) {
        p.dash = true;
        write_origin(&p, r->transformations.items[i]);
    }
    return finish(a, &p);
}
