#include "cli/command.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int code = command_main(argc, argv);

#ifdef FAST_EXIT
    /* The libraries' own cleanup is for nobody, and touches pages of each. */
    fflush(NULL);
    _exit(code);
#else
    return code;
#endif
}
