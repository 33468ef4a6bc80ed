package bench;

/** Counts of times in nanoseconds, in buckets no wider than 1/64 of what they hold: a quantile is exact to 1.6 %. */
final class Histogram {
  private static final int FINE_BITS = 6;
  private static final int FINE = 1 << FINE_BITS;

  private final long[] counts = new long[(64 - FINE_BITS + 1) << FINE_BITS];
  private long total;

  void add(long nanos) {
    counts[bucketOf(Math.max(nanos, 0))]++;
    total++;
  }

  void addAll(Histogram other) {
    for (int bucket = 0; bucket < counts.length; bucket++) {
      counts[bucket] += other.counts[bucket];
    }
    total += other.total;
  }

  long total() {
    return total;
  }

  /** The middle of the bucket below whose end the given share of the times lies; 0 when nothing was counted. */
  long quantile(double share) {
    long seen = 0;
    for (int bucket = 0; bucket < counts.length; bucket++) {
      seen += counts[bucket];
      if (seen > 0 && seen >= share * total) {
        return middleOf(bucket);
      }
    }
    return 0;
  }

  /** Values below FINE have a bucket each; above, each power of two has FINE buckets. */
  private static int bucketOf(long value) {
    if (value < FINE) {
      return (int) value;
    }
    int shift = 63 - Long.numberOfLeadingZeros(value) - FINE_BITS;
    return ((shift + 1) << FINE_BITS) + (int) ((value >>> shift) - FINE);
  }

  private static long middleOf(int bucket) {
    if (bucket < FINE) {
      return bucket;
    }
    int shift = (bucket >>> FINE_BITS) - 1;
    long low = (long) (FINE + (bucket & (FINE - 1))) << shift;
    return low + ((1L << shift) >>> 1);
  }
}
