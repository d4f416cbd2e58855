#include "runtime/oci/oci.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/file.h"
#include "runtime/oci/base.h"
#include "runtime/oci/layer.h"
#include "runtime/oci/sweep.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/utsname.h>
#include <unistd.h>

#define TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
#define TYPE_LAYER "application/vnd.oci.image.layer.v1.tar+gzip"
#define TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define REF_NAME "org.opencontainers.image.ref.name"

/* ---- jansson, shorter ---------------------------------------------------- */

static json_t *text(struct str s)
{
    return json_stringn_nocheck(s.s ? s.s : "", s.n);
}

static void set(json_t *object, struct str key, json_t *value)
{
    if (!value || json_object_setn_new_nocheck(object, key.s, key.n, value))
        die_oom();
}

static json_t *list_of(const struct str *items, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, text(items[i]));
    return list;
}

/* The member, made empty where it is not there or of another kind. */
static json_t *member(json_t *object, const char *key, bool array)
{
    json_t *m = json_object_get(object, key);

    if (array ? json_is_array(m) : json_is_object(m))
        return m;
    m = array ? json_array() : json_object();
    set(object, str_of(key), m);
    return m;
}

/* Keys are sorted, so that the same image has the same bytes. */
static struct str dump(struct arena *a, const json_t *j)
{
    char *s = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);

    if (!s)
        die_oom();
    struct str out = arena_dup(a, str_of(s));

    free(s);
    return out;
}

static json_t *descriptor(const char *type, const struct oci_blob *b)
{
    json_t *d = json_object();

    set(d, STR("mediaType"), json_string(type));
    set(d, STR("digest"), text(b->digest));
    set(d, STR("size"), json_integer(b->size));
    return d;
}

/* ---- the configuration --------------------------------------------------- */

static struct str architecture(struct arena *a, const struct oci_image *m)
{
    struct utsname u;

    if (m->architecture.n)
        return m->architecture;
    if (uname(&u) != 0 || strcmp(u.machine, "x86_64") == 0)
        return STR("amd64");
    if (strcmp(u.machine, "aarch64") == 0)
        return STR("arm64");
    return arena_dup(a, str_of(u.machine));
}

static void set_env(json_t *list, struct str variable)
{
    struct str value, name = str_cut(variable, '=', &value);
    const json_t *old;
    size_t i;

    json_array_foreach(list, i, old) {
        struct str rest, had = str_of(json_string_value(old)
                                          ? json_string_value(old) : "");
        if (str_eq(str_cut(had, '=', &rest), name)) {
            json_array_set_new(list, i, text(variable));
            return;
        }
    }
    json_array_append_new(list, text(variable));
}

/* What starts the program is replaced as a whole: with a new entrypoint the
 * base's arguments make no sense. */
static void set_command(json_t *run, const struct oci_image *m)
{
    if (m->entrypoint_count) {
        set(run, STR("Entrypoint"),
            list_of(m->entrypoint, m->entrypoint_count));
        json_object_del(run, "Cmd");
    }
    if (m->cmd_count)
        set(run, STR("Cmd"), list_of(m->cmd, m->cmd_count));
}

static void set_run(json_t *config, const struct oci_image *m)
{
    json_t *run = member(config, "config", false);

    set_command(run, m);
    for (size_t i = 0; i < m->env_count; i++)
        set_env(member(run, "Env", true), m->env[i]);
    for (size_t i = 0; i < m->port_count; i++)
        set(member(run, "ExposedPorts", false), m->ports[i], json_object());
    for (size_t i = 0; i < m->label_count; i++)
        set(member(run, "Labels", false), m->labels[i].name,
            text(m->labels[i].value));
    if (m->user.n)
        set(run, STR("User"), text(m->user));
    if (m->workdir.n)
        set(run, STR("WorkingDir"), text(m->workdir));
}

static void set_config(struct arena *a, struct oci_parts *p,
                       const struct oci_image *m)
{
    struct str created = clock_rfc3339(a, m->created_s * 1000);

    /* Whole seconds, as other tools write them. */
    if (str_ends(created, STR(".000Z")))
        created = arena_printf(a, "%.*sZ", (int)created.n - 5, created.s);
    set(p->config, STR("architecture"), text(architecture(a, m)));
    set(p->config, STR("os"), json_string("linux"));
    set(p->config, STR("created"), text(created));
    set_run(p->config, m);
    set(member(p->config, "rootfs", false), STR("type"),
        json_string("layers"));
    member(member(p->config, "rootfs", false), "diff_ids", true);
    if (!m->copy_count)
        return;
    json_t *step = json_object();

    set(step, STR("created"), text(created));
    set(step, STR("created_by"), json_string("pipec build"));
    json_array_append_new(member(p->config, "history", true), step);
}

/* ---- layers, manifest, index --------------------------------------------- */

static bool add_layer(struct arena *a, struct oci_parts *p,
                      const struct oci_image *m, struct str layout,
                      struct err *e)
{
    struct layer layer = {.arena = a, .on_base = m->base.n > 0};
    struct archive_lib lib;
    struct oci_blob blob;
    struct str diff_id = STR("");

    if (!m->copy_count)
        return true;
    if (!archive_lib_load(&lib, e) ||
        !layer_collect(&layer, m->copies, m->copy_count, e) ||
        !layer_write(&layer, &lib, layout, m->created_s, &blob, &diff_id, e))
        return false;
    json_array_append_new(p->layers, descriptor(TYPE_LAYER, &blob));
    json_array_append_new(
        member(member(p->config, "rootfs", false), "diff_ids", true),
        text(diff_id));
    return true;
}

