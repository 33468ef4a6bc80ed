import Decision

/// A record whose checksum fits, of which only so much is read as is asked for. Valid as long as the bytes are that it
/// lies in.
struct RecordOutline {
    /// Where the record begins, in the bytes that were looked at.
    let start: Int
    let payload: UnsafeRawBufferPointer
    private let isChained: Bool

    init(start: Int, payload: UnsafeRawBufferPointer, isChained: Bool) {
        self.start = start
        self.payload = payload
        self.isChained = isChained
    }

    /// How long the whole record is, in bytes.
    var byteCount: Int { RecordLayout.frameBytes + payload.count }

    var sequence: UInt64 { load(UInt64.self, at: 0) }
    var time: UInt64 { load(UInt64.self, at: 8) }
    /// The codes of a verdict and a reason; 0 for none.
    var verdict: UInt8 { load(UInt8.self, at: 18) }
    var reason: UInt8 { load(UInt8.self, at: 19) }

    /// - Parameter offset: where it lies in records of version 1; the others have a hash before that.
    private func load<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type, at offset: Int) -> Value {
        let start = offset + (isChained ? RecordHash.byteCount : 0)
        return Value(littleEndian: payload.loadUnaligned(fromByteOffset: start, as: Value.self))
    }

    /// The record's texts, one after another.
    var texts: Texts {
        guard isChained else {
            return Texts(
                payload: payload, presence: 1 << UInt16(RecordLayout.version1Texts) - 1,
                position: RecordLayout.version1HeadBytes)
        }
        let presence = UInt16(
            littleEndian: payload.loadUnaligned(fromByteOffset: RecordLayout.presenceOffset, as: UInt16.self))
        let hasReporter = presence & RecordLayout.reporterBit != 0
        return Texts(
            payload: payload, presence: presence,
            position: RecordLayout.headBytes + (hasReporter ? RecordLayout.reporterBytes : 0))
    }

    struct Texts {
        fileprivate let payload: UnsafeRawBufferPointer
        fileprivate let presence: UInt16
        fileprivate var position: Int

        /// The text of a field; empty where there is none. To be asked for in the order of ``AuditField``.
        ///
        /// - Returns: `nil` if it runs past the end of the record.
        @inline(__always)
        mutating func next(_ field: Int) -> UnsafeRawBufferPointer? {
            guard presence & 1 << UInt16(truncatingIfNeeded: field) != 0 else {
                return UnsafeRawBufferPointer(start: nil, count: 0)
            }
            guard payload.count - position >= 2 else { return nil }
            let count = Int(UInt16(littleEndian: payload.loadUnaligned(fromByteOffset: position, as: UInt16.self)))
            guard payload.count - position - 2 >= count else { return nil }
            defer { position += 2 + count }
            return UnsafeRawBufferPointer(rebasing: payload[position + 2..<position + 2 + count])
        }
    }
}

/// What lies at a place in a segment, as far as its length and its checksum tell.
enum FramedRecord {
    case record(RecordOutline)
    /// The bytes end within the record, or no record was written there yet.
    case incomplete
    /// No record can be so long, in bytes.
    case impossibleLength(Int)
    case wrongChecksum
}
