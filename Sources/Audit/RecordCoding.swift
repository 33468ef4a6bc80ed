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

/// A record where it lies in the bytes of a segment: nothing of its texts is copied.
package struct RecordView: Sendable {
    package let sequence: UInt64
    package let time: UInt64
    package let head: AuditHead
    /// Where the texts lie, in the order of ``AuditField``.
    package let texts: [10 of Range<Int>]
    /// How long the whole record is, in bytes.
    package let byteCount: Int
}

/// What lies at a place in a segment.
package enum DecodedRecord: Sendable {
    case record(RecordView)
    /// The bytes end within the record, or there are none.
    case incomplete
    /// The bytes are no record.
    case damaged(String)
}

package enum RecordDecoder {
    /// Reads the record that begins at an index of the bytes.
    package static func decode(_ bytes: borrowing Span<UInt8>, at start: Int = 0) -> DecodedRecord {
        guard bytes.count - start >= RecordLayout.frameBytes else { return .incomplete }
        var reader = LittleEndianReader(position: start)
        let length = Int(reader.read(UInt32.self, bytes))
        let checksum = reader.read(UInt32.self, bytes)
        guard (RecordLayout.headBytes...RecordLayout.greatestPayload).contains(length) else {
            return .damaged("a record cannot be \(length) bytes long")
        }
        guard bytes.count - start >= RecordLayout.frameBytes + length else { return .incomplete }
        let end = reader.position + length
        guard CRC32C.checksum(bytes.extracting(reader.position..<end)) == checksum else {
            return .damaged("the checksum does not fit")
        }
        let sequence = reader.read(UInt64.self, bytes)
        let time = reader.read(UInt64.self, bytes)
        let kind = reader.read(UInt8.self, bytes)
        guard let kind = AuditKind(rawValue: kind) else { return .damaged("\(kind) is no kind of record") }
        let head = reader.readHead(of: kind, bytes)
        var texts = [10 of Range<Int>](repeating: 0..<0)
        for index in texts.indices {
            guard let text = reader.readText(bytes, before: end) else {
                return .damaged("a text runs past the end of the record")
            }
            texts[index] = text
        }
        return .record(
            RecordView(
                sequence: sequence, time: time, head: head, texts: texts,
                byteCount: RecordLayout.frameBytes + length))
    }
}

extension AuditRecord {
    /// - Parameter bytes: those that the view was decoded from.
    init(_ view: RecordView, in bytes: borrowing Span<UInt8>) {
        func text(_ field: AuditField, _ bytes: borrowing Span<UInt8>) -> String {
            bytes.extracting(view.texts[field.rawValue]).withUnsafeBufferPointer {
                String(decoding: $0, as: UTF8.self)
            }
        }
        self.init(
            sequence: view.sequence, time: view.time, head: view.head, principal: text(.principal, bytes),
            shortName: text(.shortName, bytes), user: text(.user, bytes), realUser: text(.realUser, bytes),
            path: text(.path, bytes), destination: text(.destination, bytes), dataSource: text(.dataSource, bytes),
            clientAddress: text(.clientAddress, bytes), callerContext: text(.callerContext, bytes),
            detail: text(.detail, bytes))
    }
}

/// Reads what the caller has made sure to be there.
private struct LittleEndianReader {
    var position: Int

    mutating func read<Value: FixedWidthInteger>(_: Value.Type, _ bytes: borrowing Span<UInt8>) -> Value {
        var value: Value = 0
        for offset in 0..<MemoryLayout<Value>.size {
            value |= Value(truncatingIfNeeded: bytes[position + offset]) << (8 * offset)
        }
        position += MemoryLayout<Value>.size
        return value
    }

    mutating func readHead(of kind: AuditKind, _ bytes: borrowing Span<UInt8>) -> AuditHead {
        var head = AuditHead(kind: kind, policyVersion: 0)
        head.operation = Operation(rawValue: read(UInt8.self, bytes))
        head.verdict = Verdict(rawValue: read(UInt8.self, bytes))
        head.reason = Reason(rawValue: read(UInt8.self, bytes))
        head.wasCached = read(UInt8.self, bytes) != 0
        head.failureMode = read(UInt8.self, bytes)
        head.age = read(UInt32.self, bytes)
        head.policyVersion = read(UInt64.self, bytes)
        head.reporter = read(UInt64.self, bytes)
        head.reporterSequence = read(UInt64.self, bytes)
        return head
    }

    mutating func readText(_ bytes: borrowing Span<UInt8>, before end: Int) -> Range<Int>? {
        guard position + 2 <= end else { return nil }
        let count = Int(read(UInt16.self, bytes))
        guard position + count <= end else { return nil }
        defer { position += count }
        return position..<position + count
    }
}
