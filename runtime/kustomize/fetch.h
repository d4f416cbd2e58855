#ifndef RUNTIME_KUSTOMIZE_FETCH_H
#define RUNTIME_KUSTOMIZE_FETCH_H

#include "runtime/kustomize/kustomize.h"
#include "runtime/kustomize/repourl.h"

/* What a build takes from elsewhere: files by HTTP, directories of Git
 * repositories, each once a run. Libraries are loaded when first needed. */

enum {
    FETCH_MAX = 1000, /* different URLs in one build */
    FETCH_FILE_MAX = 16 * 1024 * 1024,
};

struct fetch {
    struct arena *a;
    const struct kustomize_options *o;
    struct http_client *http;
    struct str scratch; /* made when first needed, gone with fetch_close() */
    struct {
        struct fetched *items;
        size_t n, cap;
    } done;
};

void fetch_init(struct fetch *f, struct arena *a,
                const struct kustomize_options *o);
void fetch_close(struct fetch *f);
/* A file; *found is false where the server has none (a status other than
 * 2xx). */
bool fetch_file(struct fetch *f, struct str url, struct str *text, bool *found,
                struct err *e);
/* The repository's tree in a folder, whose real path is returned. */
bool fetch_repo(struct fetch *f, const struct repourl *r, struct str *folder,
                struct err *e);

#endif
