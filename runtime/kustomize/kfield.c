#include "runtime/kustomize/kfield.h"

#include "base/near.h"

#include <string.h>
#include <strings.h>

static bool check_value(struct arena *a, struct ynode *n,
                        const struct kfield *f, enum kfield_type type,
                        struct err *e);

static const struct kfield *find(const struct kfield *fields, struct str key)
{
    for (const struct kfield *f = fields; f->name; f++)
        if (key.n == strlen(f->name) &&
            !strncasecmp(f->name, key.s, key.n))
            return f;
    return NULL;
}

static const char *nearest(const struct kfield *fields, struct str key)
{
    struct near near = {.word = key};

    for (const struct kfield *f = fields; f->name; f++)
        near_consider(&near, str_of(f->name));
    return near.best.n ? near.best.s : NULL;
}

static const char *says(const struct ynode *n)
{
    if (n->kind != YNODE_SCALAR)
        return n->kind == YNODE_MAP ? "a map" : "a list";
    switch ((enum ytag)n->tag) {
    case YTAG_BOOL: return "a boolean";
    case YTAG_INT:
    case YTAG_FLOAT: return "a number";
    case YTAG_NULL: return "null";
    case YTAG_STR:
    case YTAG_TIME:
    case YTAG_BINARY:
    case YTAG_MERGE: break;
    }
    return "a string";
}

static bool is_text(const struct ynode *n)
{
    return n->kind == YNODE_SCALAR &&
           (n->tag == YTAG_STR || n->tag == YTAG_TIME ||
            n->tag == YTAG_BINARY || n->tag == YTAG_MERGE);
}

static bool wrong(struct arena *a, const struct ynode *n,
                  const struct kfield *f, const char *wanted, struct err *e)
{
    bool quote = n->kind == YNODE_SCALAR && !strcmp(wanted, "a string");

    return err_set(e, ERR_INPUT, "%s: '%s' takes %s, not %s%s%.*s%s",
                   ynode_where(a, n).s, f->name, wanted, says(n),
                   quote ? "; quote it: \"" : "",
                   quote ? (int)(n->text.n > 60 ? 60 : n->text.n) : 0,
                   quote ? n->text.s : "", quote ? "\"" : "");
}

static bool check_list(struct arena *a, struct ynode *n,
                       const struct kfield *f, enum kfield_type of,
                       struct err *e)
{
    if (n->kind != YNODE_SEQ)
        return wrong(a, n, f, "a list", e);
    for (size_t i = 0; i < n->seq.n; i++)
        if (!check_value(a, n->seq.items[i], f, of, e))
            return false;
    return true;
}

static bool check_map(struct arena *a, struct ynode *n,
                      const struct kfield *f, enum kfield_type of,
                      struct err *e)
{
    if (n->kind != YNODE_MAP)
        return wrong(a, n, f, "a map", e);
    for (size_t i = 0; i < n->map.n; i++)
        if (!check_value(a, n->map.items[i].value, f, of, e))
            return false;
    return true;
}

static bool check_value(struct arena *a, struct ynode *n,
                        const struct kfield *f, enum kfield_type type,
                        struct err *e)
{
    if (ynode_is_null(n))
        return true;
    switch (type) {
    case KFIELD_STR:
        return is_text(n) || wrong(a, n, f, "a string", e);
    case KFIELD_BOOL:
        return (n->kind == YNODE_SCALAR && n->tag == YTAG_BOOL) ||
               wrong(a, n, f, "true or false", e);
    case KFIELD_INT:
        return (n->kind == YNODE_SCALAR && n->tag == YTAG_INT) ||
               wrong(a, n, f, "a whole number", e);
    case KFIELD_STRS: return check_list(a, n, f, KFIELD_STR, e);
    case KFIELD_STR_MAP: return check_map(a, n, f, KFIELD_STR, e);
    case KFIELD_BOOL_MAP: return check_map(a, n, f, KFIELD_BOOL, e);
    case KFIELD_MAP: return n->kind == YNODE_MAP || wrong(a, n, f, "a map", e);
    case KFIELD_STRUCTS: return check_list(a, n, f, KFIELD_STRUCT, e);
    case KFIELD_STRUCT:
        return n->kind == YNODE_MAP ? kfield_check(a, n, f->sub, e)
                                    : wrong(a, n, f, "a map", e);
    }
    return false;
}

