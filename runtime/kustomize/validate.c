#include "runtime/kustomize/build.h"

#include "runtime/yaml/yscalar.h"
#include "runtime/yaml/ywrite.h"

/* Validators: transformers that may change nothing but put on the label
 * 'validated-by', which is looked at after each of them. What the reference
 * compares is more than the text: a value that was set again is another. */

static bool is_annotations(const struct ypair *p)
{
    return str_eq(p->key, STR("annotations"));
}

/* Do the labels come last in the metadata, where writing them anew puts
 * them? */
static bool are_last(const struct resource *r)
{
    const struct ynode *meta = ynode_get(r->node, "metadata");
    size_t n = meta->map.n;
    bool noted = r->notes != NOTES_AS_READ || r->generated || r->origin;

    if (r->notes == NOTES_AFTER_LABELS || r->transformations.n)
        return false;
    if (noted && is_annotations(&meta->map.items[n - 1]))
        n--;
    return str_eq(meta->map.items[n - 1].key, STR("labels"));
}

static bool is_as_written(const struct ypair *p)
{
    struct ynode again = {.kind = YNODE_SCALAR, .tag = YTAG_STR,
                          .text = p->value->text};

    if (str_find(again.text, '\n') < again.text.n)
        again.style = YSTYLE_LITERAL;
    else
        yscalar_quote(&again);
    return !p->line && !p->value->line && !p->value->untagged &&
           !p->value->reread && p->value->style == again.style;
}

/* Labels that look the same when they are written anew, in order and at the
 * end; those read from a file do not, since they know their lines. */
static bool survives(const struct resource *r)
{
    const struct ynode *labels = ynode_find(r->node, "metadata", "labels",
                                            NULL);

    if (!labels)
        return true;
    if (!ynode_count(labels) || labels->line || labels->reread || !are_last(r))
        return false;
    for (size_t i = 0; i < labels->map.n; i++) {
        const struct ypair *p = &labels->map.items[i];

        if (!is_as_written(p) || (i && str_cmp(p[-1].key, p->key) > 0))
            return false;
    }
    return true;
}

/* Nodes that say the same. One that was set again is another to the reference,
 * though it reads the same: it has lost its line. */
static bool is_untouched(const struct ynode *before, const struct ynode *after)
{
    bool same = before->line == after->line &&
                before->untagged == after->untagged &&
                before->reread == after->reread &&
                before->style == after->style;

    for (size_t i = 0; same && i < ynode_count(before); i++) {
        if (before->kind == YNODE_SEQ) {
            same = is_untouched(before->seq.items[i], after->seq.items[i]);
            continue;
        }
        const struct ypair *was = &before->map.items[i];
        const struct ypair *is = &after->map.items[i];

        same = str_eq(was->key, is->key) && was->line == is->line &&
               is_untouched(was->value, is->value);
    }
    return same;
}

static bool is_read(const struct ynode *n)
{
    bool read = n->line && !n->untagged && !n->reread;

    for (size_t i = 0; read && i < ynode_count(n); i++)
        read = is_read(ynode_is_map(n) ? n->map.items[i].value
                                       : n->seq.items[i]);
    return read;
}

/* Of an object as it was read, a JSON patch makes the same only where the file
 * has it as it is written then, comments and all. */
static bool is_as_in_file(const struct resource *before,
                          const struct resource *after)
{
    struct buf b = {0};
    bool same = !before->former.n && !before->prefixes.n &&
                !before->suffixes.n && !before->needs_hash &&
                !before->generated && !before->origin &&
                !ynode_find(before->node, "metadata", "annotations", NULL) &&
                is_read(before->node) &&
                ywrite_reread(&b, after->node, &(struct err){0}) &&
                str_starts(before->text, str_trim(buf_str(&b))) &&
                !str_trim(str_skip(before->text, b.n)).n;

    buf_free(&b);
    return same;
}

/* Of what a JSON patch left, another one makes the same where nothing was done
 * to it since: each value still has its line. */
static bool is_as_reread(const struct resource *before,
                         const struct resource *after)
{
    const struct ynode *was = before->reread.notes, *is = after->reread.notes;

    return !before->origin && before->reread.nodes == after->reread.nodes &&
           (was && is ? ynode_equal(was, is) : was == is);
}

/* Is the object as before but for the label? What the reference notes of it
 * counts: a namespace that is set again is a change. */
static bool is_unchanged(struct target *t, const struct resource *before,
                         const struct resource *after)
{
    struct ynode *labels = resource_labels(after), *now = after->node;

    if (before->former.n != after->former.n ||
        before->prefixes.n != after->prefixes.n ||
        before->suffixes.n != after->suffixes.n)
        return false;
    if (ynode_get(labels, "validated-by")) {
        if (!survives(before))
            return false;
        now = ynode_copy(t->b->a, now);
        labels = ynode_find(now, "metadata", "labels", NULL);
        ynode_remove(labels, STR("validated-by"));
        if (!labels->map.n)
            ynode_remove(ynode_get(now, "metadata"), STR("labels"));
    }
    if (!ynode_equal(before->node, now))
        return false;
    if (!before->reread.times && after->reread.times)
        return is_as_in_file(before, after);
    return (before->reread.times == after->reread.times ||
            is_as_reread(before, after)) &&
           is_untouched(before->node, now);
}

static bool bad(struct target *t, const struct resource *plugin,
                const struct resource *before, const struct resource *after,
                struct err *e)
{
    bool again = ynode_equal(before->node, after->node);

    return err_set(e, ERR_INPUT, "%s: this validator %s the " STR_FMT " '"
                   STR_FMT "'%s; what changes objects belongs in "
                   "'transformers'",
                   ynode_where(t->b->a, plugin->node).s,
                   again ? "sets again what is in" : "changes",
                   STR_ARG(resource_kind(before)),
                   STR_ARG(resource_name(before)),
                   again ? ", which counts as a change: a JSON patch writes "
                           "the object anew, too, with its fields in order"
                         : "");
}

static bool validate(struct target *t, struct accumulator *acc,
                     const struct resource *plugin, struct err *e)
{
    struct resource_set before = {0};

    for (size_t i = 0; i < acc->m.n; i++)
        arena_push(t->b->a, &before,
                   resource_copy(t->b->a, acc->m.items[i]));
    if (!target_run_plugin(t, acc, plugin, "validator", NULL, e))
        return false;
    for (size_t i = 0; i < before.n && i < acc->m.n; i++)
        if (!is_unchanged(t, before.items[i], acc->m.items[i]))
            return bad(t, plugin, before.items[i], acc->m.items[i], e);
    return before.n == acc->m.n ||
           err_set(e, ERR_INPUT, "%s: this validator takes objects away; what "
                   "changes objects belongs in 'transformers'",
                   ynode_where(t->b->a, plugin->node).s);
}

bool target_validators(struct target *t, struct accumulator *acc,
                       struct err *e)
{
    struct accumulator own;

    if (!kfile_list(&t->k, "validators"))
        return true;
    accumulator_init(&own, t->b);
    bool ok = target_plugins(t, "validators", &own, e);

    for (size_t i = 0; ok && i < own.m.n; i++)
        ok = validate(t, acc, own.m.items[i], e);
    accumulator_free(&own);
    return ok;
}
