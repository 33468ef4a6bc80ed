import Glibc

/// Time that no step of the wall clock touches: ages and expiry are counted in it.
package enum MonotonicClock {
    /// Nanoseconds since some moment before the process was started, a few milliseconds coarse.
    package static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
