#include "runtime/k8s/access.h"

#include "base/file.h"
#include "runtime/k8s/plugin.h"
#include "runtime/yaml/yread.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 16 };

#define ACCOUNT_FOLDER "/var/run/secrets/kubernetes.io/serviceaccount"

/* One kubeconfig file; its paths are relative to where it lies. */
struct config_file {
    const struct ynode *root;
    struct str folder;
};

struct config {
    struct arena *arena;
    struct config_file files[FILES_MAX];
    size_t n;
};

bool access_base64(struct arena *a, struct str text, struct str *out)
{
    unsigned char *packed = arena_array(a, unsigned char, text.n + 1);
    unsigned char *raw = arena_array(a, unsigned char, text.n + 1);
    size_t n = 0, pads = 0;

    for (size_t i = 0; i < text.n; i++)
        if (!strchr(" \t\r\n", text.s[i]))
            packed[n++] = (unsigned char)text.s[i];
    while (pads < 2 && pads < n && packed[n - 1 - pads] == '=')
        pads++;
    if (n % 4 || n > INT32_MAX)
        return false;
    int got = EVP_DecodeBlock(raw, packed, (int)n);

    if (got < (int)pads)
        return false;
    *out = (struct str){(char *)raw, (size_t)got - pads};
    return true;
}

/* ---- files --------------------------------------------------------------- */

static bool add_file(struct config *c, struct str path, struct err *e)
{
    struct yread_options o = {.file = path.s, .dialect = YDIALECT_12,
                              .duplicates = YDUP_LAST_WINS};
    struct str text;
    struct ynode *root = NULL;

    if (c->n == FILES_MAX)
        return err_set(e, ERR_INPUT, "more than %d kubeconfig files",
                       FILES_MAX);
    if (!file_read(c->arena, path.s, K8S_CONFIG_MAX, &text, e) ||
        !yread_first(c->arena, text, &o, &root, e))
        return err_wrap(e, "kubeconfig");
    c->files[c->n++] = (struct config_file){
        root, arena_dup(c->arena, file_dir(path))};
    return true;
}

/* Of several, those that do not exist are passed over, as kubectl does. */
static bool add_list(struct config *c, struct str list, struct err *e)
{
    bool several = str_find(list, ':') < list.n;

    while (list.n) {
        struct str path = arena_dup(c->arena, str_cut(list, ':', &list));
        if (!path.n || (several && access(path.s, F_OK) != 0))
            continue;
        if (!add_file(c, path, e))
            return false;
    }
    return true;
}

static bool find_files(struct config *c, struct str given, struct err *e)
{
    const char *listed = getenv("KUBECONFIG"), *home = getenv("HOME");

    if (given.n)
        return add_list(c, given, e);
    if (listed && *listed)
        return add_list(c, str_of(listed), e);
    struct str usual = arena_printf(c->arena, "%s/.kube/config",
                                    home ? home : "");

    return access(usual.s, F_OK) != 0 || add_file(c, usual, e);
}

/* ---- looking things up --------------------------------------------------- */

static struct str current_context(const struct config *c)
{
    struct str s = STR("");

    for (size_t i = 0; i < c->n && !s.n; i++)
        s = ynode_get_text(c->files[i].root, "current-context");
    return s;
}

/* The member of "contexts", "clusters" or "users" with this name. */
static const struct ynode *find_named(const struct config *c, const char *list,
                                      const char *kind, struct str name,
                                      struct str *folder)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct ynode *all = ynode_get(c->files[i].root, list);
        for (size_t k = 0; ynode_is_seq(all) && k < all->seq.n; k++) {
            const struct ynode *one = all->seq.items[k];
            if (!str_eq(ynode_get_text(one, "name"), name))
                continue;
            *folder = c->files[i].folder;
            return ynode_get(one, kind);
        }
    }
    return NULL;
}

/* A file's path, or the text itself in base64 under KEY-data, which wins. */
static bool take_pem(struct arena *a, const struct ynode *n, const char *key,
                     struct str folder, struct str *file, struct str *pem,
                     struct err *e)
{
    struct str data = ynode_get_text(n, arena_printf(a, "%s-data", key).s);
    struct str path = ynode_get_text(n, key);

    if (data.n)
        return access_base64(a, data, pem) ||
               err_set(e, ERR_INPUT, "the kubeconfig's '%s-data' is not "
                       "base64", key);
    if (path.n)
        *file = file_join(a, folder, path);
    return true;
}

static bool refuse(const struct ynode *n, const char *key, struct err *e)
{
    return !ynode_get(n, key) ||
           err_set(e, ERR_INPUT, "the kubeconfig's '%s' cannot be used here",
                   key);
}

static bool take_cluster(struct arena *a, const struct ynode *n,
                         struct str folder, struct k8s_access *out,
                         struct err *e)
{
    struct str server = ynode_get_text(n, "server");

