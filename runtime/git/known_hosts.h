#ifndef RUNTIME_GIT_KNOWN_HOSTS_H
#define RUNTIME_GIT_KNOWN_HOSTS_H

#include "base/str.h"

/* What a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT") says of a
 * host's key: plain, hashed and wildcard names, ports and @revoked are read;
 * certificate authorities are passed over. Pure. */
enum known_host {
    KNOWN_HOST_ABSENT,  /* the host is not in it, or not with this kind of
                           key */
    KNOWN_HOST_OK,
    KNOWN_HOST_DIFFERS, /* it has another key of this kind */
    KNOWN_HOST_REVOKED,
};

/* key is the key's wire form, which begins with its kind. */
enum known_host known_host_check(struct str file, struct str host, int port,
                                 struct str key);

/* The kind a key's wire form begins with, such as "ssh-ed25519"; empty where
 * it is not one. Borrowed from key. */
struct str known_host_kind(struct str key);

#endif
