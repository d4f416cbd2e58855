/* A whole build on files in memory: nothing crashes, hangs or leaves its
 * files; what is refused is refused with a word, and the same files make the
 * same bytes twice. The input holds files that begin with "=== path"; the
 * directory "ov" is built, or the top where there is none. */
#include "base/buf.h"
#include "base/die.h"
#include "runtime/kustomize/kustomize.h"
#include "runtime/kustomize/vfs_memory.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_BYTES_MAX = 64 * 1024 };

static bool build(struct str text, struct buf *out)
{
    struct arena a = {0};
    struct vfs_memory files;
    struct kustomize_result r;
    struct err e = {0};

    vfs_memory_init(&files, &a);
    vfs_memory_add_all(&files, text);
    struct kustomize_options o = {.vfs = &files.vfs, .no_remote = true};
    bool top = files.vfs.kind(&files, "/ov") != VFS_DIR;
    bool ok = kustomize_build(&a, &o, top ? STR("/") : STR("/ov"), &r, &e) &&
              kustomize_write(out, &r, &e);

    if (!ok && !e.kind)
        BUG("refused without a word");
    kustomize_free(&r);
    arena_free(&a);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct buf once = {0}, again = {0};

    if (size > FUZZ_BYTES_MAX)
        return 0;
    bool ok = build(text, &once);

    if (ok != build(text, &again) ||
        (ok && !str_eq(buf_str(&once), buf_str(&again))))
        BUG("not the same the second time");
    buf_free(&once);
    buf_free(&again);
    return 0;
}
