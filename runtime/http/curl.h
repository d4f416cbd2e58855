#ifndef RUNTIME_HTTP_CURL_H
#define RUNTIME_HTTP_CURL_H

#include "base/err.h"

/* libcurl's own macros over its functions would hide our pointers. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

/* libcurl, loaded when first used. Only this room includes this header. */
struct curl_lib {
#define CURL_FN(name) __typeof__(curl_##name) *name;
#include "runtime/http/curl.def"
#undef CURL_FN
};

/* Loads the library and starts it up; both may be done again. */
bool curl_lib_load(struct curl_lib *c, struct err *e);

#endif
