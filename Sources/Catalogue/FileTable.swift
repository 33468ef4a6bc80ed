/// What a crawl found out about many files: a flat, sorted table of fingerprints of their paths.
///
/// 12.25 to 12.5 bytes a file: 8 for the fingerprint, 4 for the time, and the rest for the index. A look-up hashes the
/// path and scans one bucket of 8 to 16 on average, whatever the number of files; it allocates nothing.
///
/// A fingerprint has 62 bits of the standard library's keyed hash. A path that was never seen is taken for one that
/// was with a probability of the number of files over 2 to the 62nd, 1 in 460 thousand million with ten million
/// files, and nobody can choose paths so that it happens: the key is new for every process.
package struct FileTable: Sendable {
    private static let stateBits: UInt64 = 3
    private static let filesPerBucket = 16

    /// In ascending order; the lowest two bits are the ``FileState``.
    private let fingerprints: [UInt64]
    /// Seconds since 1970, for each fingerprint.
    private let times: [UInt32]
    /// Where the fingerprints begin that share their first bits, and one more for the end.
    private let bucketStarts: [UInt32]
    private let bucketShift: UInt64

    /// A file of a table that is being made.
    package struct Item: Sendable {
        fileprivate var fingerprint: UInt64
        fileprivate var time: UInt32

        /// - Parameters:
        ///   - path: absolute and canonical.
        ///   - modificationTime: milliseconds since 1970, as HDFS has it.
        package init(path: borrowing Span<UInt8>, state: FileState, modificationTime: Int64) {
            fingerprint = FileTable.fingerprint(path) | UInt64(state.rawValue)
            time = UInt32(clamping: modificationTime / 1_000)
        }
    }

    package static let empty = FileTable([])

    /// - Parameter items: in any order. Of two with one fingerprint, what gives less away counts.
    package init(_ items: consuming [Item]) {
        items.sort { $0.fingerprint < $1.fingerprint }
        var fingerprints: [UInt64] = []
        var times: [UInt32] = []
        fingerprints.reserveCapacity(items.count)
        times.reserveCapacity(items.count)
        for item in items {
            if let last = fingerprints.last, (last ^ item.fingerprint) & ~Self.stateBits == 0 { continue }
            fingerprints.append(item.fingerprint)
            times.append(item.time)
        }
        self.fingerprints = fingerprints
        self.times = times
        let bits = max(0, Int.bitWidth - (fingerprints.count / Self.filesPerBucket).leadingZeroBitCount)
        bucketShift = UInt64(64 - bits)
        var starts = [UInt32](repeating: 0, count: (1 << bits) + 1)
        for fingerprint in fingerprints { starts[Int(fingerprint >> bucketShift) + 1] += 1 }
        for index in starts.indices.dropFirst() { starts[index] += starts[index - 1] }
        bucketStarts = starts
    }

    package var count: Int { fingerprints.count }

    /// Bytes of memory that the table takes.
    package var byteCount: Int { count * 12 + bucketStarts.count * 4 }

    /// - Parameter path: absolute and canonical.
    /// - Returns: `nil` if the table does not have it.
    package func lookUp(_ path: borrowing Span<UInt8>) -> (state: FileState, modificationTime: UInt32)? {
        find(Self.fingerprint(path))
    }

    @inline(__always)
    func find(_ wanted: UInt64) -> (state: FileState, modificationTime: UInt32)? {
        let bucket = Int(wanted >> bucketShift)
        for index in Int(bucketStarts[bucket])..<Int(bucketStarts[bucket + 1]) {
            let found = fingerprints[index]
            if (found ^ wanted) & ~Self.stateBits == 0 {
                return (FileState(rawValue: UInt8(found & Self.stateBits))!, times[index])
            }
        }
        return nil
    }

    /// This table with what another one, younger, says besides and instead.
    package func updated(by younger: FileTable) -> FileTable {
        var items: [Item] = []
        items.reserveCapacity(count + younger.count)
        for index in younger.fingerprints.indices { items.append(younger.item(index)) }
        for index in fingerprints.indices where younger.find(fingerprints[index] & ~Self.stateBits) == nil {
            items.append(item(index))
        }
        return FileTable(items)
    }

    private func item(_ index: Int) -> Item {
        Item(fingerprint: fingerprints[index], time: times[index])
    }

    @inline(__always)
    static func fingerprint(_ path: borrowing Span<UInt8>) -> UInt64 {
        var hasher = Hasher()
        path.withUnsafeBytes { hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize())) & ~stateBits
    }
}

extension FileTable.Item {
    fileprivate init(fingerprint: UInt64, time: UInt32) {
        self.fingerprint = fingerprint
        self.time = time
    }
}

/// What a ``FileTable`` says of a file. The order is that of what gives less away first.
package enum FileState: UInt8, Sendable {
    /// It was there, and is not any more.
    case gone
    /// The data source's credential cannot read it.
    case notReadable
    /// The data source's credential can read it.
    case readable
}
