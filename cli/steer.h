#ifndef CLI_STEER_H
#define CLI_STEER_H

/* Of who runs this, for the record. */
const char *steer_own_name(void);
/* Parses argv and leaves the request in the store, for the run to take up. */
int steer_command(const char *action, const char *about, int argc,
                  char **argv);

#endif
