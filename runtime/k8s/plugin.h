#ifndef RUNTIME_K8S_PLUGIN_H
#define RUNTIME_K8S_PLUGIN_H

#include "runtime/k8s/access.h"
#include "runtime/yaml/ynode.h"

/* Runs the program of a kubeconfig's `exec` (client.authentication.k8s.io) and
 * takes the token or client certificate from its answer. A relative command
 * with a '/' is looked for in folder. What it writes to stderr goes where ours
 * goes. ERR_TIMEOUT after K8S_EXEC_MS, when it and its children are killed. */
bool plugin_run(struct arena *a, const struct ynode *exec, struct str folder,
                struct k8s_access *out, struct err *e);

#endif
