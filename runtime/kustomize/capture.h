#ifndef RUNTIME_KUSTOMIZE_CAPTURE_H
#define RUNTIME_KUSTOMIZE_CAPTURE_H

#include "base/buf.h"
#include "base/err.h"

/* Runs a program to its end and keeps what it prints. */

enum {
    CAPTURE_OUT_MAX = 256 * 1024 * 1024, /* bytes of standard output */
    CAPTURE_ERR_MAX = 64 * 1024,
    CAPTURE_TIMEOUT_MS = 5 * 60 * 1000,
};

/* argv and env end with NULL; argv[0] is looked up in PATH. Standard input is
 * empty. False (ERR_IO, ERR_TIMEOUT) where it could not be started, did not
 * end in time, or ended with another status than 0; errors then holds what it
 * said. */
bool capture_run(char *const *argv, char *const *env, struct buf *out,
                 struct buf *errors, struct err *e);

#endif