    while (str_ends(server, STR("/")))
        server.n--;
    out->server = server;
    out->tls.insecure =
        str_eq(ynode_get_text(n, "insecure-skip-tls-verify"), STR("true"));
    if (!server.n)
        return err_set(e, ERR_INPUT, "the kubeconfig's cluster has no "
                       "'server'");
    return refuse(n, "tls-server-name", e) && refuse(n, "proxy-url", e) &&
           take_pem(a, n, "certificate-authority", folder, &out->tls.ca_file,
                    &out->tls.ca_pem, e);
}

static bool take_user(struct arena *a, const struct ynode *n,
                      struct str folder, struct k8s_access *out,
                      struct err *e)
{
    struct str token_file = ynode_get_text(n, "tokenFile"), text;
    const struct ynode *exec = ynode_get(n, "exec");

    out->token = ynode_get_text(n, "token");
    out->user = ynode_get_text(n, "username");
    out->password = ynode_get_text(n, "password");
    if (!refuse(n, "auth-provider", e) || !refuse(n, "as", e) ||
        !take_pem(a, n, "client-certificate", folder, &out->tls.cert_file,
                  &out->tls.cert_pem, e) ||
        !take_pem(a, n, "client-key", folder, &out->tls.key_file,
                  &out->tls.key_pem, e))
        return false;
    if (token_file.n) {
        if (!file_read(a, file_join(a, folder, token_file).s, K8S_CONFIG_MAX,
                       &text, e))
            return err_wrap(e, "the kubeconfig's 'tokenFile'");
        out->token = str_trim(text);
        out->renewable = true;
    }
    return !exec || out->token.n || plugin_run(a, exec, folder, out, e);
}

static bool take_context(struct config *c, const struct k8s_spec *spec,
                         struct k8s_access *out, struct err *e)
{
    struct str name = spec->context.n ? spec->context : current_context(c);
    struct str folder;
    const struct ynode *context =
        find_named(c, "contexts", "context", name, &folder);

    if (!name.n)
        return err_set(e, ERR_INPUT, "the kubeconfig has no "
                       "'current-context', and no context is named");
    if (!context)
        return err_set(e, ERR_INPUT, "the kubeconfig has no context '" STR_FMT
                       "'", STR_ARG(name));
    out->namespace = ynode_get_text(context, "namespace");
    name = ynode_get_text(context, "cluster");
    const struct ynode *n =
        find_named(c, "clusters", "cluster", name, &folder);

    if (!n)
        return err_set(e, ERR_INPUT, "the kubeconfig has no cluster '" STR_FMT
                       "'", STR_ARG(name));
    if (!take_cluster(c->arena, n, folder, out, e))
        return false;
    name = ynode_get_text(context, "user");
    n = find_named(c, "users", "user", name, &folder);
    return !n || take_user(c->arena, n, folder, out, e);
}

/* ---- in a pod ------------------------------------------------------------ */

bool access_in_cluster(struct arena *a, struct str folder,
                       struct k8s_access *out, struct err *e)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    const char *port = getenv("KUBERNETES_SERVICE_PORT");
    struct str token, namespace;
    struct err ignored = {0};

    if (!folder.n)
        folder = STR(ACCOUNT_FOLDER);
    if (!host || !*host || !port || !*port)
        return err_set(e, ERR_INPUT, "there is no kubeconfig ($KUBECONFIG, "
                       "~/.kube/config), and this is no pod of a cluster");
    if (!file_read(a, file_join(a, folder, STR("token")).s, K8S_CONFIG_MAX,
                   &token, e))
        return err_wrap(e, "the service account's token");
    bool v6 = strchr(host, ':') != NULL;

    out->server = arena_printf(a, "https://%s%s%s:%s", v6 ? "[" : "", host,
                               v6 ? "]" : "", port);
    out->token = str_trim(token);
    out->renewable = true;
    out->tls.ca_file = file_join(a, folder, STR("ca.crt"));
    if (file_read(a, file_join(a, folder, STR("namespace")).s, K8S_CONFIG_MAX,
                  &namespace, &ignored))
        out->namespace = str_trim(namespace);
    return true;
}

bool access_read(struct arena *a, const struct k8s_spec *spec,
                 struct k8s_access *out, struct err *e)
{
    struct config c = {.arena = a};

    *out = (struct k8s_access){0};
    if (!find_files(&c, spec->kubeconfig, e))
        return false;
    if (!(c.n ? take_context(&c, spec, out, e)
              : access_in_cluster(a, spec->account, out, e)))
        return false;
    if (spec->namespace.n)
        out->namespace = arena_dup(a, spec->namespace);
    else if (!out->namespace.n)
        out->namespace = STR("default");
    return true;
}
