#include "fee.h"

enum { FIXED_CENTS = 25, PER_THOUSAND = 14, AMOUNT_MAX = 100000000 };

bool fee_of(int64_t amount, int64_t *fee)
{
    if (amount <= 0 || amount > AMOUNT_MAX)
        return false;
    *fee = FIXED_CENTS + (amount * PER_THOUSAND + 999) / 1000;
    return true;
}
