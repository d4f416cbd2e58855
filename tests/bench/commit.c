/* A commit of one file in process, beside `git add F && git commit`, in turn.
 *
 *     commit NAME LIMIT WORKTREE BARE CACHE FILES
 *
 * WORKTREE and BARE are two copies of a repository with FILES files dN/fM,
 * 200 a folder. Each round changes one of them, picked at random, to a random
 * text, in both. Prints the medians and the median ratio; exit status 1 where
 * it is over LIMIT. */
#include "runtime/git/remote.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { ROUNDS = 5, FOLDER = 200 };

extern char **environ;

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
    fprintf(stderr, "commit: %s\n", what);
    exit(2);
}

static double run_git(const char *tree, const char *path, const char *text)
{
    char command[512], file[512];
    char *argv[] = {"sh", "-c", command, NULL};
    int status;
    pid_t pid;

    snprintf(file, sizeof(file), "%s/%s", tree, path);
    FILE *f = fopen(file, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        die(file);
    snprintf(command, sizeof(command),
             "cd '%s' && git add '%s' && exec git commit -qm bench", tree,
             path);
    double began = now_ms();
    if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || status != 0)
        die("git failed");
    return now_ms() - began;
}

static double run_ours(struct remote *r, const char *path, const char *text)
{
    struct arena a = {0};
    struct err e = {0};
    struct remote_edit edit = {.path = str_of(path), .text = str_of(text)};
    struct remote_message m = {.text = STR("bench")};
    struct remote_commit c;
    enum remote_pushed pushed;
    double began = now_ms();

    if (!remote_prepare(r, &a, &edit, 1, &m, &c, &e))
        die(e.msg);
    double ms = now_ms() - began;
    if (c.unchanged || c.path_count != 1 || strcmp(c.paths[0].s, path) != 0)
        die("not one path");
    if (!remote_push(r, &c, &pushed, &e) || pushed != REMOTE_PUSHED)
        die(e.msg);
    arena_free(&a);
    return ms;
}

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

static double median(double *v)
{
    qsort(v, ROUNDS, sizeof(*v), by_value);
    return v[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    double ours[ROUNDS], git[ROUNDS], ratio[ROUNDS];
    struct err e = {0};

    if (argc != 7)
        die("usage: commit NAME LIMIT WORKTREE BARE CACHE FILES");
    double limit = strtod(argv[2], NULL);
    long files = strtol(argv[6], NULL, 10);
    struct remote_spec spec = {.url = str_of(argv[4]), .branch = STR("main"),
                               .cache_dir = str_of(argv[5])};
    struct remote *r = remote_open(&spec, &e);

    if (!r || !remote_fetch(r, &e))
        die(e.msg);
    srandom((unsigned)time(NULL));
    for (int i = 0; i < ROUNDS; i++) {
        long n = 1 + random() % files;
        char path[64], text[64];
        snprintf(path, sizeof(path), "d%ld/f%ld", n / FOLDER, n);
        snprintf(text, sizeof(text), "%ld %d\n", random(), i);
        git[i] = run_git(argv[3], path, text);
        ours[i] = run_ours(r, path, text);
        ratio[i] = ours[i] / git[i];
    }
    double got = median(ratio);

    printf("%-44s %8.2f %8.2f ms  ratio %6.3f (limit %s)  %s\n", argv[1],
           median(ours), median(git), got, argv[2],
           got <= limit ? "ok" : "OVER");
    remote_close(r);
    return got > limit;
}
