#ifndef RUNTIME_LUA_CATALOGUE_H
#define RUNTIME_LUA_CATALOGUE_H

/* The kinds, routers, providers, scanners and reports that a state can use:
 * stdlib's, from the program or an override folder, and users' files. Each is
 * loaded when first asked for. */

#include "base/err.h"
#include "base/str.h"
#include "runtime/lua/sandbox.h"

struct catalogue {
    const char *stdlib_dir;      /* NULL: what the build embedded */
    const char *const *sources;  /* users' files; their entries win */
    size_t n_sources;
    const char *base_dir;        /* which relative sources are read from */
    bool loaded;                 /* the users' files are */
};

enum { CATALOGUE_FILE_MAX = 1 << 20 /* bytes of one Lua file */ };

/* Puts the global `pipec` into the state: the constructors, and load() and
 * lib() that find entries here. The catalogue is borrowed. */
bool catalogue_open(struct catalogue *c, struct sandbox *s, struct err *e);
/* Pushes the module of an entry. */
bool catalogue_push(struct sandbox *s, struct str family, struct str name,
                    struct err *e);
/* Reads and runs a user's file; what it returns is on the stack. */
bool catalogue_run_file(const struct catalogue *c, struct sandbox *s,
                        const char *path, struct err *e);

#endif
