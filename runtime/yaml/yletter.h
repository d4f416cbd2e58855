#ifndef RUNTIME_YAML_YLETTER_H
#define RUNTIME_YAML_YLETTER_H

#include <stdbool.h>
#include <stdint.h>

/* Is the code point a letter (Unicode categories L*)? The order of keys in
 * written YAML turns on it. */
bool yletter(uint32_t c);

#endif
