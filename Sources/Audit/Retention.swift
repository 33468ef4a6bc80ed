import Foundation

/// Which segments are removed, and when. Nothing is, unless an administrator said so.
package struct Retention: Sendable, Equatable {
    /// Segments whose last record is older than this many days.
    package var days: Int?
    /// The oldest segments, while all together have more bytes than this.
    package var bytes: Int?

    package init(days: Int? = nil, bytes: Int? = nil) {
        self.days = days
        self.bytes = bytes
    }

    /// Segments that were removed.
    package struct Removal: Sendable, Equatable {
        /// Their records.
        package var records: ClosedRange<UInt64>
        package var segments: Int
    }

    /// Removes what is to go, the oldest first. A segment that is being read stays readable for who has opened it.
    ///
    /// - Parameters:
    ///   - needed: the number of the first record that has to stay: it is not indexed yet, or was not shipped. The
    ///     last segment always stays.
    ///   - now: milliseconds since 1970.
    /// - Returns: `nil` if nothing was to go.
    /// - Throws: ``FileError`` if a segment could not be removed; those before it are.
    package func apply(in directory: String, needed: UInt64, now: UInt64) throws -> Removal? {
        guard days != nil || bytes != nil else { return nil }
        let firsts = try Segment.firsts(in: directory)
        let sizes = firsts.map { Segment.size(in: directory, first: $0) }
        var total = sizes.reduce(0, +)
        var removal: Removal?
        for index in firsts.indices.dropLast() where firsts[index + 1] <= needed {
            // The last record of a segment is no younger than the segment after it.
            let next = try SegmentFileReader(directory: directory, first: firsts[index + 1])
            let ended = next?.header.time ?? now
            guard isTooMuch(total) || isTooOld(ended, now) else { break }
            try Segment.remove(in: directory, first: firsts[index])
            total -= sizes[index]
            removal = Removal(
                records: (removal?.records.lowerBound ?? firsts[index])...firsts[index + 1] - 1,
                segments: (removal?.segments ?? 0) + 1)
        }
        return removal
    }

    private func isTooMuch(_ total: Int) -> Bool { bytes.map { total > $0 } ?? false }

    private func isTooOld(_ time: UInt64, _ now: UInt64) -> Bool {
        days.map { now >= time && now - time > UInt64($0) * 86_400_000 } ?? false
    }
}

/// Bytes; 0 if it is not there.
func fileSize(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
