#include "base/json_text.h"

#include <stdlib.h>

void json_text(struct buf *out, json_t *document)
{
    char *text = document ? json_dumps(document, JSON_INDENT(2)) : NULL;

    if (text) {
        buf_adds(out, text);
        buf_addc(out, '\n');
    }
    free(text);
    json_decref(document);
}
