import Decision

/// A record where it lies in the bytes of a segment: nothing of its texts is copied.
package struct RecordView: Sendable {
    package let sequence: UInt64
    package let time: UInt64
    package let head: AuditHead
    /// How many records before this one may not have been on disk when it was written.
    package let unsynced: UInt32
    /// Where the texts lie, in the order of ``AuditField``.
    package let texts: [13 of Range<Int32>]
    /// Where the whole record lies, in the bytes that were decoded.
    package let start: Int
    /// How long the whole record is, in bytes.
    package let byteCount: Int

    /// Where a text lies in the bytes.
    func range(_ field: AuditField) -> Range<Int> {
        let range = texts[field.rawValue]
        return Int(range.lowerBound)..<Int(range.upperBound)
    }

    var payload: Range<Int> { start + RecordLayout.frameBytes..<start + byteCount }
}

/// What lies at a place in a segment.
package enum DecodedRecord: Sendable {
    case record(RecordView)
    /// The bytes end within the record, or no record was written there yet.
    case incomplete
    /// The bytes are no record.
    case damaged(String)
}

package enum RecordDecoder {
    /// Reads the record that begins at an index of the bytes.
    ///
    /// - Parameter version: of the segment.
    package static func decode(
        _ bytes: borrowing Span<UInt8>, at start: Int = 0, version: UInt32 = Segment.version
    ) -> DecodedRecord {
        bytes.withUnsafeBytes { decode($0, at: start, version: version) }
    }

    static func decode(
        _ bytes: UnsafeRawBufferPointer, at start: Int, version: UInt32 = Segment.version
    ) -> DecodedRecord {
        switch outline(bytes, at: start, version: version) {
        case .record(let outline): decode(outline, version: version)
        case .incomplete: .incomplete
        case .impossibleLength(let length): .damaged("a record cannot be \(length) bytes long")
        case .wrongChecksum: .damaged("the checksum does not fit")
        }
    }

    /// Finds the record that begins at an index of the bytes, and reads nothing of it but its length and its checksum.
    @inline(__always)
    static func outline(_ bytes: UnsafeRawBufferPointer, at start: Int, version: UInt32) -> FramedRecord {
        let left = bytes.count - start
        guard left >= RecordLayout.frameBytes, let base = bytes.baseAddress else { return .incomplete }
        let length = Int((base + start).load(UInt32.self, at: 0))
        if length == 0 { return .incomplete }
        let isChained = version > 1
        let headBytes = isChained ? RecordLayout.headBytes : RecordLayout.version1HeadBytes
        guard (headBytes...RecordLayout.greatestPayload).contains(length) else { return .impossibleLength(length) }
        guard left >= RecordLayout.frameBytes + length else { return .incomplete }
        let payload = UnsafeRawBufferPointer(start: base + start + RecordLayout.frameBytes, count: length)
        guard CRC32C.checksum(payload) == (base + start).load(UInt32.self, at: 4) else { return .wrongChecksum }
        return .record(RecordOutline(start: start, payload: payload, isChained: isChained))
    }

    /// Reads the rest of a record.
    ///
    /// - Parameter version: of the segment, as for the outline.
    static func decode(_ outline: RecordOutline, version: UInt32) -> DecodedRecord {
        var reader = PayloadReader(outline.payload, offset: outline.start + RecordLayout.frameBytes)
        return version > 1 ? reader.readRecord() : reader.readVersion1Record()
    }
}

extension AuditRecord {
    /// - Parameter bytes: those that the view was decoded from.
    init(_ view: RecordView, in bytes: UnsafeRawBufferPointer) {
        func text(_ field: AuditField) -> String {
            String(decoding: bytes[view.range(field)], as: UTF8.self)
        }
        self.init(
            sequence: view.sequence, time: view.time, head: view.head, principal: text(.principal),
            shortName: text(.shortName), user: text(.user), realUser: text(.realUser), path: text(.path),
            destination: text(.destination), dataSource: text(.dataSource), clientAddress: text(.clientAddress),
            callerContext: text(.callerContext), detail: text(.detail), grant: text(.grant), job: text(.job),
            change: text(.change))
    }

