/* Runs a fuzz target over the files named on the command line: the corpus as
 * a regression test, without a fuzzer. */
#include "base/arena.h"
#include "base/file.h"

#include <stdint.h>
#include <stdio.h>

enum { CORPUS_FILE_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct arena a = {0};
        struct err e = {0};
        struct str text;

        if (!file_read(&a, argv[i], CORPUS_FILE_MAX, &text, &e)) {
            fprintf(stderr, "%s\n", e.msg);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)text.s, text.n);
        arena_free(&a);
    }
    printf("%d corpus files\n", argc - 1);
    return 0;
}
