/// What policies say per user and data source.
///
/// Bounded: a set-associative table of fixed size; a full set gives up the entry that would expire first. An entry is
/// valid while it is younger than the time to live and than what it says of itself, and neither its user nor its data
/// source has changed since it was made. That is checked at the look-up, so a policy change drops exactly the entries it touches, at once and for free.
///
/// Not synchronised; it belongs to the thread that decides. A miss is evaluated by that thread before it looks at the
/// next question, so many concurrent misses of one key cost one evaluation.
package struct DecisionCache: ~Copyable {
    /// A decision and what it was made from.
    package struct Entry: Sendable, Equatable {
        package let user: UInt32
        package let dataSource: UInt32
        /// The policy version under which it was made.
        package let version: UInt64
        /// When it was made, in nanoseconds of a monotonic clock.
        package let madeAt: UInt64
        package let access: Access

        /// For how many nanoseconds it may be used after it was made.
        package func lifetime(atMost timeToLive: UInt64) -> UInt64 {
            access.lifetime == Access.endless
                ? timeToLive : min(timeToLive, UInt64(access.lifetime) * 1_000_000_000)
        }
    }

    /// Counts since the start.
    package struct Statistics: Sendable, Equatable {
        package var hits: UInt64 = 0
        package var evaluations: UInt64 = 0
        /// Entries found older than the time to live.
        package var expired: UInt64 = 0
        /// Entries found made before a change of their user or data source.
        package var outdated: UInt64 = 0
        /// Valid entries given up for lack of room.
        package var evicted: UInt64 = 0
    }

    private static let ways = 8

    package let timeToLive: UInt64
    package private(set) var statistics = Statistics()
    private var table: [Entry?]
    private let setMask: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - capacity: most entries held; rounded up to a power of two, at least 8. 32 bytes each.
    ///   - timeToLive: nanoseconds; 0 keeps nothing.
    ///   - seed: keys the placement of entries, so that nobody can crowd one set on purpose.
    package init(capacity: Int, timeToLive: UInt64, seed: UInt64 = .random(in: .min ... .max)) {
        let size = max(Self.ways, capacity.nextPowerOfTwo)
        self.timeToLive = timeToLive
        self.seed = seed
        table = Array(repeating: nil, count: size)
        setMask = size / Self.ways - 1
    }

    package var capacity: Int { table.count }

    /// The valid entry for a user and a data source, or a new one.
    ///
    /// - Parameters:
    ///   - changedAt: the policy version of the last change of the user or the data source, whichever is later.
    ///   - version: the current policy version.
    ///   - now: nanoseconds of a monotonic clock that never goes back.
    ///   - evaluate: called when there is no valid entry.
    /// - Returns: the entry, and whether it was there already.
    package mutating func entry(
        user: UInt32, dataSource: UInt32, changedAt: UInt64, version: UInt64, now: UInt64,
        evaluate: () -> Access
    ) -> (entry: Entry, wasCached: Bool) {
        let first = firstIndex(user, dataSource)
        var place = first
        var placeExpiry = UInt64.max
        for index in first..<first + Self.ways {
            guard let entry = table[index] else {
                if placeExpiry > 0 { (place, placeExpiry) = (index, 0) }
                continue
            }
            if entry.user == user, entry.dataSource == dataSource {
                if isValid(entry, changedAt: changedAt, now: now) {
                    statistics.hits += 1
                    return (entry, true)
                }
                (place, placeExpiry) = (index, 0)
                break
            }
            if entry.madeAt < placeExpiry { (place, placeExpiry) = (index, max(1, entry.madeAt)) }
        }
        statistics.evaluations += 1
        let made = Entry(
            user: user, dataSource: dataSource, version: version, madeAt: now, access: evaluate())
        guard timeToLive > 0 else { return (made, false) }
        if placeExpiry > 0, let old = table[place], now - old.madeAt < old.lifetime(atMost: timeToLive) {
            statistics.evicted += 1
        }
        table[place] = made
        return (made, false)
    }

    /// Forgets everything.
    package mutating func removeAll() {
        for index in table.indices { table[index] = nil }
    }

    /// Everything held, valid or not, as a value that can be looked through elsewhere. Costs nothing by itself; the next
    /// entry made costs one copy of the table.
    package var contents: [Entry?] { table }

    private mutating func isValid(_ entry: Entry, changedAt: UInt64, now: UInt64) -> Bool {
        guard entry.version >= changedAt else {
            statistics.outdated += 1
            return false
        }
        guard now - entry.madeAt < entry.lifetime(atMost: timeToLive) else {
            statistics.expired += 1
            return false
        }
        return true
    }

    @inline(__always)
    private func firstIndex(_ user: UInt32, _ dataSource: UInt32) -> Int {
        var mixed = (UInt64(user) << 32 | UInt64(dataSource)) ^ seed
        mixed = (mixed ^ (mixed >> 31)) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9
        return Int(truncatingIfNeeded: mixed ^ (mixed >> 32)) & setMask * Self.ways
    }
}
