import Catalogue

/// Lets a burst of reads of files that the catalogue does not have through as a few: the first of each directory in
/// a while.
///
/// Bounded, and forgetful where directories share a place: a miss that is told twice is taken up once.
struct MissFilter {
    /// Called with the data source and the path of the file, on the event loop; must not wait.
    var onMiss: (UInt32, [UInt8]) -> Void = { _, _ in }

    private static let places = 1_024
    /// Nanoseconds.
    private static let quiet: UInt64 = 5_000_000_000

    private var noted: [(directory: Int, until: UInt64)] = Array(repeating: (0, 0), count: places)

    /// - Parameters:
    ///   - path: canonical.
    ///   - now: nanoseconds of the monotonic clock.
    mutating func note(_ path: [UInt8], of dataSource: UInt32, now: UInt64) {
        var hasher = Hasher()
        hasher.combine(dataSource)
        let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? 0
        path[..<slash].withUnsafeBytes { hasher.combine(bytes: $0) }
        let directory = hasher.finalize()
        let place = directory & (Self.places - 1)
        guard noted[place].directory != directory || noted[place].until <= now else { return }
        noted[place] = (directory, now + Self.quiet)
        onMiss(dataSource, path)
    }
}
