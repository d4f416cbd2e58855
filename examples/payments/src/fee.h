#ifndef FEE_H
#define FEE_H

#include <stdbool.h>
#include <stdint.h>

/* What a payment costs the merchant: 1.4 % and 25 cents, rounded up to a whole
 * cent. False for an amount that cannot be paid (nothing, or over a million).
 * All in cents. */
bool fee_of(int64_t amount, int64_t *fee);

#endif
