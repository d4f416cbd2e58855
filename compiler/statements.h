#ifndef COMPILER_STATEMENTS_H
#define COMPILER_STATEMENTS_H

#include "graph/schema.h"

/* The schemas, of family "own", of what is the compiler's: "common" of every
 * stage, "pipeline", "environment". Made by compiler/statements.lua; ends with
 * NULL. */
extern const struct schema_entry *const statements[];

#endif
