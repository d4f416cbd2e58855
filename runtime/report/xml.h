#ifndef RUNTIME_REPORT_XML_H
#define RUNTIME_REPORT_XML_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/* Writes an XML document, by libxml2's writer, which is loaded when first
 * used. Whatever the texts hold, the document is well-formed: characters that
 * XML 1.0 has no room for, and malformed UTF-8, become U+FFFD. The first
 * failure is kept; xml_close() tells it. */
struct xml;

/* NULL and ERR_IO where the library is not there. */
struct xml *xml_open(struct err *e);
/* Begins an element inside the one that is open; name is a literal. */
void xml_start(struct xml *x, const char *name);
/* Of the element just begun. */
void xml_attr(struct xml *x, const char *name, struct str text);
void xml_text(struct xml *x, struct str text);
void xml_end(struct xml *x);
/* Ends all that is open, adds the document to out and frees x. NULL is fine. */
bool xml_close(struct xml *x, struct buf *out, struct err *e);

#endif
