/* Any bytes are read as YAML: nothing crashes or grows without bound. What can
 * be written is read again and written to the same bytes, and its JSON is
 * JSON. */
#include "base/buf.h"
#include "base/die.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/ywrite.h"

#include <jansson.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_BYTES_MAX = 64 * 1024 };

static const struct yread_options options = {
    .file = "fuzz.yaml", .duplicates = YDUP_KEEP, .nodes_max = 100 * 1000,
};

/* Texts with breaks that YAML folds, and keys that merge, do not come back:
 * nor do they from the reference. */
static bool comes_back(struct str text)
{
    return str_search(text, STR("\xe2\x80")) == text.n &&
           str_search(text, STR("<<")) == text.n;
}

static void check_again(struct arena *a, struct str text)
{
    struct ynode *n;
    struct err e = {0};
    struct buf b = {0};

    if (!yread_first(a, text, &options, &n, &e) || !n)
        BUG("written, but not read again: %s", e.msg);
    if (!ywrite_yaml(&b, n, &e) || !str_eq(buf_str(&b), text))
        BUG("written differently the second time");
    buf_free(&b);
}

static void check_json(const struct ynode *n)
{
    struct err e = {0};
    struct buf b = {0};
    json_error_t wrong;

    if (ywrite_json(&b, n, &e)) {
        json_t *j = json_loadb(b.s, b.n,
                               JSON_DECODE_ANY | JSON_ALLOW_NUL |
                                   JSON_DECODE_INT_AS_REAL, &wrong);

        /* Keys that begin with a NUL are the one thing jansson refuses. */
        if (!j && str_search(buf_str(&b), STR("\\u0000")) == b.n)
            BUG("no JSON: %s", wrong.text);
        json_decref(j);
    }
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct yread_docs docs = {0};
    struct err e = {0};
    struct str text = {(const char *)data, size};

    if (size > FUZZ_BYTES_MAX)
        return 0;
    if (!yread_all(&a, text, &options, &docs, &e) && !e.kind)
        BUG("refused without a word");
    for (size_t i = 0; i < docs.n; i++) {
        struct buf b = {0};
        struct err each = {0};

        if (ywrite_yaml(&b, docs.items[i], &each) && comes_back(buf_str(&b)))
            check_again(&a, buf_str(&b));
        check_json(docs.items[i]);
        buf_free(&b);
    }
    arena_free(&a);
    return 0;
}
