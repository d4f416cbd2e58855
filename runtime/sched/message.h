#ifndef RUNTIME_SCHED_MESSAGE_H
#define RUNTIME_SCHED_MESSAGE_H

#include "runtime/sched/part.h"

/* What the first message to a worker is made of: maps and lists that grow in
 * the attempt's arena. worker_message.c has the message, worker_past.c what it
 * says of earlier effects. */

struct message_map {
    struct arena *a;
    struct {
        struct value_pair *items;
        size_t n, cap;
    } v;
};

struct message_list {
    struct arena *a;
    struct {
        struct value *items;
        size_t n, cap;
    } v;
};

void message_put(struct message_map *m, const char *key, struct value v);
/* Nothing where s is empty. */
void message_put_str(struct message_map *m, const char *key, struct str s);
void message_add(struct message_list *l, struct value v);
struct value message_map_of(const struct message_map *m);
struct value message_list_of(const struct message_list *l);
/* Resolves in v all that can have a value now. */
bool message_settle(struct attempt *a, const struct value *v,
                    struct value *out, struct err *e);

/* NONE where it cannot be read. */
struct value message_parse(struct attempt *a, struct str json);

/* `done`: the effects that earlier attempts recorded. */
bool message_put_done(struct attempt *a, struct message_map *to,
                      struct err *e);
/* `commits`: what a stage that moves traffic takes back when it aborts. */
bool message_put_commits(struct attempt *a, struct message_map *to,
                         struct err *e);
/* `rejected`: the versions that are refused. */
bool message_put_rejected(struct attempt *a, struct message_map *to,
                          struct err *e);

#endif
