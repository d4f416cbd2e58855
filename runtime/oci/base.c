#include "runtime/oci/base.h"

#include "base/file.h"
#include "runtime/oci/oci.h"

#include <string.h>

enum { INDEX_DEPTH_MAX = 4 };

json_t *oci_json_parse(struct str text, const char *name, struct err *e)
{
    json_error_t why;
    json_t *j = json_loadb(text.s, text.n, JSON_REJECT_DUPLICATES, &why);

    if (json_is_object(j))
        return j;
    if (j)
        err_set(e, ERR_INPUT, "'%s' is no JSON object", name);
    else
        err_set(e, ERR_INPUT, "'%s' is not JSON: line %d: %s", name, why.line,
                why.text);
    json_decref(j);
    return NULL;
}

static struct str text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));

    return s ? str_of(s) : STR("");
}

static json_t *get_json(struct arena *a, struct str layout, struct str digest,
                        struct err *e)
{
    struct str text;

    if (!blob_get(a, layout, digest, OCI_JSON_MAX, &text, e))
        return NULL;
    return oci_json_parse(text, arena_dup(a, digest).s, e);
}

static bool fits(const json_t *descriptor, struct str architecture)
{
    const json_t *p = json_object_get(descriptor, "platform");

    return !p || (str_eq(text_of(p, "architecture"), architecture) &&
                  str_eq(text_of(p, "os"), STR("linux")));
}

static const json_t *choose(const json_t *index, struct str architecture)
{
    const json_t *list = json_object_get(index, "manifests");
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
        if (fits(one, architecture))
            return one;
    return NULL;
}

/* An index may name another index. */
static json_t *find_manifest(struct arena *a, struct str base,
                             struct str architecture, struct err *e)
{
    struct str path = file_join(a, base, STR("index.json")), text;
    json_t *j;

    if (!file_read(a, path.s, OCI_JSON_MAX, &text, e))
        return NULL;
    j = oci_json_parse(text, path.s, e);
    for (int depth = 0; j && json_object_get(j, "manifests"); depth++) {
        const json_t *one = choose(j, architecture);
        struct str digest = arena_dup(a, text_of(one, "digest"));
        json_decref(j);
        j = NULL;
        if (!one || depth >= INDEX_DEPTH_MAX)
            err_set(e, ERR_INPUT, "'" STR_FMT "' has no image for linux/"
                    STR_FMT, STR_ARG(base), STR_ARG(architecture));
        else
            j = get_json(a, base, digest, e);
    }
    return j;
}

static bool copy_layers(struct arena *a, struct str base, struct str layout,
                        const json_t *layers, struct err *e)
{
    const json_t *one;
    size_t i;

    if (json_array_size(layers) >= OCI_LAYERS_MAX)
        return err_set(e, ERR_INPUT, "'" STR_FMT "' has %d layers or more",
                       STR_ARG(base), OCI_LAYERS_MAX);
    json_array_foreach(layers, i, one)
        if (!blob_copy(a, base, layout, arena_dup(a, text_of(one, "digest")),
                       e))
            return false;
    return true;
}

bool oci_base_read(struct arena *a, struct str base, struct str layout,
                   struct str architecture, struct oci_parts *out,
                   struct err *e)
{
    json_t *manifest = find_manifest(a, base, architecture, e);

    if (!manifest)
        return err_wrap(e, "base image");
    out->config = get_json(a, base, arena_dup(a, text_of(
        json_object_get(manifest, "config"), "digest")), e);
    out->layers = json_incref(json_object_get(manifest, "layers"));
    json_decref(manifest);
    if (!out->config)
        return err_wrap(e, "base image");
    if (!json_is_array(out->layers) ||
        json_array_size(json_object_get(json_object_get(out->config, "rootfs"),
                                        "diff_ids")) !=
            json_array_size(out->layers))
        return err_set(e, ERR_INPUT, "base image '" STR_FMT "': its manifest "
                       "and configuration name different layers",
                       STR_ARG(base));
    return copy_layers(a, base, layout, out->layers, e) ||
           err_wrap(e, "base image");
}
