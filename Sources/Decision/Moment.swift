import Policy

/// When something is decided, by both clocks.
package struct Moment: Sendable, Equatable {
    /// Nanoseconds of a monotonic clock: ages of cached decisions are counted in it.
    package var monotonic: UInt64
    /// Expiries that administrators and approvers wrote are compared with it.
    package var wall: Instant

    package init(monotonic: UInt64, wall: Instant) {
        self.monotonic = monotonic
        self.wall = wall
    }
}
