#ifndef CCHECKSUM_H
#define CCHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor computes CRC-32C by an instruction of its own.
bool crc32c_is_accelerated(void);

/// Goes on with a CRC-32C over `count` bytes, by the processor's instruction; only where it is accelerated. The value is
/// the inner one: it begins with all bits set and is inverted at the end.
uint32_t crc32c_accelerated(uint32_t crc, const void *bytes, size_t count);

/// The SHA-256 of `count` bytes. On the stack: nothing is allocated.
void authorizer_sha256(const void *bytes, size_t count, unsigned char digest[32]);

#endif
