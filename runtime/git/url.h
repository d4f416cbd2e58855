#ifndef RUNTIME_GIT_URL_H
#define RUNTIME_GIT_URL_H

#include "base/arena.h"
#include "base/str.h"

/* What a remote's URL says, in each of the forms git takes. Pure; borrowed
 * from the text. */
struct url_parts {
    struct str scheme;   /* "https", "ssh" (for user@host:path too), "file"
                            (for a path too) */
    struct str user;     /* empty where it names none */
    struct str userinfo; /* the user and, after ':', a password */
    struct str host;
    int port; /* 0: the scheme's own */
    struct str path;
};

struct url_parts url_split(struct str url);

/* The URL without user, password and query: as it may be told. */
struct str url_shown(struct arena *a, struct str url);

/* The path of a "file" URL, percent-decoded; empty for others. */
struct str url_file_path(struct arena *a, struct str url);

/* "https://h/x/y.git" and "../z.git" make "https://h/x/z.git"; a relation that
 * does not start with "./" or "../" is taken as it is. */
struct str url_resolve(struct arena *a, struct str base, struct str relation);

#endif
