#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_kind {
    ERR_NONE,
    ERR_USAGE,     /* the command line is wrong */
    ERR_INPUT,     /* a file the user wrote is wrong; diagnostics say where */
    ERR_IO,        /* the operating system said no */
    ERR_NET,       /* a remote side said no, or nothing */
    ERR_TIMEOUT,
    ERR_CANCELLED,
};

/* Why an operation failed. Lives in the caller's frame; owns nothing. */
struct err {
    enum err_kind kind;
    char msg[512];
};

/* Each returns false, so that a failing function can end in
 *     return err_set(e, ERR_NET, "%s: no route", host);                     */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* As err_set(ERR_IO), with ": " and strerror(errno) appended. */
bool err_errno(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts "context: " before the message that is there. */
bool err_wrap(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
