#ifndef BASE_DYLIB_H
#define BASE_DYLIB_H

#include "base/err.h"

#include <stddef.h>

/* A shared library that is loaded when first used, so that a start of the
 * program does not pay for it. Who uses one keeps its functions in a struct of
 * pointers made from a .def list, and a table of dylib_symbol beside it. */
struct dylib_symbol {
    const char *name; /* NULL ends the table */
    size_t at;        /* offset of its pointer in the struct */
};

struct dylib {
    const char *const *sonames; /* tried in turn; NULL ends */
    const char *package;        /* the Debian package that has it */
    const struct dylib_symbol *symbols;
};

/* Fills the struct at functions. The library stays loaded until the process
 * ends; loading it again costs only the look-ups. ERR_IO names the library,
 * what is wrong with it and the package. */
bool dylib_load(const struct dylib *lib, void *functions, struct err *e);

#endif
