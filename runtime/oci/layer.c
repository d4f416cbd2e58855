#include "runtime/oci/layer.h"

#include "base/die.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, BLOCK = 64 * 1024 };

/* The way of the bytes: tar -> hash of the tar -> gzip -> blob. */
struct pipeline {
    const struct archive_lib *lib;
    struct archive *tar, *gzip;
    EVP_MD_CTX *tar_hash;
    struct blob_writer blob;
    struct err *e; /* what a callback met */
};

static la_ssize_t on_tar(struct archive *x, void *ctx, const void *p, size_t n)
{
    struct pipeline *s = ctx;

    (void)x;
    EVP_DigestUpdate(s->tar_hash, p, n);
    return s->lib->write_data(s->gzip, p, n) == (la_ssize_t)n ? (la_ssize_t)n
                                                              : -1;
}

static la_ssize_t on_gzip(struct archive *x, void *ctx, const void *p,
                          size_t n)
{
    struct pipeline *s = ctx;

    if (blob_write(&s->blob, (struct str){p, n}, s->e))
        return (la_ssize_t)n;
    s->lib->set_error(x, EIO, "%s", s->e->msg);
    return -1;
}

static bool fail(struct pipeline *s, struct archive *x, struct err *e)
{
    const char *why = s->lib->error_string(x);

    if (!e->msg[0])
        err_set(e, ERR_IO, "cannot write a layer: %s",
                why ? why : "unknown reason");
    return false;
}

/* "raw" is a gzip stream of whatever it is given, as one entry. Without its
 * time stamp the stream is the same each time. */
static bool open_gzip(struct pipeline *s, struct err *e)
{
    const struct archive_lib *l = s->lib;
    struct archive_entry *entry = l->entry_new();

    s->gzip = l->write_new();
    if (!s->gzip || !entry)
        die_oom();
    l->entry_set_filetype(entry, S_IFREG);
    bool ok = l->write_set_format_raw(s->gzip) == ARCHIVE_OK &&
              l->write_add_filter_gzip(s->gzip) == ARCHIVE_OK &&
              l->write_set_filter_option(s->gzip, "gzip", "timestamp",
                                         NULL) == ARCHIVE_OK &&
              l->write_set_bytes_per_block(s->gzip, BLOCK) == ARCHIVE_OK &&
              l->write_set_bytes_in_last_block(s->gzip, 1) == ARCHIVE_OK &&
              l->write_open(s->gzip, s, NULL, on_gzip, NULL) == ARCHIVE_OK &&
              l->write_header(s->gzip, entry) == ARCHIVE_OK;

    l->entry_free(entry);
    return ok || fail(s, s->gzip, e);
}

static bool open_tar(struct pipeline *s, struct err *e)
{
    const struct archive_lib *l = s->lib;

    s->tar = l->write_new();
    s->tar_hash = EVP_MD_CTX_new();
    if (!s->tar || !s->tar_hash ||
        EVP_DigestInit_ex(s->tar_hash, EVP_sha256(), NULL) != 1)
        die_oom();
    return (l->write_set_format_gnutar(s->tar) == ARCHIVE_OK &&
            l->write_set_bytes_per_block(s->tar, BLOCK) == ARCHIVE_OK &&
            l->write_set_bytes_in_last_block(s->tar, 1) == ARCHIVE_OK &&
            l->write_open(s->tar, s, NULL, on_tar, NULL) == ARCHIVE_OK) ||
           fail(s, s->tar, e);
}

/* ---- entries ------------------------------------------------------------- */

static bool write_file(struct pipeline *s, const struct layer_entry *x,
                       struct err *e)
{
    int64_t left = x->size;
    char *chunk = malloc(CHUNK);
    int fd = open(x->from.s, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd >= 0 || err_errno(e, "cannot open '%s'", x->from.s);

    if (!chunk)
        die_oom();
    while (ok && left > 0) {
        size_t want = left < CHUNK ? (size_t)left : (size_t)CHUNK;
        ssize_t n = read(fd, chunk, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            ok = err_set(e, ERR_IO, "'%s' changed while it was read",
                         x->from.s);
        else if (s->lib->write_data(s->tar, chunk, (size_t)n) != n)
            ok = fail(s, s->tar, e);
        left -= n;
    }
    if (fd >= 0)
        close(fd);
    free(chunk);
    return ok;
}

static bool write_entry(struct pipeline *s, const struct layer_entry *x,
                        struct arena *a, int64_t mtime_s, struct err *e)
{
    const struct archive_lib *l = s->lib;
    struct archive_entry *entry = l->entry_new();

    if (!entry)
        die_oom();
    l->entry_set_pathname(entry, arena_printf(
        a, STR_FMT "%s", STR_ARG(x->path), x->type == S_IFDIR ? "/" : "").s);
    l->entry_set_filetype(entry, x->type);
    l->entry_set_perm(entry, x->mode);
    l->entry_set_uid(entry, 0);
    l->entry_set_gid(entry, 0);
    l->entry_set_mtime(entry, mtime_s, 0);
    l->entry_set_size(entry, x->type == S_IFREG ? x->size : 0);
    if (x->type == S_IFLNK)
        l->entry_set_symlink(entry, x->target.s);
    bool ok = l->write_header(s->tar, entry) == ARCHIVE_OK ||
              fail(s, s->tar, e);

    l->entry_free(entry);
    if (!ok || x->type != S_IFREG || !x->size)
        return ok;
    if (x->from.n)
        return write_file(s, x, e);
    return l->write_data(s->tar, x->text.s, x->text.n) ==
               (la_ssize_t)x->text.n || fail(s, s->tar, e);
}

static bool write_all(struct pipeline *s, const struct layer *l,
                      int64_t mtime_s, struct err *e)
{
    for (size_t i = 0; i < l->entries.n; i++)
        if (!write_entry(s, &l->entries.items[i], l->arena, mtime_s, e))
            return false;
    if (s->lib->write_close(s->tar) != ARCHIVE_OK)
        return fail(s, s->tar, e);
    return s->lib->write_close(s->gzip) == ARCHIVE_OK || fail(s, s->gzip, e);
}

bool layer_write(const struct layer *l, const struct archive_lib *lib,
                 struct str layout, int64_t mtime_s, struct oci_blob *blob,
                 struct str *diff_id, struct err *e)
{
    struct pipeline s = {.lib = lib, .e = e};
    bool ok = blob_create(&s.blob, l->arena, layout, e) && open_gzip(&s, e) &&
              open_tar(&s, e) && write_all(&s, l, mtime_s, e) &&
              blob_finish(&s.blob, l->arena, blob, e);

    if (s.tar)
        lib->write_free(s.tar);
    if (s.gzip)
        lib->write_free(s.gzip);
    if (s.tar_hash)
        *diff_id = blob_digest(l->arena, s.tar_hash);
    blob_discard(&s.blob);
    return ok;
}
