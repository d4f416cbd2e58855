#ifndef RUNTIME_PROC_MASK_H
#define RUNTIME_PROC_MASK_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Replaces secrets by *** in text that arrives in pieces. A secret is looked
 * for as it is, line by line if it has several, and in the forms a tool may
 * print it in: base64 (both alphabets, wherever it starts inside the encoded
 * text), percent-encoded, hex, and as inside a JSON string. */
struct mask;

enum {
    MASK_SECRET_MAX = 64 * 1024, /* bytes of one secret that are looked for */
    MASK_DERIVE_MIN = 4, /* shorter ones are looked for only as they are */
};

struct mask *mask_create(void);
/* NULL is fine. */
void mask_destroy(struct mask *m);
/* Copies the secret. An empty one is left out. */
void mask_add(struct mask *m, struct str secret);
/* Nothing was added: text may be passed on as it is. */
bool mask_empty(const struct mask *m);

/* The state of one stream. Zeroed is fresh; buf_free(&st.held) in the end. */
struct mask_stream {
    struct buf held; /* what may be the start of a secret */
    size_t covered;  /* of held: bytes already replaced */
};

/* Appends to out what is now known of the stream, masked. What may still
 * become a secret is held back until more arrives; it never spans a newline.
 * At the end of the stream, `last` lets go of it. */
void mask_feed(const struct mask *m, struct mask_stream *st, struct str text,
               bool last, struct buf *out);
/* A whole text at once. */
void mask_text(const struct mask *m, struct str text, struct buf *out);

#endif