    init(_ view: RecordView, in bytes: borrowing Span<UInt8>) {
        self = bytes.withUnsafeBytes { Self(view, in: $0) }
    }
}

/// Reads a payload whose checksum fits.
private struct PayloadReader {
    private let payload: UnsafeRawBufferPointer
    /// Of the payload, in the bytes that are decoded.
    private let offset: Int
    private var position = 0

    init(_ payload: UnsafeRawBufferPointer, offset: Int) {
        self.payload = payload
        self.offset = offset
    }

    mutating func readRecord() -> DecodedRecord {
        position = RecordHash.byteCount
        let sequence = read(UInt64.self)
        let time = read(UInt64.self)
        guard var head = readHead() else { return unknownKind }
        let unsynced = read(UInt32.self)
        let presence = read(UInt16.self)
        if presence & RecordLayout.reporterBit != 0 {
            guard payload.count - position >= RecordLayout.reporterBytes else { return overrun }
            head.reporter = read(UInt64.self)
            head.reporterSequence = read(UInt64.self)
        }
        var texts = [13 of Range<Int32>](repeating: 0..<0)
        for index in texts.indices where presence & 1 << UInt16(truncatingIfNeeded: index) != 0 {
            guard let text = readText() else { return overrun }
            texts[index] = text
        }
        return record(sequence, time, head, unsynced, texts)
    }

    mutating func readVersion1Record() -> DecodedRecord {
        let sequence = read(UInt64.self)
        let time = read(UInt64.self)
        guard var head = readHead() else { return unknownKind }
        head.reporter = read(UInt64.self)
        head.reporterSequence = read(UInt64.self)
        var texts = [13 of Range<Int32>](repeating: 0..<0)
        for index in 0..<RecordLayout.version1Texts {
            guard let text = readText() else { return overrun }
            texts[index] = text
        }
        return record(sequence, time, head, 0, texts)
    }

    private func record(
        _ sequence: UInt64, _ time: UInt64, _ head: AuditHead, _ unsynced: UInt32, _ texts: [13 of Range<Int32>]
    ) -> DecodedRecord {
        .record(
            RecordView(
                sequence: sequence, time: time, head: head, unsynced: unsynced, texts: texts,
                start: offset - RecordLayout.frameBytes, byteCount: RecordLayout.frameBytes + payload.count))
    }

    private var unknownKind: DecodedRecord { .damaged("the record is of a kind that this program does not know") }
    private var overrun: DecodedRecord { .damaged("a text runs past the end of the record") }

    private mutating func readHead() -> AuditHead? {
        guard let kind = AuditKind(rawValue: read(UInt8.self)) else { return nil }
        var head = AuditHead(kind: kind, policyVersion: 0)
        head.operation = Operation(rawValue: read(UInt8.self))
        head.verdict = Verdict(rawValue: read(UInt8.self))
        head.reason = Reason(rawValue: read(UInt8.self))
        head.wasCached = read(UInt8.self) != 0
        head.failureMode = read(UInt8.self)
        head.age = read(UInt32.self)
        head.policyVersion = read(UInt64.self)
        return head
    }

    private mutating func readText() -> Range<Int32>? {
        guard payload.count - position >= 2 else { return nil }
        let count = Int(read(UInt16.self))
        guard payload.count - position >= count else { return nil }
        defer { position += count }
        let start = Int32(truncatingIfNeeded: offset + position)
        return start..<start + Int32(truncatingIfNeeded: count)
    }

    private mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> Value {
        defer { position += MemoryLayout<Value>.size }
        return Value(littleEndian: payload.loadUnaligned(fromByteOffset: position, as: Value.self))
    }
}

extension UnsafeRawPointer {
    fileprivate func load<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type, at offset: Int) -> Value {
        Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
