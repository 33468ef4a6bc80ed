import Decision

/// How a record lies in a segment. Integers are little-endian.
///
/// | bytes | field |
/// | --- | --- |
/// | 4 | length of the payload |
/// | 4 | CRC-32C of the payload |
/// | payload | sequence (8), time (8), kind, operation, verdict, reason, cached, failure mode (1 each), age (4), policy version (8), reporter (8), reporter's sequence (8), then ten texts, each a length (2) and UTF-8 bytes |
package enum RecordLayout {
    package static let frameBytes = 8
    package static let headBytes = 8 + 8 + 6 + 4 + 8 + 8 + 8
    /// A payload that claims to be longer than this is damage.
    package static let greatestPayload = headBytes + AuditField.allCases.count * (2 + Int(UInt16.max))
}

/// Encodes records one after another into memory that it reuses.
package struct RecordEncoder {
    package private(set) var bytes: [UInt8] = []
    private var recordStart = 0

    package init() {
        bytes.reserveCapacity(64 << 10)
    }

    package mutating func begin(_ head: AuditHead, sequence: UInt64, time: UInt64) {
        recordStart = bytes.count
        append(UInt64(0))
        append(sequence)
        append(time)
        bytes.append(head.kind.rawValue)
        bytes.append(head.operation?.rawValue ?? 0)
        bytes.append(head.verdict?.rawValue ?? 0)
        bytes.append(head.reason?.rawValue ?? 0)
        bytes.append(head.wasCached ? 1 : 0)
        bytes.append(head.failureMode)
        append(head.age)
        append(head.policyVersion)
        append(head.reporter)
        append(head.reporterSequence)
    }

    /// Appends the next text, in the order of ``AuditField``. Texts beyond 65,535 bytes are cut off.
    package mutating func append(text: borrowing Span<UInt8>) {
        let count = min(text.count, Int(UInt16.max))
        append(UInt16(count))
        text.extracting(first: count).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    package mutating func append(text: [UInt8]) {
        append(text: text.span)
    }

    package mutating func appendNothing() {
        append(UInt16(0))
    }

    /// Closes the record begun last.
    package mutating func end() {
        let payload = recordStart + RecordLayout.frameBytes
        let checksum = CRC32C.checksum(bytes.span.extracting(payload..<bytes.count))
        set(UInt32(bytes.count - payload), at: recordStart)
        set(checksum, at: recordStart + 4)
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func set(_ value: UInt32, at index: Int) {
        for offset in 0..<4 { bytes[index + offset] = UInt8(truncatingIfNeeded: value >> (8 * offset)) }
    }
}

/// What lies at a place in a segment.
package enum DecodedRecord: Sendable, Equatable {
    case record(AuditRecord, byteCount: Int)
    /// The bytes end within the record, or there are none.
    case incomplete
    /// The bytes are no record.
    case damaged(String)
}

package enum RecordDecoder {
    /// Reads the record at the beginning of the bytes.
    package static func decode(_ bytes: ArraySlice<UInt8>) -> DecodedRecord {
        guard bytes.count >= RecordLayout.frameBytes else { return .incomplete }
        var reader = LittleEndianReader(bytes: bytes)
        let length = Int(reader.read(UInt32.self))
        let checksum = reader.read(UInt32.self)
        guard (RecordLayout.headBytes...RecordLayout.greatestPayload).contains(length) else {
            return .damaged("a record cannot be \(length) bytes long")
        }
        guard bytes.count >= RecordLayout.frameBytes + length else { return .incomplete }
        let payload = bytes[reader.position..<reader.position + length]
        guard CRC32C.checksum(payload.span) == checksum else { return .damaged("the checksum does not fit") }
        reader.bytes = bytes[..<payload.endIndex]
        let sequence = reader.read(UInt64.self)
        let time = reader.read(UInt64.self)
        let kind = reader.read(UInt8.self)
        let (operation, verdict, reason) = (
            reader.read(UInt8.self), reader.read(UInt8.self), reader.read(UInt8.self)
        )
        guard let kind = AuditKind(rawValue: kind) else { return .damaged("\(kind) is no kind of record") }
        var head = AuditHead(
            kind: kind, operation: Operation(rawValue: operation), verdict: Verdict(rawValue: verdict),
            reason: Reason(rawValue: reason), policyVersion: 0)
        head.wasCached = reader.read(UInt8.self) != 0
        head.failureMode = reader.read(UInt8.self)
        head.age = reader.read(UInt32.self)
        head.policyVersion = reader.read(UInt64.self)
        head.reporter = reader.read(UInt64.self)
        head.reporterSequence = reader.read(UInt64.self)
        var texts: [String] = []
        for _ in AuditField.allCases {
            guard let text = reader.readText() else { return .damaged("a text runs past the end of the record") }
            texts.append(text)
        }
        func text(_ field: AuditField) -> String { texts[field.rawValue] }
        let record = AuditRecord(
            sequence: sequence, time: time, head: head, principal: text(.principal), shortName: text(.shortName),
            user: text(.user), realUser: text(.realUser), path: text(.path), destination: text(.destination),
            dataSource: text(.dataSource), clientAddress: text(.clientAddress), callerContext: text(.callerContext),
            detail: text(.detail))
        return .record(record, byteCount: RecordLayout.frameBytes + length)
    }
}

private struct LittleEndianReader {
    var bytes: ArraySlice<UInt8>
    var position: Int

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// The caller has made sure that the bytes are there.
    mutating func read<Value: FixedWidthInteger>(_: Value.Type) -> Value {
        var value: Value = 0
        for offset in 0..<MemoryLayout<Value>.size {
            value |= Value(truncatingIfNeeded: bytes[position + offset]) << (8 * offset)
        }
        position += MemoryLayout<Value>.size
        return value
    }

    mutating func readText() -> String? {
        guard position + 2 <= bytes.endIndex else { return nil }
        let count = Int(read(UInt16.self))
        guard position + count <= bytes.endIndex else { return nil }
        defer { position += count }
        return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }
}
