#ifndef RUNTIME_GIT_REMOTE_PART_H
#define RUNTIME_GIT_REMOTE_PART_H

#include "base/buf.h"
#include "runtime/git/guard.h"
#include "runtime/git/libgit2.h"
#include "runtime/git/remote.h"

/* What the files of remote.h share. */

struct remote {
    struct git_lib git;
    struct arena arena; /* of everything below */
    struct remote_spec spec;
    struct str shown;   /* the URL as it may be told */
    struct str branch;
    char head[GIT_OID_HEXSZ + 1]; /* empty: the branch does not exist */
    git_repository *repo;
    bool borrows; /* the clone has refs only, the objects are the remote's */
    int lock_fd;  /* of the cached clone: who talks to the remote */
    int users_fd; /* shared by all who have the clone open */
};

/* As remote_open(); `borrows` only for a repository on this machine that is
 * there whenever the clone is used. */
struct remote *remote_open_as(const struct remote_spec *spec, bool borrows,
                              struct err *e);

/* Opens the remote's clone in the cache, which is made where it is missing and
 * made anew where fetches have crowded it. */
bool cache_open(struct remote *r, struct err *e);
void cache_close(struct remote *r);

/* One network operation: connect, then ls, download or upload, then close.
 * Its callbacks' memory. */
struct call {
    struct remote *remote;
    git_remote *handle;
    git_remote_callbacks callbacks;
    git_proxy_options proxy;
    char *header; /* custom_headers' one line */
    struct guard guard;
    bool guarded; /* there is a network, and so a guard */
    struct arena arena;
    unsigned asked;      /* how often for credentials */
    bool agent_tried, file_tried;
    char reason[256];    /* why a callback gave up */
    struct buf said;     /* what the server said on the side band */
    char refused[256];   /* why the server did not update the ref */
};

/* Locks the cached clone, starts the clock and connects. Whether or not this
 * succeeds, call_end() must follow. */
bool call_begin(struct call *c, struct remote *r, git_direction direction,
                struct err *e);
/* Sets the error: the time limit, a callback's reason, or libgit2's. Ends
 * nothing. */
bool call_fail(struct call *c, const char *what, struct err *e);
void call_end(struct call *c);
/* For git_remote_download() and _upload(). */
git_fetch_options call_fetch_options(struct call *c);
git_push_options call_push_options(struct call *c);

/* The callbacks that credentials.c has. */
int call_credentials(git_credential **out, const char *url, const char *user,
                     unsigned types, void *ctx);
int call_certificate(git_cert *cert, int valid, const char *host, void *ctx);

/* "refs/pipec/heads/main": where the cached clone keeps what the remote has. */
struct str remote_tracking(struct arena *a, struct str full_ref);

/* Sets the head from a commit's id; NULL empties it. */
void remote_set_head(struct remote *r, const git_oid *id);

/* The head's tree; NULL for an empty head. */
bool remote_head_tree(struct remote *r, git_tree **tree, struct err *e);

/* Finds a branch, tag or commit, from the cache where that will do, and sets
 * id to the commit. */
bool remote_resolve(struct remote *r, struct str ref, bool offline,
                    git_oid *id, struct err *e);


/* Pushes to a repository on this machine: the commits' objects in one pack,
 * then the ref, if it still is what it was. */
bool remote_push_file(struct remote *r, struct str path, const git_oid *commit,
                      const git_oid *parent, enum remote_pushed *result,
                      struct err *e);

#endif
