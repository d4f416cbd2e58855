#include "runtime/yaml/yscalar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shortest decimal digits that read back as the same double, laid out as
 * Go's strconv does. */

/* With shortest digits Go's 'g' counts six as the precision. */
enum { GO_FIXED_BELOW = 6 };

struct decimal {
    char digits[20];
    size_t n;
    int exponent; /* of the first digit: 1.5 has 0, 0.01 has -2 */
    bool minus;
};

static void shortest(double f, struct decimal *d)
{
    char text[40];

    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, f);
        if (strtod(text, NULL) == f)
            break;
    }
    const char *p = text;

    d->minus = *p == '-';
    for (p += d->minus; *p && *p != 'e'; p++)
        if (*p != '.')
            d->digits[d->n++] = *p;
    d->exponent = *p ? (int)strtol(p + 1, NULL, 10) : 0;
    while (d->n > 1 && d->digits[d->n - 1] == '0')
        d->n--;
}

static size_t put_fixed(const struct decimal *d, char *out)
{
    size_t n = 0;

    if (d->exponent < 0) {
        out[n++] = '0';
        out[n++] = '.';
        for (int i = -1; i > d->exponent; i--)
            out[n++] = '0';
    }
    for (size_t i = 0; i < d->n; i++) {
        if (i && d->exponent >= 0 && i == (size_t)d->exponent + 1)
            out[n++] = '.';
        out[n++] = d->digits[i];
    }
    for (int i = (int)d->n; i <= d->exponent; i++)
        out[n++] = '0';
    return n;
}

/* 1.5e+20; Go writes at least width digits of exponent. */
static size_t put_exponent(const struct decimal *d, int width, char *out)
{
    size_t n = 0;

    out[n++] = d->digits[0];
    if (d->n > 1)
        out[n++] = '.';
    memcpy(out + n, d->digits + 1, d->n - 1);
    n += d->n - 1;
    return n + (size_t)snprintf(out + n, 8, "e%c%0*d",
                                d->exponent < 0 ? '-' : '+', width,
                                abs(d->exponent));
}

size_t yscalar_json_double(double f, char *buf)
{
    struct decimal d = {0};
    double size = fabs(f);

    shortest(f, &d);
    if (d.minus)
        *buf = '-';
    if (f != 0 && (size < 1e-6 || size >= 1e21))
        return d.minus + put_exponent(&d, 1, buf + d.minus);
    return d.minus + put_fixed(&d, buf + d.minus);
}

size_t yscalar_go_double(double f, char *buf)
{
    struct decimal d = {0};

    shortest(f, &d);
    if (d.minus)
        *buf = '-';
    if (d.exponent < -4 || d.exponent >= GO_FIXED_BELOW)
        return d.minus + put_exponent(&d, 2, buf + d.minus);
    return d.minus + put_fixed(&d, buf + d.minus);
}
