/* The least that capturing a command's output can cost: read its pipe, write a
 * file.    rw COMMAND...                                                    */
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
    static char buf[65536];
    posix_spawn_file_actions_t actions;
    int fds[2], status = 0, out = open("rw.out", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    pid_t pid;
    ssize_t n;

    if (argc < 2 || out < 0 || pipe(fds) < 0)
        return 1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
    posix_spawn_file_actions_addclose(&actions, fds[0]);
    if (posix_spawnp(&pid, argv[1], &actions, 0, argv + 1, environ))
        return 1;
    close(fds[1]);
    while ((n = read(fds[0], buf, sizeof(buf))) > 0)
        if (write(out, buf, (size_t)n) != n)
            return 1;
    waitpid(pid, &status, 0);
    return status != 0;
}
