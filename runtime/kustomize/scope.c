#include "runtime/kustomize/scope.h"

struct entry {
    struct str api_version, kind;
    enum scope scope;
};

static const struct entry entries[] = {
#include "kustomize_scope.inc"
};

/* By the kind's length, the kind, the version: so most steps of a search look
 * at no text. */
static int compare(const struct entry *x, struct str api_version,
                   struct str kind)
{
    if (x->kind.n != kind.n)
        return x->kind.n < kind.n ? -1 : 1;
    int c = str_cmp(x->kind, kind);

    return c ? c : str_cmp(x->api_version, api_version);
}

enum scope scope_of(struct str api_version, struct str kind)
{
    size_t low = 0, high = sizeof(entries) / sizeof(*entries);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = compare(&entries[mid], api_version, kind);

        if (c == 0)
            return entries[mid].scope;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return SCOPE_UNKNOWN;
}
