#include "runtime/lua/stdlib.h"

static int compare(struct str family, struct str name,
                   const struct stdlib_file *f)
{
    int c = str_cmp(family, str_of(f->family));
    return c ? c : str_cmp(name, str_of(f->name));
}

const struct stdlib_file *stdlib_find(struct str family, struct str name)
{
    size_t low = 0, high = stdlib_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = compare(family, name, &stdlib_files[mid]);
        if (c == 0)
            return &stdlib_files[mid];
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}
