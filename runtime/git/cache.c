#include "base/file.h"
#include "runtime/git/remote_part.h"
#include "runtime/git/url.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Each fetch leaves a pack, and each lengthens every look-up. */
enum { NAME_BYTES = 8, PACKS_MAX = 100, NFTW_FDS = 16 };

/* The URL's hash, so that any name is a good one, and its end for people. */
static struct str clone_path(struct remote *r)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    char hex[2 * NAME_BYTES + 1];
    struct str base = file_base(r->shown);

    EVP_Digest(r->shown.s, r->shown.n, sum, &n, EVP_sha256(), NULL);
    for (int i = 0; i < NAME_BYTES; i++) {
        hex[2 * i] = "0123456789abcdef"[sum[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
    }
    hex[sizeof(hex) - 1] = '\0';
    if (str_ends(base, STR(".git")))
        base.n -= 4;
    return file_join(&r->arena, r->spec.cache_dir,
                     arena_printf(&r->arena, "%s-" STR_FMT "%s", hex,
                                  STR_ARG(str_sub(base, 0, 64)),
                                  r->borrows ? ".part.git" : ".git"));
}

/* A repository on this machine need not be copied: its objects are read where
 * they are. */
static void borrow_objects(struct remote *r)
{
    struct git_lib *g = &r->git;
    struct str path = url_file_path(&r->arena, r->spec.url);
    git_repository *from = NULL;
    git_odb *odb = NULL;

    if (g->repository_open(&from, path.s) == 0 &&
        g->repository_odb(&odb, r->repo) == 0)
        g->odb_add_disk_alternate(
            odb, arena_printf(&r->arena, "%s/objects",
                              g->repository_commondir(from)).s);
    g->odb_free(odb);
    g->repository_free(from);
}

/* ---- starting anew ------------------------------------------------------- */

static size_t count_packs(struct remote *r, struct str path)
{
    DIR *dir = opendir(arena_printf(&r->arena, STR_FMT "/objects/pack",
                                    STR_ARG(path)).s);
    const struct dirent *d;
    size_t n = 0;

    while (dir && (d = readdir(dir)))
        n += str_ends(str_of(d->d_name), STR(".pack"));
    if (dir)
        closedir(dir);
    return n;
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* Only while nobody else has it open: then the next fetch brings all anew, in
 * one pack. */
static void renew_if_crowded(struct remote *r, struct str path)
{
    if (flock(r->users_fd, LOCK_EX | LOCK_NB) == 0 &&
        count_packs(r, path) > PACKS_MAX)
        nftw(path.s, remove_one, NFTW_FDS, FTW_DEPTH | FTW_PHYS);
    flock(r->users_fd, LOCK_SH);
}

/* ---- opening ------------------------------------------------------------- */

static int lock_file(struct remote *r, struct str path, const char *suffix)
{
    return open(arena_printf(&r->arena, STR_FMT ".%s", STR_ARG(path),
                             suffix).s, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

bool cache_open(struct remote *r, struct err *e)
{
    struct git_lib *g = &r->git;
    struct str path = clone_path(r);
    git_repository_init_options o = {
        .version = GIT_REPOSITORY_INIT_OPTIONS_VERSION,
        .flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH |
                 GIT_REPOSITORY_INIT_NO_REINIT,
        .mode = 0700};

    if (!file_mkdirs(r->spec.cache_dir.s, 0700, e))
        return false;
    r->lock_fd = lock_file(r, path, "lock");
    r->users_fd = lock_file(r, path, "users");
    if (r->lock_fd < 0 || r->users_fd < 0)
        return err_errno(e, "cannot lock '" STR_FMT "'", STR_ARG(path));
    flock(r->lock_fd, LOCK_EX);
    renew_if_crowded(r, path);
    bool ok = g->repository_open(&r->repo, path.s) == 0 ||
              g->repository_init_ext(&r->repo, path.s, &o) == 0;

    flock(r->lock_fd, LOCK_UN);
    if (ok && r->borrows)
        borrow_objects(r);
    return ok || err_set(e, ERR_IO, "cannot make the clone '" STR_FMT "': %s",
                         STR_ARG(path), git_lib_reason(g));
}

void cache_close(struct remote *r)
{
    if (r->repo)
        r->git.repository_free(r->repo);
    if (r->lock_fd >= 0)
        close(r->lock_fd);
    if (r->users_fd >= 0)
        close(r->users_fd);
}
