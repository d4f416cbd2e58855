#include "base/diff.h"

#include "base/arena.h"

#include <stdint.h>
#include <string.h>

struct lines {
    struct str *items;
    uint32_t *hashes;
    size_t n;
};

/* keep[i]: line i stands in both texts. */
struct diff {
    struct arena arena;
    struct lines old, new;
    bool *old_kept, *new_kept;
};

/* Each with its newline, so that a missing one at the end is a difference. */
static struct lines split(struct arena *a, struct str text)
{
    struct lines l = {0};
    size_t n = 1;

    for (size_t i = 0; i < text.n; i++)
        n += text.s[i] == '\n';
    l.items = arena_array(a, struct str, n);
    l.hashes = arena_array(a, uint32_t, n);
    while (text.n) {
        size_t end = str_find(text, '\n');
        struct str line = str_sub(text, 0, end + (end < text.n));

        text = str_skip(text, line.n);
        l.hashes[l.n] = str_hash(line);
        l.items[l.n++] = line;
    }
    return l;
}

static bool same(const struct diff *d, size_t i, size_t j)
{
    return d->old.hashes[i] == d->new.hashes[j] &&
           str_eq(d->old.items[i], d->new.items[j]);
}

static void keep(struct diff *d, size_t i, size_t j)
{
    d->old_kept[i] = true;
    d->new_kept[j] = true;
}

/* The part of both texts between the common start and the common end. */
struct middle {
    size_t from;         /* in both */
    ptrdiff_t n, m;      /* lines of old, of new */
};

/* Furthest x on diagonal k after d edits, from the row of d - 1 edits. */
static ptrdiff_t step(const ptrdiff_t *row, ptrdiff_t d, ptrdiff_t k)
{
    if (k == -d || (k != d && row[k - 1] < row[k + 1]))
        return row[k + 1];
    return row[k - 1] + 1;
}

/* Walks back from the end through the saved rows, marking what is kept. */
static void trace(struct diff *f, struct middle w, ptrdiff_t **rows,
                  ptrdiff_t d)
{
    ptrdiff_t x = w.n, y = w.m;

    for (; d >= 0; d--) {
        ptrdiff_t k = x - y;
        ptrdiff_t start = d ? step(rows[d - 1], d, k) : 0;

        while (x > start && x > 0 && y > 0) {
            x--, y--;
            keep(f, w.from + (size_t)x, w.from + (size_t)y);
        }
        if (d == 0)
            return;
        bool down = k == -d ||
                    (k != d && rows[d - 1][k - 1] < rows[d - 1][k + 1]);

        x -= !down;
        y -= down;
    }
}

static void compare(struct diff *f, struct middle w)
{
    ptrdiff_t *rows[DIFF_EDITS_MAX + 1];
    ptrdiff_t max = w.n + w.m < DIFF_EDITS_MAX ? w.n + w.m : DIFF_EDITS_MAX;

    for (ptrdiff_t d = 0; d <= max; d++) {
        rows[d] = arena_array(&f->arena, ptrdiff_t, (size_t)(2 * d + 5));
        rows[d] += d + 2;
        for (ptrdiff_t k = -d; k <= d; k += 2) {
            ptrdiff_t x = d ? step(rows[d - 1], d, k) : 0, y = x - k;

            while (x < w.n && y >= 0 && y < w.m &&
                   same(f, w.from + (size_t)x, w.from + (size_t)y))
                x++, y++;
            rows[d][k] = x;
            if (x >= w.n && y >= w.m) {
                trace(f, w, rows, d);
                return;
            }
        }
    }
}

static void find_kept(struct diff *f)
{
    size_t n = f->old.n, m = f->new.n, from = 0;

    while (from < n && from < m && same(f, from, from)) {
        keep(f, from, from);
        from++;
    }
    while (n > from && m > from && same(f, n - 1, m - 1)) {
        n--, m--;
        keep(f, n, m);
    }
    compare(f, (struct middle){from, (ptrdiff_t)(n - from),
                               (ptrdiff_t)(m - from)});
}

static void put_line(struct buf *out, char mark, struct str line)
{
    buf_addc(out, mark);
    buf_add(out, line);
    if (!str_ends(line, STR("\n")))
        buf_adds(out, "\n\\ No newline at end of file\n");
}

struct range {
    size_t i, j; /* lines of old and new */
};

/* The next change at or after r: false where there is none. */
static bool next_change(const struct diff *f, struct range *r)
{
    while (r->i < f->old.n && r->j < f->new.n && f->old_kept[r->i] &&
           f->new_kept[r->j])
        r->i++, r->j++;
    return r->i < f->old.n || r->j < f->new.n;
}

static struct range change_end(const struct diff *f, struct range r)
{
    while (r.i < f->old.n && !f->old_kept[r.i])
        r.i++;
    while (r.j < f->new.n && !f->new_kept[r.j])
        r.j++;
    return r;
}

static void put_body(const struct diff *f, struct buf *out, struct range r,
                     struct range end)
{
    while (r.i < end.i || r.j < end.j) {
        if (r.i < end.i && !f->old_kept[r.i]) {
            put_line(out, '-', f->old.items[r.i++]);
        } else if (r.j < end.j && !f->new_kept[r.j]) {
            put_line(out, '+', f->new.items[r.j++]);
        } else {
            put_line(out, ' ', f->old.items[r.i++]);
            r.j++;
        }
    }
}

static void put_range(struct buf *out, char mark, size_t from, size_t n)
{
    buf_addf(out, " %c%zu", mark, n ? from + 1 : from);
    if (n != 1)
        buf_addf(out, ",%zu", n);
}

/* One hunk, from the change at r: changes less than two contexts apart share
 * it. Returns where it ends. */
static struct range put_hunk(const struct diff *f, struct buf *out,
                             struct range r, size_t context)
{
    size_t before = r.i < r.j ? r.i : r.j;

    before = before < context ? before : context;
    struct range from = {r.i - before, r.j - before}, end = change_end(f, r);

    for (;;) {
        struct range next = end;

        if (!next_change(f, &next) || next.i - end.i > 2 * context)
            break;
        end = change_end(f, next);
    }
    size_t after = f->old.n - end.i < context ? f->old.n - end.i : context;

    end.i += after;
    end.j += after;
    buf_adds(out, "@@");
    put_range(out, '-', from.i, end.i - from.i);
    put_range(out, '+', from.j, end.j - from.j);
    buf_adds(out, " @@\n");
    put_body(f, out, from, end);
    return end;
}

void diff_unified(struct buf *out, struct str old_name, struct str new_name,
                  struct str old_text, struct str new_text, size_t context)
{
    struct diff f = {0};
    struct range r = {0};

    if (str_eq(old_text, new_text))
        return;
    f.old = split(&f.arena, old_text);
    f.new = split(&f.arena, new_text);
    f.old_kept = arena_array(&f.arena, bool, f.old.n + 1);
    f.new_kept = arena_array(&f.arena, bool, f.new.n + 1);
    find_kept(&f);
    buf_addf(out, "--- " STR_FMT "\n+++ " STR_FMT "\n", STR_ARG(old_name),
             STR_ARG(new_name));
    while (next_change(&f, &r))
        r = put_hunk(&f, out, r, context);
    arena_free(&f.arena);
}
