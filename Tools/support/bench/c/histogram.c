#include "histogram.h"

#include <string.h>

enum { FINE = 1 << HISTOGRAM_FINE_BITS };

/* Values below FINE have a bucket each; above, each power of two has FINE buckets. */
static unsigned bucket_of(uint64_t value) {
    if (value < FINE) return (unsigned)value;
    unsigned shift = 63 - (unsigned)__builtin_clzll(value) - HISTOGRAM_FINE_BITS;
    return ((shift + 1) << HISTOGRAM_FINE_BITS) + (unsigned)((value >> shift) - FINE);
}

static uint64_t middle_of(unsigned bucket) {
    if (bucket < FINE) return bucket;
    unsigned shift = (bucket >> HISTOGRAM_FINE_BITS) - 1;
    uint64_t low = (uint64_t)(FINE + (bucket & (FINE - 1))) << shift;
    return low + (((uint64_t)1 << shift) >> 1);
}

void histogram_clear(struct histogram *histogram) {
    memset(histogram, 0, sizeof *histogram);
}

void histogram_add(struct histogram *histogram, uint64_t nanoseconds) {
    histogram->counts[bucket_of(nanoseconds)]++;
    histogram->total++;
}

uint64_t histogram_quantile(const struct histogram *histogram, double share) {
    double wanted = share * (double)histogram->total;
    uint64_t seen = 0;
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->counts[bucket];
        if (seen > 0 && (double)seen >= wanted) return middle_of(bucket);
    }
    return 0;
}