static bool put_manifest(struct arena *a, const struct oci_parts *p,
                         struct str layout, struct oci_blob *out,
                         struct err *e)
{
    struct oci_blob config;

    if (!blob_put(a, layout, dump(a, p->config), &config, e))
        return false;
    json_t *m = json_object();

    set(m, STR("schemaVersion"), json_integer(2));
    set(m, STR("mediaType"), json_string(TYPE_MANIFEST));
    set(m, STR("config"), descriptor(TYPE_CONFIG, &config));
    set(m, STR("layers"), json_incref(p->layers));
    bool ok = blob_put(a, layout, dump(a, m), out, e);

    json_decref(m);
    return ok;
}

static bool load_index(struct arena *a, const char *path, json_t **index,
                       struct err *e)
{
    struct str old;

    *index = NULL;
    if (access(path, F_OK) == 0)
        return file_read(a, path, OCI_JSON_MAX, &old, e) &&
               (*index = oci_json_parse(old, path, e)) != NULL;
    *index = json_object();
    set(*index, STR("schemaVersion"), json_integer(2));
    return true;
}

static void drop_ref(json_t *manifests, struct str ref)
{
    for (size_t i = json_array_size(manifests); i-- > 0;) {
        const char *name = json_string_value(json_object_get(
            json_object_get(json_array_get(manifests, i), "annotations"),
            REF_NAME));
        if (name && str_eq(str_of(name), ref))
            json_array_remove(manifests, i);
    }
}

static bool write_index(struct arena *a, const struct oci_image *m,
                        struct str layout, const struct oci_blob *manifest,
                        struct err *e)
{
    struct str path = file_join(a, layout, STR("index.json"));
    struct str ref = m->ref.n ? m->ref : STR("latest");
    json_t *index, *one, *list;

    if (!load_index(a, path.s, &index, e))
        return false;
    list = member(index, "manifests", true);
    drop_ref(list, ref);
    one = descriptor(TYPE_MANIFEST, manifest);
    set(member(one, "annotations", false), STR(REF_NAME), text(ref));
    json_t *platform = member(one, "platform", false);

    set(platform, STR("architecture"), text(architecture(a, m)));
    set(platform, STR("os"), json_string("linux"));
    json_array_append_new(list, one);
    bool ok = file_write(path.s, dump(a, index), 0666, e) &&
              file_write(file_join(a, layout, STR("oci-layout")).s,
                         STR("{\"imageLayoutVersion\":\"1.0.0\"}"), 0666, e);

    if (ok)
        oci_sweep(a, layout, index);
    json_decref(index);
    return ok;
}

/* JSON has no other text. */
static bool utf8_valid(const struct str *items, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct str s = items[i];
        while (s.n) {
            size_t length = str_utf8(s);
            if (!length)
                return err_set(e, ERR_INPUT, "a text of the image's "
                               "configuration is not UTF-8");
            s = str_skip(s, length);
        }
    }
    return true;
}

static bool texts_valid(const struct oci_image *m, struct err *e)
{
    struct str single[] = {m->user, m->workdir, m->architecture, m->ref};
    bool ok = utf8_valid(single, sizeof(single) / sizeof(*single), e) &&
              utf8_valid(m->entrypoint, m->entrypoint_count, e) &&
              utf8_valid(m->cmd, m->cmd_count, e) &&
              utf8_valid(m->env, m->env_count, e) &&
              utf8_valid(m->ports, m->port_count, e);

    for (size_t i = 0; ok && i < m->label_count; i++)
        ok = utf8_valid(&m->labels[i].name, 1, e) &&
             utf8_valid(&m->labels[i].value, 1, e);
    return ok;
}

static bool build(struct arena *a, const struct oci_image *m,
                  struct oci_parts *p, struct str layout, struct str *digest,
                  struct err *e)
{
    struct oci_blob manifest;

    if (m->base.n) {
        if (!oci_base_read(a, m->base, layout, architecture(a, m), p, e))
            return false;
    } else {
        p->config = json_object();
        p->layers = json_array();
    }
    set_config(a, p, m);
    if (!add_layer(a, p, m, layout, e) ||
        !put_manifest(a, p, layout, &manifest, e) ||
        !write_index(a, m, layout, &manifest, e))
        return false;
    *digest = manifest.digest;
    return true;
}

/* Two images may be built into one layout: one after the other. */
static bool lock_layout(const char *layout, int *fd, struct err *e)
{
    if (!file_mkdirs(layout, 0777, e))
        return false;
    *fd = open(layout, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return err_errno(e, "cannot open folder '%s'", layout);
    if (flock(*fd, LOCK_EX) == 0)
        return true;
    err_errno(e, "cannot lock folder '%s'", layout);
    close(*fd);
    return false;
}

bool oci_build(struct arena *a, const struct oci_image *image,
               const char *layout, struct str *digest, struct err *e)
{
    struct oci_parts parts = {0};
    struct oci_image m = *image;
    int fd;

    *digest = STR("");
    if (!texts_valid(image, e) || !lock_layout(layout, &fd, e))
        return false;
    m.base = m.base.n ? arena_dup(a, m.base) : m.base;
    bool ok = build(a, &m, &parts, arena_dup(a, str_of(layout)), digest, e);

    json_decref(parts.config);
    json_decref(parts.layers);
    close(fd);
    return ok;
}
