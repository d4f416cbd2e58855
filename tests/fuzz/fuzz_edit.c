/* What can be edited can be edited again: after an image is set, the text still
 * reads, has the image once with its new tag, and every other field as it was;
 * the same edit changes nothing more. */
#include "base/die.h"
#include "runtime/kustomize/edit.h"
#include "runtime/yaml/yread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ynode *read_text(struct arena *a, struct str text)
{
    struct yread_options o = {.dialect = YDIALECT_11,
                              .duplicates = YDUP_REFUSE};
    struct ynode *n = NULL;
    struct err e = {0};

    if (!yread_first(a, text, &o, &n, &e))
        BUG("does not read any more: %s\n" STR_FMT, e.msg, STR_ARG(text));
    return n;
}

static void check_image(const struct ynode *root, struct str text)
{
    const struct ynode *images = ynode_get(root, "images");
    size_t found = 0;

    for (size_t i = 0; ynode_is_seq(images) && i < images->seq.n; i++) {
        const struct ynode *x = images->seq.items[i];

        if (!str_eq(ynode_get_text(x, "name"), STR("fuzz")))
            continue;
        if (found++ == 0 && !str_eq(ynode_get_text(x, "newTag"), STR("7")))
            BUG("no new tag in\n" STR_FMT, STR_ARG(text));
    }
    if (!found)
        BUG("no image in\n" STR_FMT, STR_ARG(text));
}

static void check_rest(const struct ynode *before, const struct ynode *after,
                       struct str text)
{
    for (size_t i = 0; ynode_is_map(before) && i < before->map.n; i++) {
        const struct ypair *p = &before->map.items[i];

        if (!str_eq(p->key, STR("images")) &&
            !ynode_equal(p->value, ynode_get_str(after, p->key)))
            BUG("'" STR_FMT "' changed in\n" STR_FMT, STR_ARG(p->key),
                STR_ARG(text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size}, once, twice;
    struct arena a = {0};
    struct err e = {0};

    if (kustomize_edit_set_image(&a, text, STR("fuzz"), STR(":7"), &once,
                                 &e)) {
        const struct ynode *after = read_text(&a, once);

        /* An edit ends the last line, and with it a block's text there. */
        text = arena_printf(&a, STR_FMT "\n", STR_ARG(text));
        check_image(after, once);
        check_rest(read_text(&a, text), after, once);
        if (!kustomize_edit_set_image(&a, once, STR("fuzz"), STR(":7"), &twice,
                                      &e) ||
            !str_eq(once, twice))
            BUG("the same edit changes it again\n" STR_FMT, STR_ARG(once));
    }
    arena_free(&a);
    return 0;
}
