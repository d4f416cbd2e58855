#include "runtime/sched/content.h"

#include "base/file.h"

#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 256 * 1024, DIR_MODE = 0700 };

static struct str hex_of(struct arena *a, const unsigned char *sum, unsigned n)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = arena_array(a, char, 2 * (size_t)n + 1);

    for (unsigned i = 0; i < n; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    return (struct str){hex, 2 * (size_t)n};
}

static bool digest_file(EVP_MD_CTX *md, int fd, char *chunk)
{
    ssize_t n;

    while ((n = read(fd, chunk, CHUNK_BYTES)) > 0)
        EVP_DigestUpdate(md, chunk, (size_t)n);
    return n == 0;
}

bool content_digest(struct arena *a, const char *path, struct str *hex,
                 mode_t *mode, struct err *e)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct arena scratch = {0};
    char *chunk = arena_array(&scratch, char, CHUNK_BYTES);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    struct stat st;
    int fd = -1;
    bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) &&
              !lstat(path, &st);

    if (ok && S_ISLNK(st.st_mode)) {
        ssize_t len = readlink(path, chunk, PATH_MAX);

        ok = len >= 0 && EVP_DigestUpdate(md, chunk, (size_t)len);
    } else if (ok) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        ok = fd >= 0 && digest_file(md, fd, chunk);
    }
    if (!ok)
        err_errno(e, "'%s'", path);
    else
        EVP_DigestFinal_ex(md, sum, &n);
    if (fd >= 0)
        close(fd);
    EVP_MD_CTX_free(md);
    arena_free(&scratch);
    *hex = hex_of(a, sum, n);
    *mode = ok ? st.st_mode : 0;
    return ok;
}

/* A temporary beside `to`, renamed: nobody sees a part of it. */
static bool copy(const char *from, const char *to, mode_t mode, struct err *e)
{
    struct arena a = {0};
    struct str temp = arena_printf(&a, "%s.%d~", to, (int)getpid());
    char *chunk = arena_array(&a, char, CHUNK_BYTES);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in < 0 ? -1
                     : open(temp.s, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                            mode & 0777);
    bool ok = out >= 0 || err_errno(e, "copying '%s'", from);
    ssize_t n = 0;

    while (ok && (n = read(in, chunk, CHUNK_BYTES)) > 0)
        ok = file_write_fd(out, (struct str){chunk, (size_t)n}, e);
    if (ok && (n < 0 || fchmod(out, mode & 0777) || rename(temp.s, to)))
        ok = err_errno(e, "'%s'", to);
    if (!ok && out >= 0)
        unlink(temp.s);
    if (out >= 0)
        close(out);
    if (in >= 0)
        close(in);
    arena_free(&a);
    return ok;
}

static struct str place(struct arena *a, const char *dir, struct str hex)
{
    return arena_printf(a, "%s/%.2s/" STR_FMT, dir, hex.s, STR_ARG(hex));
}

bool content_keep(const char *dir, struct str hex, const char *path,
               struct err *e)
{
    struct arena a = {0};
    struct str to = place(&a, dir, hex);
    struct str folder = arena_dup(&a, file_dir(to));
    bool ok = !access(to.s, F_OK) ||
              (file_mkdirs(folder.s, DIR_MODE, e) &&
               copy(path, to.s, 0600, e));

    arena_free(&a);
    return ok;
}

bool content_restore(const char *dir, struct str hex, mode_t mode,
                  const char *path, struct err *e)
{
    struct arena a = {0};
    struct str from = place(&a, dir, hex);
    struct str folder = arena_dup(&a, file_dir(str_of(path)));
    bool ok = file_mkdirs(folder.s, 0777, e) && copy(from.s, path, mode, e);

    arena_free(&a);
    return ok;
}
