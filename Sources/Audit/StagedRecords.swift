/// Records that are to be committed together, in bytes. One value, so that whoever stages one asks once whether anybody
/// else is at it: in a class, that is asked at each of its properties.
struct StagedRecords: ~Copyable {
    private var encoder = RecordEncoder()
    private(set) var count: UInt64 = 0
    /// Of the last of them, or of the one before the first if there is none.
    private(set) var lastHash = RecordHash.none

    /// - Parameters:
    ///   - last: the sequence number of the last record before them.
    ///   - synced: of the last record that is on disk.
    ///   - time: milliseconds since 1970.
    ///   - texts: appends the texts of ``AuditField`` in their order, as many as there are.
    @inline(__always)
    mutating func append(
        _ head: AuditHead, after last: UInt64, synced: UInt64, time: UInt64, texts: (inout RecordEncoder) -> Void
    ) {
        let before = last + count
        count += 1
        encoder.begin(
            head, sequence: before + 1, time: time, previous: lastHash,
            unsynced: UInt32(clamping: before - min(before, synced)))
        texts(&encoder)
        lastHash = encoder.end()
    }

    /// What is staged; valid until the next change.
    var unsafeBytes: UnsafeRawBufferPointer { encoder.unsafeBytes }

    /// Begins anew.
    ///
    /// - Parameter previous: of the record before the next one.
    mutating func removeAll(after previous: RecordHash) {
        encoder.removeAll()
        count = 0
        lastHash = previous
    }
}
