/* Times one command beside another: A, B and B again in turn, round after
 * round, and judges the median of the rounds' ratios A/B against a limit.
 *
 *     pair [-n ROUNDS] NAME LIMIT A... -- B...
 *     pair -c ROUNDS A...     the least CPU seconds of A's rounds, no verdict
 *
 * Standard output and error of both go to /dev/null; both must exit 0. A round
 * during which other processes used much of a CPU is taken again. Where B does
 * not agree with itself (the median of B/B outside 0.90 to 1.10) there is no
 * verdict. The ratio of CPU times, page faults and peak memory are printed
 * beside: they depend less on the noise, or not at all. Exit status: 0 within the limit, 1 over it, 3 inconclusive,
 * 2 a command failed. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 101, RETRIES_MAX = 3 };

static const double OTHERS_MAX = 0.35, SELF_LOW = 0.90, SELF_HIGH = 1.10;

struct sample {
    double wall, cpu;
    long faults, peak_kib;
};

extern char **environ;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* CPU seconds that all processes have used since the machine started. */
static double busy(void)
{
    unsigned long long user = 0, nice = 0, sys = 0;
    FILE *f = fopen("/proc/stat", "r");

    if (!f || fscanf(f, "cpu %llu %llu %llu", &user, &nice, &sys) != 3)
        user = 0;
    if (f)
        fclose(f);
    return (double)(user + nice + sys) / (double)sysconf(_SC_CLK_TCK);
}

static struct sample spawn(char **argv, posix_spawn_file_actions_t *to_null,
                           double *own)
{
    struct sample s = {0};
    struct rusage used;
    double began = now();
    int status;
    pid_t pid;

    if (posix_spawnp(&pid, argv[0], to_null, NULL, argv, environ)) {
        fprintf(stderr, "pair: cannot start %s\n", argv[0]);
        exit(2);
    }
    wait4(pid, &status, 0, &used);
    s.wall = now() - began;
    s.faults = used.ru_minflt;
    s.peak_kib = used.ru_maxrss;
    s.cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    *own += s.cpu;
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        fprintf(stderr, "pair: %s failed\n", argv[0]);
        exit(2);
    }
    return s;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const double *v, int n)
{
    double sorted[ROUNDS_MAX];

    memcpy(sorted, v, (size_t)n * sizeof(*v));
    qsort(sorted, (size_t)n, sizeof(*sorted), by_size);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* CPU time as the scheduler counts it, to the microsecond; a shell's is in
 * clock ticks. */
static int least_cpu(int rounds, char **argv,
                     posix_spawn_file_actions_t *to_null)
{
    double own = 0, least = 1e9;

    for (int i = 0; i < rounds; i++) {
        double cpu = spawn(argv, to_null, &own).cpu;

        if (cpu < least)
            least = cpu;
    }
    printf("%.6f\n", least);
    return 0;
}

int main(int argc, char **argv)
{
    double ratio[ROUNDS_MAX], self[ROUNDS_MAX], a[ROUNDS_MAX], b[ROUNDS_MAX];
    double cpu[ROUNDS_MAX];
    posix_spawn_file_actions_t to_null;
    struct sample x = {0}, y = {0}, z = {0};
    int rounds = 11, at = 1, cut, retries = 0;

    posix_spawn_file_actions_init(&to_null);
    posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&to_null, 2, "/dev/null", O_WRONLY, 0);
    if (argc > 3 && !strcmp(argv[1], "-c"))
        return least_cpu((int)strtol(argv[2], NULL, 10), argv + 3, &to_null);
    if (argc > 3 && !strcmp(argv[1], "-n")) {
        rounds = (int)strtol(argv[2], NULL, 10);
        at = 3;
    }
    for (cut = at + 2; cut < argc && strcmp(argv[cut], "--"); cut++)
        ;
    if (cut + 1 >= argc || rounds < 1 || rounds > ROUNDS_MAX) {
        fputs("usage: pair [-n ROUNDS] NAME LIMIT A... -- B...\n", stderr);
        return 2;
    }
    const char *name = argv[at];
    double limit = strtod(argv[at + 1], NULL);
    char **left = argv + at + 2, **right = argv + cut + 1;

    argv[cut] = NULL;
    for (int i = -1; i < rounds; i++) { /* the first warms up */
        double own = 0, others = busy(), began = now();

        if (i % 2) {
            x = spawn(left, &to_null, &own);
            y = spawn(right, &to_null, &own);
            z = spawn(right, &to_null, &own);
        } else {
            z = spawn(right, &to_null, &own);
            y = spawn(right, &to_null, &own);
            x = spawn(left, &to_null, &own);
        }
        others = (busy() - others - own) / (now() - began);
        if (i >= 0 && others > OTHERS_MAX && retries++ < RETRIES_MAX * rounds) {
            i--;
            continue;
        }
        if (i < 0)
            continue;
        a[i] = x.wall, b[i] = y.wall;
        cpu[i] = x.cpu / y.cpu;
        ratio[i] = x.wall / y.wall, self[i] = y.wall / z.wall;
    }
    double r = median(ratio, rounds), s = median(self, rounds);
    int noisy = s < SELF_LOW || s > SELF_HIGH;

    printf("%-44s %8.2f %8.2f ms  ratio %6.3f (limit %.3g)  cpu %.3f  "
           "faults %ld/%ld  peak %ld/%ld KiB  B/B %.2f  %s\n", name,
           1e3 * median(a, rounds), 1e3 * median(b, rounds), r, limit,
           median(cpu, rounds), x.faults, y.faults, x.peak_kib,
           y.peak_kib, s, noisy ? "inconclusive" : r <= limit ? "ok" : "OVER");
    return noisy ? 3 : r <= limit ? 0 : 1;
}
