/// How a record lies in a segment. Integers are little-endian.
///
/// | bytes | field |
/// | --- | --- |
/// | 4 | length of the payload; 0 where no record was written yet |
/// | 4 | CRC-32C of the payload |
/// | payload | hash of the record before (32), sequence (8), time (8), kind, operation, verdict, reason, cached, failure mode (1 each), age (4), policy version (8), unsynced (4), presence (2), then what is present |
///
/// A bit of `presence` for each ``AuditField`` says whether its text is there: a length (2) and UTF-8 bytes. The highest
/// bit says that a reporter (8) and its sequence (8) stand before the texts. `unsynced` is how many records before this
/// one were not on disk yet, as far as the writer knew.
///
/// In segments of version 1 the payload has no hash, no `unsynced` and no `presence`: the reporter is always there, and
/// so are the first ten texts.
package enum RecordLayout {
    package static let frameBytes = 8
    package static let headBytes = RecordHash.byteCount + 8 + 8 + 6 + 4 + 8 + 4 + 2
    static let presenceOffset = headBytes - 2
    static let reporterBit: UInt16 = 1 << 15
    static let reporterBytes = 16
    /// A payload that claims to be longer than this is damage.
    package static let greatestPayload =
        headBytes + reporterBytes + AuditField.allCases.count * (2 + Int(UInt16.max))

    static let version1HeadBytes = 8 + 8 + 6 + 4 + 8 + 8 + 8
    static let version1Texts = 10
}
