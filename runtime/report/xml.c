#include "runtime/report/xml.h"

#include "base/die.h"
#include "base/dylib.h"

#include <stddef.h>
#include <stdlib.h>

struct xml_lib {
#define XML_FN(name, result, parameters) result(*name) parameters;
#include "runtime/report/libxml2.def"
#undef XML_FN
};

static const char *const sonames[] = {"libxml2.so.2", NULL};

static const struct dylib_symbol symbols[] = {
#define XML_FN(name, result, parameters)                                    \
    {"xml" #name, offsetof(struct xml_lib, name)},
#include "runtime/report/libxml2.def"
#undef XML_FN
    {0},
};

struct xml {
    struct xml_lib lib;
    void *buffer, *writer;
    struct buf clean; /* the text at hand */
    bool failed;
};

static void check(struct xml *x, int code)
{
    if (code < 0)
        x->failed = true;
}

struct xml *xml_open(struct err *e)
{
    const struct dylib lib = {
        .sonames = sonames, .package = "libxml2", .symbols = symbols};
    struct xml *x = calloc(1, sizeof(*x));

    if (!x)
        die_oom();
    if (!dylib_load(&lib, &x->lib, e)) {
        free(x);
        return NULL;
    }
    x->buffer = x->lib.BufferCreate();
    x->writer = x->buffer ? x->lib.NewTextWriterMemory(x->buffer, 0) : NULL;
    if (!x->writer)
        die_oom();
    check(x, x->lib.TextWriterSetIndent(x->writer, 1));
    check(x, x->lib.TextWriterStartDocument(x->writer, NULL, "UTF-8", NULL));
    return x;
}

/* The characters of XML 1.0, by UTF-8 sequences; 0 where there is none. */
static size_t character(struct str s)
{
    size_t n = str_utf8(s);
    unsigned char c = (unsigned char)s.s[0];

    if (n == 1 && c < 0x20 && c != '\t' && c != '\n')
        return 0;
    if (n == 3 && c == 0xEF && (unsigned char)s.s[1] == 0xBF &&
        (unsigned char)s.s[2] >= 0xBE)
        return 0; /* U+FFFE, U+FFFF */
    return n;
}

static const unsigned char *clean(struct xml *x, struct str text)
{
    buf_clear(&x->clean);
    while (text.n) {
        size_t n = character(text);

        if (n)
            buf_add(&x->clean, str_sub(text, 0, n));
        else
            buf_adds(&x->clean, "\xEF\xBF\xBD");
        text = str_skip(text, n ? n : 1);
    }
    return (const unsigned char *)buf_cstr(&x->clean);
}

void xml_start(struct xml *x, const char *name)
{
    check(x, x->lib.TextWriterStartElement(x->writer,
                                           (const unsigned char *)name));
}

void xml_attr(struct xml *x, const char *name, struct str text)
{
    check(x, x->lib.TextWriterWriteAttribute(
                 x->writer, (const unsigned char *)name, clean(x, text)));
}

void xml_text(struct xml *x, struct str text)
{
    check(x, x->lib.TextWriterWriteString(x->writer, clean(x, text)));
}

void xml_end(struct xml *x)
{
    check(x, x->lib.TextWriterEndElement(x->writer));
}

bool xml_close(struct xml *x, struct buf *out, struct err *e)
{
    if (!x)
        return false;
    check(x, x->lib.TextWriterEndDocument(x->writer));
    x->lib.FreeTextWriter(x->writer);

    bool ok = !x->failed;

    if (ok)
        buf_add(out, (struct str){
            (const char *)x->lib.BufferContent(x->buffer),
            (size_t)x->lib.BufferLength(x->buffer)});
    x->lib.BufferFree(x->buffer);
    buf_free(&x->clean);
    free(x);
    return ok || err_set(e, ERR_IO, "libxml2 could not write a document");
}
