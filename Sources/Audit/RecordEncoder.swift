import Decision

/// Encodes records one after another into memory that it reuses.
package struct RecordEncoder: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    /// How many bytes the records take by now.
    package private(set) var count = 0
    private var recordStart = 0
    private var presence: UInt16 = 0
    private var nextField = 0

    package init(capacity: Int = 64 << 10) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    /// What was encoded; valid until the next change.
    package var unsafeBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory, count: count)
    }

    /// Begins a record.
    ///
    /// - Parameters:
    ///   - time: milliseconds since 1970.
    ///   - previous: of the record before.
    ///   - unsynced: how many records before this one may not be on disk.
    package mutating func begin(
        _ head: AuditHead, sequence: UInt64, time: UInt64, previous: RecordHash, unsynced: UInt32
    ) {
        reserve(RecordLayout.frameBytes + RecordLayout.headBytes + RecordLayout.reporterBytes)
        recordStart = count
        let payload = memory + count + RecordLayout.frameBytes
        previous.store(at: payload)
        payload.store(sequence, at: 32)
        payload.store(time, at: 40)
        payload.store(head.kind.rawValue, at: 48)
        payload.store(head.operation?.rawValue ?? 0, at: 49)
        payload.store(head.verdict?.rawValue ?? 0, at: 50)
        payload.store(head.reason?.rawValue ?? 0, at: 51)
        payload.store(head.wasCached ? 1 : 0 as UInt8, at: 52)
        payload.store(head.failureMode, at: 53)
        payload.store(head.age, at: 54)
        payload.store(head.policyVersion, at: 58)
        payload.store(unsynced, at: 66)
        count += RecordLayout.frameBytes + RecordLayout.headBytes
        presence = 0
        nextField = 0
        guard head.reporter != 0 || head.reporterSequence != 0 else { return }
        presence = RecordLayout.reporterBit
        memory.store(head.reporter, at: count)
        memory.store(head.reporterSequence, at: count + 8)
        count += RecordLayout.reporterBytes
    }

    /// Appends the next text, in the order of ``AuditField``. Texts beyond 65,535 bytes are cut off; those that are not
    /// appended are empty.
    package mutating func append(text: borrowing Span<UInt8>) {
        text.withUnsafeBytes { append($0) }
    }

    package mutating func append(text: [UInt8]) {
        text.withUnsafeBytes { append($0) }
    }

    package mutating func appendNothing() {
        nextField += 1
    }

    private mutating func append(_ text: UnsafeRawBufferPointer) {
        defer { nextField += 1 }
        guard let start = text.baseAddress, !text.isEmpty else { return }
        let length = min(text.count, Int(UInt16.max))
        reserve(2 + length)
        memory.store(UInt16(truncatingIfNeeded: length), at: count)
        (memory + count + 2).copyMemory(from: start, byteCount: length)
        count += 2 + length
        presence |= 1 << UInt16(truncatingIfNeeded: nextField)
    }

    /// Closes the record begun last.
    ///
    /// - Returns: its hash, for the record after it.
    @discardableResult
    package mutating func end() -> RecordHash {
        let payload = memory + recordStart + RecordLayout.frameBytes
        payload.store(presence, at: RecordLayout.presenceOffset)
        let bytes = UnsafeRawBufferPointer(start: payload, count: count - recordStart - RecordLayout.frameBytes)
        memory.store(UInt32(truncatingIfNeeded: bytes.count), at: recordStart)
        memory.store(CRC32C.checksum(bytes), at: recordStart + 4)
        return RecordHash(of: bytes)
    }

    package mutating func removeAll() {
        count = 0
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: memory, byteCount: count)
        memory.deallocate()
        memory = larger
    }
}

extension UnsafeMutableRawPointer {
    /// Stores an integer, little-endian, wherever it falls.
    @inline(__always)
    fileprivate func store(_ value: some FixedWidthInteger & BitwiseCopyable, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value))
    }
}
