#ifndef RUNTIME_KUSTOMIZE_REPOURL_H
#define RUNTIME_KUSTOMIZE_REPOURL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* The URL of a directory in a Git repository, in all the forms that the
 * reference takes: https, http, ssh, file, git@host:path, github.com/org/repo;
 * "//", ".git" or "_git/" part the repository from the directory in it, else
 * two path elements are the repository; ?ref= (or version=), timeout=,
 * submodules=. (kustomize's repospec.go.) */

struct repourl {
    struct str url;  /* to clone */
    struct str path; /* in the repository; "" its top */
    struct str ref;  /* "" = the remote's HEAD */
    int64_t timeout_ms;
    bool submodules;
};

/* False where the text is no such URL. Texts live in the arena. */
bool repourl_parse(struct arena *a, struct str text, struct repourl *out);
/* Is it a URL of a single file, to be fetched by GET first? */
bool repourl_is_http(struct str text);

#endif
