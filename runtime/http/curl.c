#include "runtime/http/curl.h"

#include "base/dylib.h"

static const char *const sonames[] = {"libcurl.so.4", "libcurl-gnutls.so.4",
                                      NULL};

static const struct dylib_symbol symbols[] = {
#define CURL_FN(name) {"curl_" #name, offsetof(struct curl_lib, name)},
#include "runtime/http/curl.def"
#undef CURL_FN
    {0},
};

bool curl_lib_load(struct curl_lib *c, struct err *e)
{
    const struct dylib lib = {
        .sonames = sonames, .package = "libcurl4", .symbols = symbols};

    if (!dylib_load(&lib, c, e))
        return false;
    if (c->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(e, ERR_IO, "libcurl does not start");
    return true;
}
