#ifndef RUNTIME_GIT_REMOTE_H
#define RUNTIME_GIT_REMOTE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* One branch of a repository elsewhere, to read and to commit to. Behind it is
 * a bare clone in the cache folder, kept between runs; nothing is ever checked
 * out and no index is built: a commit is a tree with some entries replaced, so
 * its cost does not grow with the repository.
 *
 * Speaks file paths and file://, http(s):// and ssh (ssh://, user@host:path).
 * An ssh host's key must stand in known_hosts. Over file paths the receiving
 * repository's hooks are not run.
 *
 * libgit2 1.5 knows no timeouts. Here, when remote_spec.timeout_ms is over,
 * the sockets opened since the operation's start are shut down under it; so no
 * other thread may open sockets meanwhile. Name look-up keeps its own limits.
 *
 * Errors name the URL without user, password, query. */

enum {
    REMOTE_TIMEOUT_MS = 120 * 1000,
    REMOTE_FILE_MAX = 16 * 1024 * 1024, /* one file read or written */
    REMOTE_EDITS_MAX = 10 * 1000,
    REMOTE_TRIES = 5,
    REMOTE_TRIES_MAX = 50,
};

/* All may be empty. */
struct remote_auth {
    struct str user, password; /* http(s); a token goes into password. The user
                                  is also ssh's, where the URL names none */
    struct str bearer;         /* http(s): instead of a password */
    struct str key_file;       /* ssh: a private key (ed25519; libssh2 cannot
                                  use RSA with today's servers). Where empty
                                  the agent is asked, then ~/.ssh/id_ed25519 */
    struct str key_text;       /* ssh: or the key itself */
    struct str key_passphrase;
    struct str known_hosts; /* file; else ~/.ssh/known_hosts and
                               /etc/ssh/ssh_known_hosts */
    struct str ca_file;     /* https: instead of the system's authorities */
};

struct remote_spec {
    struct str url;
    struct str branch;    /* empty: the one the remote's HEAD names */
    struct str cache_dir; /* made where missing */
    struct remote_auth auth;
    int64_t timeout_ms; /* of each fetch and push; 0: REMOTE_TIMEOUT_MS */
};

struct remote;

/* Opens the cached clone, or makes an empty one. No network. */
struct remote *remote_open(const struct remote_spec *spec, struct err *e);
void remote_close(struct remote *r);

/* Brings the branch as it is at the remote now. A branch that does not exist
 * there is no error: the head is then empty, and a push makes it. */
bool remote_fetch(struct remote *r, struct err *e);

/* The branch's name; known after the first fetch where none was given. */
struct str remote_branch(const struct remote *r);
/* The branch's commit as last fetched or pushed, 40 digits; or empty. */
struct str remote_head(const struct remote *r);

/* A file at the head; *found is false where there is none. */
bool remote_read(struct remote *r, struct arena *a, struct str path,
                 struct str *text, bool *found, struct err *e);

struct remote_entry {
    struct str name; /* folders end in '/' */
};

/* The names in a folder ("" is the top) at the head, sorted as git does;
 * *n is 0 where it does not exist. */
bool remote_list(struct remote *r, struct arena *a, struct str folder,
                 struct remote_entry **entries, size_t *n, struct err *e);

/* Whether a commit is the head or one of its ancestors: so a process that
 * finds an intent without its end learns, after remote_fetch(), whether that
 * push arrived. A commit nobody here knows is not in it. */
bool remote_contains(struct remote *r, struct str sha, bool *in,
                     struct err *e);

/* ---- commits ------------------------------------------------------------- */

struct remote_edit {
    struct str path; /* from the top, no leading '/', no "." or ".." */
    struct str text; /* the file's new content */
    bool remove;     /* or: it goes; that it is not there is no error */
    bool executable; /* for a new file; an old one keeps its mode */
};

struct remote_message {
    struct str text;
    struct str name, email; /* author and committer; empty: git's own
                               configuration, else pipec */
    int64_t at_s;           /* seconds since 1970; 0: now */
};

/* A commit that stands in the cached clone and nowhere else yet. */
struct remote_commit {
    struct str sha;    /* where unchanged: the head's */
    struct str parent; /* empty for the first of a branch */
    bool unchanged;    /* the edits change nothing: there is no new commit */
    struct str *paths; /* that differ from the parent, sorted */
    size_t path_count;
};

/* Makes a commit of the edits on the head; of two of one path the later counts.
 * Record out->sha as the intent, then push. */
bool remote_prepare(struct remote *r, struct arena *a,
                    const struct remote_edit *edits, size_t n,
                    const struct remote_message *m, struct remote_commit *out,
                    struct err *e);

/* As remote_prepare(), taking back exactly what one commit did against its
 * first parent. A path that was changed again since is ERR_INPUT that names
 * it; one that already is as before is left alone. */
bool remote_prepare_revert(struct remote *r, struct arena *a, struct str sha,
                           const struct remote_message *m,
                           struct remote_commit *out, struct err *e);

enum remote_pushed {
    REMOTE_PUSHED, /* the commit is in the branch, and is the head here */
    REMOTE_MOVED,  /* somebody else's is: the head here is now theirs; prepare
                      again */
};

/* Pushes a prepared commit, never by force. Where the answer is lost, fetches
 * to see. ERR_NET with the server's own words where it refuses. */
bool remote_push(struct remote *r, const struct remote_commit *c,
                 enum remote_pushed *result, struct err *e);

/* How remote_publish() gets its commit. */
struct remote_publish {
    /* Prepares the commit on the head as it is now; called again after each
     * move. */
    bool (*make)(void *ctx, struct remote *r, struct remote_commit *out,
                 struct err *e);
    /* Told of each commit before its push; NULL: nobody. False stops. */
    bool (*on_intent)(void *ctx, const struct remote_commit *c,
                      struct err *e);
    void *ctx;
    unsigned tries; /* 0: REMOTE_TRIES */
};

/* Fetch, make, push; while the branch moves, again, after a wait that doubles
 * and has jitter. ERR_NET after the last try. out->unchanged: nothing was
 * pushed. */
bool remote_publish(struct remote *r, const struct remote_publish *p,
                    struct remote_commit *out, struct err *e);

/* ---- whole trees --------------------------------------------------------- */

struct remote_tree_spec {
    struct str url;
    struct str ref; /* branch, tag or commit (40 digits); empty: HEAD */
    struct str cache_dir;
    struct remote_auth auth;
    bool submodules; /* theirs too, at the commits the tree names */
    bool offline;    /* from the cache alone */
    int64_t timeout_ms;
};

/* Writes the files of a tree into a folder, made where missing, and sets *sha
 * to the commit. A commit the cache has is not fetched again. The repository's
 * links are kept as links: whoever reads them minds where they lead. */
bool remote_export(const struct remote_tree_spec *spec, struct arena *a,
                   const char *folder, struct str *sha, struct err *e);

#endif
