import Decision
import Glibc
import Policy

/// Time that no step of the wall clock touches: ages and expiry are counted in it.
package enum MonotonicClock {
    /// Nanoseconds since some moment before the process was started, a few milliseconds coarse.
    package static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The clocks by which the service decides.
package struct ServiceClock: Sendable {
    package var now: @Sendable () -> Moment

    package init(now: @escaping @Sendable () -> Moment) {
        self.now = now
    }

    package static let system = ServiceClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let wall = Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        return Moment(monotonic: MonotonicClock.nanoseconds, wall: Instant(milliseconds: wall))
    }
}
