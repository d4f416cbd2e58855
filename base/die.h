#ifndef BASE_DIE_H
#define BASE_DIE_H

/* The two ways the process ends from below cli/: a bug, and no memory.
 * Nothing a user can write may lead here. */

/* Says file:line and the message on stderr, then aborts. */
#define BUG(...) die_bug(__FILE__, __LINE__, __VA_ARGS__)

_Noreturn void die_bug(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void die_oom(void);

#endif
