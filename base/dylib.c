#include "base/dylib.h"

#include <dlfcn.h>
#include <string.h>

static void *open_first(const char *const *sonames)
{
    void *handle = NULL;

    for (; *sonames && !handle; sonames++)
        handle = dlopen(*sonames, RTLD_NOW | RTLD_LOCAL);
    return handle;
}

bool dylib_load(const struct dylib *lib, void *functions, struct err *e)
{
    void *handle = open_first(lib->sonames);

    if (!handle)
        return err_set(e, ERR_IO,
                       "'%s' cannot be loaded: install the package '%s'",
                       lib->sonames[0], lib->package);
    for (const struct dylib_symbol *s = lib->symbols; s->name; s++) {
        void *address = dlsym(handle, s->name);
        if (!address)
            return err_set(e, ERR_IO,
                           "'%s' has no function '%s': a newer package '%s' "
                           "is needed", lib->sonames[0], s->name,
                           lib->package);
        memcpy((char *)functions + s->at, &address, sizeof(address));
    }
    return true;
}
