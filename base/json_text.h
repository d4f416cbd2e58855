#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include "base/buf.h"

#include <jansson.h>

/* Adds a document for people and programs to read: two columns a level, a
 * newline at the end. Takes the reference to it; NULL adds nothing. */
void json_text(struct buf *out, json_t *document);

#endif