bool kfield_check(struct arena *a, struct ynode *map,
                  const struct kfield *fields, struct err *e)
{
    for (size_t i = 0; i < map->map.n; i++) {
        struct ypair *p = &map->map.items[i];
        const struct kfield *f = find(fields, p->key);

        if (!f) {
            const char *near = nearest(fields, p->key);

            return err_set(e, ERR_INPUT, "%s: unknown field '" STR_FMT
                           "'%s%s%s", ypair_where(a, map, p).s,
                           STR_ARG(p->key), near ? "; did you mean '" : "",
                           near ? near : "", near ? "'?" : "");
        }
        p->key = str_of(f->name);
        if (!check_value(a, p->value, f, f->type, e))
            return false;
    }
    return true;
}

static const char *const plugin_fields[] = {
    "prefix", "suffix", "labels", "annotations", "fieldSpecs", "imageTag",
    "name", "newName", "newTag", "digest", "tagSuffix", "replica", "count",
    "metadata", "namespace", "unsetOnly", "setRoleBindingSubjects", "paths",
    "patches", "path", "patch", "target", "options", "jsonOp", "group",
    "version", "kind", "create", "replacements", "source", "sourceValue",
    "targets", "targetFilePath", "value", "fieldPath", "fieldPaths", "select",
    "reject", "selector", "filePathPosition", "delimiter", "index",
    "labelSelector", "annotationSelector", "behavior", "literals", "files",
    "envs", "type", "disableNameSuffixHash", "immutable", "releaseName",
    "repo", "valuesFile", "valuesInline", "valuesMerge", "includeCRDs",
    "skipHooks", "skipTests", "apiVersions", "kubeVersion", "nameTemplate",
    "additionalValuesFiles", "chartHome", "configHome", "cloud",
    "kubernetesService", "serviceAccount", "projectId", "apiVersion", NULL,
};

static bool has_own_names(struct str key)
{
    return str_eq(key, STR("labels")) || str_eq(key, STR("annotations")) ||
           str_eq(key, STR("valuesInline"));
}

void kfield_spell(struct ynode *n)
{
    if (n->kind == YNODE_SEQ)
        for (size_t i = 0; i < n->seq.n; i++)
            kfield_spell(n->seq.items[i]);
    if (n->kind != YNODE_MAP)
        return;
    for (size_t i = 0; i < n->map.n; i++) {
        struct ypair *p = &n->map.items[i];

        for (const char *const *f = plugin_fields; *f; f++)
            if (p->key.n == strlen(*f) &&
                !strncasecmp(*f, p->key.s, p->key.n))
                p->key = str_of(*f);
        if (!has_own_names(p->key))
            kfield_spell(p->value);
    }
}

static bool is_list_field(struct str key)
{
    static const char *const names[] = {
        "fieldSpecs", "replacements", "targets", "fieldPaths", "reject",
        "apiVersions", "additionalValuesFiles",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (str_eq(key, str_of(names[i])))
            return true;
    return false;
}

bool kfield_lists(struct arena *a, const struct ynode *n, struct err *e)
{
    for (size_t i = 0; i < ynode_length(n); i++)
        if (!kfield_lists(a, n->seq.items[i], e))
            return false;
    for (size_t i = 0; ynode_is_map(n) && i < n->map.n; i++) {
        const struct ypair *p = &n->map.items[i];

        if (is_list_field(p->key) && !ynode_is_seq(p->value) &&
            !ynode_is_null(p->value))
            return err_set(e, ERR_INPUT, "%s: '" STR_FMT "' is a list; put "
                           "'- ' before each of its items",
                           ynode_where(a, p->value).s, STR_ARG(p->key));
        if (!has_own_names(p->key) && !kfield_lists(a, p->value, e))
            return false;
    }
    return true;
}
