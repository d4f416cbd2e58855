#include "base/file.h"
#include "runtime/git/known_hosts.h"
#include "runtime/git/remote_part.h"
#include "runtime/git/url.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KNOWN_HOSTS_MAX = 4 * 1024 * 1024, ASKED_MAX = 8, SHA256_SIZE = 32 };

static int give_up(struct call *c, const char *why)
{
    snprintf(c->reason, sizeof(c->reason), "%s", why);
    return GIT_EAUTH;
}

/* libgit2 takes NUL-terminated texts. */
static const char *text(struct call *c, struct str s)
{
    return s.n ? arena_dup(&c->arena, s).s : NULL;
}

static const char *home_file(struct call *c, const char *name)
{
    const char *home = getenv("HOME");

    return arena_printf(&c->arena, "%s/.ssh/%s", home ? home : "", name).s;
}

/* ---- who we are ---------------------------------------------------------- */

static const char *ssh_user(struct call *c, const char *in_url)
{
    const struct remote_auth *auth = &c->remote->spec.auth;

    if (in_url && *in_url)
        return in_url;
    return auth->user.n ? text(c, auth->user) : "git";
}

static int ssh_key(struct call *c, git_credential **out, const char *user)
{
    struct git_lib *g = &c->remote->git;
    const struct remote_auth *auth = &c->remote->spec.auth;
    const char *phrase = text(c, auth->key_passphrase);
    const char *file = text(c, auth->key_file);
    bool given = file || auth->key_text.n;

    if (given && c->file_tried)
        return give_up(c, "the ssh key is refused (RSA keys do not work with "
                          "libssh2 1.10: use ed25519)");
    if (!given && !c->agent_tried && getenv("SSH_AUTH_SOCK")) {
        c->agent_tried = true;
        if (g->credential_ssh_key_from_agent(out, user) == 0)
            return 0;
    }
    if (c->file_tried)
        return give_up(c, "no ssh key is accepted");
    c->file_tried = true;
    if (!given && access(home_file(c, "id_ed25519"), R_OK) != 0)
        return give_up(c, "no ssh key is given, no agent has one that is "
                          "accepted, and there is no ~/.ssh/id_ed25519");
    if (auth->key_text.n)
        return g->credential_ssh_key_memory_new(
            out, user, NULL, text(c, auth->key_text), phrase);
    return g->credential_ssh_key_new(
        out, user, NULL, file ? file : home_file(c, "id_ed25519"), phrase);
}

static int password(struct call *c, git_credential **out)
{
    const struct remote_auth *auth = &c->remote->spec.auth;
    const char *user = text(c, auth->user);
    const char *word = text(c, auth->password);

    if (auth->bearer.n)
        return give_up(c, "the token is refused");
    if (!word)
        return give_up(c, user ? "it asks for a password, and none is given"
                               : "it asks for a user and a password, and "
                                 "none are given");
    if (c->asked > 1)
        return give_up(c, "the user or the password is refused");
    return c->remote->git.credential_userpass_plaintext_new(
        out, user ? user : "git", word);
}

int call_credentials(git_credential **out, const char *url, const char *user,
                     unsigned types, void *ctx)
{
    struct call *c = ctx;
    struct git_lib *g = &c->remote->git;

    (void)url;
    if (++c->asked > ASKED_MAX)
        return give_up(c, "no credential is accepted");
    if (types & GIT_CREDENTIAL_USERNAME) {
        c->asked--;
        return g->credential_username_new(out, ssh_user(c, user));
    }
    if (types & GIT_CREDENTIAL_SSH_KEY)
        return ssh_key(c, out, ssh_user(c, user));
    if (types & GIT_CREDENTIAL_USERPASS_PLAINTEXT)
        return password(c, out);
    return give_up(c, "it asks for a kind of credential that is not known");
}

/* ---- who they are -------------------------------------------------------- */

static enum known_host look_up(struct call *c, const char *path, int port,
                               struct str host, struct str key)
{
    struct err ignored = {0};
    struct str file;

    if (!file_read(&c->arena, path, KNOWN_HOSTS_MAX, &file, &ignored))
        return KNOWN_HOST_ABSENT;
    return known_host_check(file, host, port, key);
}

static enum known_host find_host(struct call *c, struct str key)
{
    const struct remote_spec *spec = &c->remote->spec;
    struct url_parts p = url_split(spec->url);
    int port = p.port ? p.port : 22;
    const char *path = text(c, spec->auth.known_hosts);

    if (path)
        return look_up(c, path, port, p.host, key);
    enum known_host k =
        look_up(c, home_file(c, "known_hosts"), port, p.host, key);

    if (k == KNOWN_HOST_ABSENT)
        k = look_up(c, "/etc/ssh/ssh_known_hosts", port, p.host, key);
    return k;
}

/* As ssh shows it: "SHA256:" and unpadded base64. */
static struct str fingerprint(struct call *c, struct str key)
{
    unsigned char sum[EVP_MAX_MD_SIZE], base64[64];
    unsigned n = 0;

    EVP_Digest(key.s, key.n, sum, &n, EVP_sha256(), NULL);
    EVP_EncodeBlock(base64, sum, SHA256_SIZE);
    return arena_printf(&c->arena, "SHA256:%.43s", (char *)base64);
}

static int check_host_key(struct call *c, const git_cert_hostkey *h)
{
    struct str key = {h->hostkey, h->hostkey_len};
    const char *why = NULL;

    if (!(h->type & GIT_CERT_SSH_RAW) || !key.n)
        return give_up(c, "its host key cannot be read");
    switch (find_host(c, key)) {
    case KNOWN_HOST_OK:
        return 0;
    case KNOWN_HOST_ABSENT:
        why = "is not in known_hosts: compare it with what the server's "
              "owner says, then add it (ssh-keyscan)";
        break;
    case KNOWN_HOST_DIFFERS:
        why = "is not the one in known_hosts: this may be another server";
        break;
    case KNOWN_HOST_REVOKED:
        why = "is marked as revoked in known_hosts";
        break;
    }
    struct str kind = known_host_kind(key);

    give_up(c, arena_printf(&c->arena, "its host key " STR_FMT " " STR_FMT
                            " %s", STR_ARG(kind),
                            STR_ARG(fingerprint(c, key)), why).s);
    return GIT_ECERTIFICATE;
}

int call_certificate(git_cert *cert, int valid, const char *host, void *ctx)
{
    struct call *c = ctx;

    if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2)
        return check_host_key(c, (const git_cert_hostkey *)cert);
    if (valid)
        return 0;
    give_up(c, arena_printf(&c->arena, "the certificate of '%s' is not "
                            "trusted (libgit2 1.5 takes host names only, "
                            "no IP addresses)", host ? host : "").s);
    return GIT_ECERTIFICATE;
}
