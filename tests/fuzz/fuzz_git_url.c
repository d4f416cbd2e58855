/* A repository's URL of any bytes: a password is never told, and the parts
 * are parts. */
#include "runtime/git/url.h"

#include "base/die.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct str url = {(const char *)data, size};
    struct url_parts p = url_split(url);
    struct str shown = url_shown(&a, url), password;

    str_cut(p.userinfo, ':', &password);
    if (p.host.n + p.path.n + p.userinfo.n > size)
        BUG("more parts than there is URL");
    struct url_parts again = url_split(shown);

    if (again.userinfo.n && p.userinfo.n &&
        str_eq(again.userinfo, p.userinfo))
        BUG("the password is told");
    if (url_file_path(&a, url).n > size)
        BUG("decoding makes it longer");
    url_resolve(&a, url, STR("../../x.git"));
    url_resolve(&a, STR("https://h/x/y.git"), url);
    arena_free(&a);
    return 0;
}
