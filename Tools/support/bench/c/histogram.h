#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

/*
 * Counts of times in nanoseconds, in buckets no wider than 1/64 of what they hold: a quantile is exact to 1.6 %.
 */
enum { HISTOGRAM_FINE_BITS = 6, HISTOGRAM_BUCKETS = (64 - HISTOGRAM_FINE_BITS + 1) << HISTOGRAM_FINE_BITS };

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total;
};

void histogram_clear(struct histogram *histogram);
void histogram_add(struct histogram *histogram, uint64_t nanoseconds);

/* The middle of the bucket below whose end the given share of the times lies; 0 when nothing was counted. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

#endif
