#include "runtime/oci/blob.h"

#include "base/die.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, HEX_DIGITS = 64 };

struct str blob_digest(struct arena *a, EVP_MD_CTX *hash)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned n = 0;

    if (EVP_DigestFinal_ex(hash, sum, &n) != 1)
        BUG("SHA-256 does not end");
    EVP_MD_CTX_free(hash);
    for (unsigned i = 0; i < n; i++) {
        hex[2 * i] = "0123456789abcdef"[sum[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
    }
    return arena_printf(a, "sha256:%s", hex);
}

/* Only this one form is ever turned into a path. */
static bool digest_valid(struct str digest)
{
    struct str hex = str_skip(digest, STR("sha256:").n);
    bool ok = str_starts(digest, STR("sha256:")) && hex.n == HEX_DIGITS;

    for (size_t i = 0; ok && i < hex.n; i++)
        ok = (hex.s[i] >= '0' && hex.s[i] <= '9') ||
             (hex.s[i] >= 'a' && hex.s[i] <= 'f');
    return ok;
}

static struct str blob_path(struct arena *a, struct str layout,
                            struct str digest)
{
    struct str hex = str_skip(digest, STR("sha256:").n);

    return arena_printf(a, STR_FMT "/blobs/sha256/" STR_FMT, STR_ARG(layout),
                        STR_ARG(hex));
}

bool blob_create(struct blob_writer *w, struct arena *a, struct str layout,
                 struct err *e)
{
    struct str folder =
        arena_printf(a, STR_FMT "/blobs/sha256", STR_ARG(layout));

    *w = (struct blob_writer){.layout = layout, .fd = -1};
    if (!file_mkdirs(folder.s, 0777, e))
        return false;
    w->temporary = arena_printf(a, STR_FMT "/.tmp.%ld", STR_ARG(folder),
                                (long)getpid());
    w->fd = open(w->temporary.s, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (w->fd < 0)
        return err_errno(e, "cannot create '%s'", w->temporary.s);
    w->hash = EVP_MD_CTX_new();
    if (!w->hash || EVP_DigestInit_ex(w->hash, EVP_sha256(), NULL) != 1)
        die_oom();
    return true;
}

bool blob_write(struct blob_writer *w, struct str bytes, struct err *e)
{
    EVP_DigestUpdate(w->hash, bytes.s, bytes.n);
    w->size += (int64_t)bytes.n;
    return file_write_fd(w->fd, bytes, e) ||
           err_wrap(e, "'%s'", w->temporary.s);
}

bool blob_finish(struct blob_writer *w, struct arena *a, struct oci_blob *out,
                 struct err *e)
{
    *out = (struct oci_blob){blob_digest(a, w->hash), w->size};
    w->hash = NULL;
    struct str path = blob_path(a, w->layout, out->digest);
    int closed = close(w->fd);

    w->fd = -1;
    if (closed < 0 || rename(w->temporary.s, path.s) < 0)
        return err_errno(e, "cannot write '%s'", path.s);
    w->temporary.n = 0;
    return true;
}

void blob_discard(struct blob_writer *w)
{
    if (!w->temporary.s)
        return;
    if (w->fd >= 0)
        close(w->fd);
    if (w->temporary.n)
        unlink(w->temporary.s);
    EVP_MD_CTX_free(w->hash);
    *w = (struct blob_writer){.fd = -1};
}

bool blob_put(struct arena *a, struct str layout, struct str bytes,
              struct oci_blob *out, struct err *e)
{
    struct blob_writer w = {0};
    bool ok = blob_create(&w, a, layout, e) && blob_write(&w, bytes, e) &&
              blob_finish(&w, a, out, e);

    blob_discard(&w);
    return ok;
}

static bool fail_digest(struct str digest, struct err *e)
{
    return err_set(e, ERR_INPUT, "the blob '" STR_FMT "' is not what its "
                   "name says", STR_ARG(digest));
}

bool blob_get(struct arena *a, struct str layout, struct str digest,
              size_t max, struct str *bytes, struct err *e)
{
    EVP_MD_CTX *hash;

    if (!digest_valid(digest))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is no SHA-256 digest",
                       STR_ARG(digest));
    if (!file_read(a, blob_path(a, layout, digest).s, max, bytes, e))
        return false;
    hash = EVP_MD_CTX_new();
    if (!hash || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
        die_oom();
    EVP_DigestUpdate(hash, bytes->s, bytes->n);
    return str_eq(blob_digest(a, hash), digest) || fail_digest(digest, e);
}

static bool copy_all(int fd, struct blob_writer *w, struct err *e)
{
    char *chunk = malloc(CHUNK);
    bool ok = true;
    ssize_t n;

    if (!chunk)
        die_oom();
    while (ok && (n = read(fd, chunk, CHUNK)) != 0) {
        if (n > 0)
            ok = blob_write(w, (struct str){chunk, (size_t)n}, e);
        else if (errno != EINTR)
            ok = err_errno(e, "cannot read a blob");
    }
    free(chunk);
    return ok;
}

bool blob_copy(struct arena *a, struct str from, struct str to,
               struct str digest, struct err *e)
{
    struct blob_writer w = {0};
    struct oci_blob got;

    if (!digest_valid(digest))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is no SHA-256 digest",
                       STR_ARG(digest));
    if (access(blob_path(a, to, digest).s, F_OK) == 0)
        return true;
    struct str path = blob_path(a, from, digest);
    int fd = open(path.s, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_errno(e, "cannot open '%s'", path.s);
    bool ok = blob_create(&w, a, to, e) && copy_all(fd, &w, e) &&
              blob_finish(&w, a, &got, e);

    if (ok && !str_eq(got.digest, digest)) {
        unlink(blob_path(a, to, got.digest).s);
        ok = fail_digest(digest, e);
    }
    close(fd);
    blob_discard(&w);
    return ok;
}
