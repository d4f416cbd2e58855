#ifndef TESTS_SUPPORT_GIT_REMOTE_H
#define TESTS_SUPPORT_GIT_REMOTE_H

/* To be included after <cmocka.h>. */
#include "runtime/git/remote.h"
#include "runtime/git/repo.h"
#include "tests/support/says.h"
#include "tests/support/server.h"

#include <stddef.h>

/* A bare repository "up.git" with base/app.yaml, base/old/gone.yaml and
 * README, a clone cache, and git itself as the judge. */
static struct {
    struct arena arena;
    struct str dir;
    struct remote *remote;
    struct err e;
} env;

static inline struct str path_in(const char *name)
{
    return file_join(&env.arena, env.dir, str_of(name));
}

static inline struct str git_says(const char *fmt_args)
{
    return sh_output(&env.arena, arena_printf(&env.arena, "cd %s; git %s",
                                              env.dir.s, fmt_args).s);
}

static inline struct remote *open_remote(const char *cache)
{
    struct remote_spec spec = {.url = path_in("up.git"),
                               .branch = STR("main"),
                               .cache_dir = path_in(cache)};
    struct remote *r = remote_open(&spec, &env.e);

    if (!r)
        fail_msg("%s", env.e.msg);
    return r;
}

static inline int setup(void **state)
{
    struct arena *a = &env.arena;

    (void)state;
    memset(&env, 0, sizeof(env));
    env.dir = scratch_make(a);
    setenv("HOME", env.dir.s, 1);
    assert_int_equal(SH(a, "cd %s; git init -q --bare -b main up.git;"
                        "git init -q -b main w; cd w;"
                        "git config user.name T; git config user.email t@x;"
                        "mkdir -p base/old; echo 'image: app:1' >base/app.yaml;"
                        "echo x >base/old/gone.yaml; echo hi >README;"
                        "echo '#!/bin/sh' >run.sh; chmod +x run.sh;"
                        "git add -A; git commit -qm one; git tag v1;"
                        "git push -q ../up.git main v1", env.dir.s), 0);
    env.remote = open_remote("cache");
    assert_true(remote_fetch(env.remote, &env.e));
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    remote_close(env.remote);
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

static const struct remote_message message = {
    .text = {"deploy app:2", 12}, .name = {"Bot", 3}, .email = {"b@x", 3},
    .at_s = 1700000000};

static inline struct remote_commit prepare(struct remote *r,
                                    struct remote_edit edit)
{
    struct remote_commit c;

    if (!remote_prepare(r, &env.arena, &edit, 1, &message, &c, &env.e))
        fail_msg("%s", env.e.msg);
    return c;
}

static inline enum remote_pushed push(struct remote *r, struct remote_commit c)
{
    enum remote_pushed result;

    if (!remote_push(r, &c, &result, &env.e))
        fail_msg("%s", env.e.msg);
    return result;
}

static inline struct remote_edit set_image(const char *text)
{
    return (struct remote_edit){.path = STR("base/app.yaml"),
                                .text = str_of(text)};
}

static inline void someone_else_pushes(const char *file)
{
    assert_int_equal(SH(&env.arena, "cd %s/w; git pull -q ../up.git main;"
                        "echo other >>%s; git add -A; git commit -qm other;"
                        "git push -q ../up.git main", env.dir.s, file), 0);
}

#endif
