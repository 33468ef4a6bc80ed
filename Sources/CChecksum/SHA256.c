// The functions of OpenSSL 1, which OpenSSL 3 would see replaced by others: those take as long to set a hash up as a
// journal's record takes to be hashed.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "CChecksum.h"

#include <openssl/sha.h>

void authorizer_sha256(const void *bytes, size_t count, unsigned char digest[32]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, count);
    SHA256_Final(digest, &context);
}
