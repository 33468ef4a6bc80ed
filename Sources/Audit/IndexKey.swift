/// What the index finds records by: a field and its value, as a keyed hash of 24 bits.
///
/// Two values may have one key; then a query looks at a few records in vain. The hash is keyed because clients choose
/// what is hashed.
struct IndexKey: Sendable, Hashable {
    let value: UInt32

    static let bits = 24

    /// The part of the key that names the row which holds it.
    var bucket: Int { Int(value >> 16) }
    var rest: UInt16 { UInt16(truncatingIfNeeded: value) }

    fileprivate init(hash: UInt64) {
        value = UInt32(truncatingIfNeeded: hash >> (64 - UInt64(Self.bits)))
    }
}

/// Makes the keys of one index.
struct IndexKeys: Sendable {
    /// Paths are found by whole components from the top; what lies deeper than this many is found by its ancestor.
    static let deepestPrefix = 8

    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
    }

    private enum Field: UInt64 {
        case user = 1
        /// Of a principal or a short name.
        case principal, path, dataSource, decision, reason, kind, grant, job
    }

    // MARK: Of a query

    func user(_ name: String) -> IndexKey { key(.user, name) }
    func principal(_ name: String) -> IndexKey { key(.principal, name) }
    func dataSource(_ name: String) -> IndexKey { key(.dataSource, name) }
    func grant(_ name: String) -> IndexKey { key(.grant, name) }
    func job(_ name: String) -> IndexKey { key(.job, name) }
    func decision(_ code: UInt8) -> IndexKey { key(.decision, code) }
    func reason(_ code: UInt8) -> IndexKey { key(.reason, code) }
    func kind(_ code: UInt8) -> IndexKey { key(.kind, code) }

    /// The key of a path or, where it lies deep, of its ancestor; `nil` of the root.
    func path(_ path: String) -> IndexKey? {
        var found: IndexKey?
        var path = path
        path.withUTF8 { bytes in forEachPrefix(of: UnsafeRawBufferPointer(bytes), bytes.indices) { found = $0 } }
        return found
    }

    // MARK: Of a record

    /// - Parameter body: called with each key of the record, with some more than once.
    @inline(__always)
    func forEachKey(of view: RecordView, in bytes: UnsafeRawBufferPointer, _ body: (IndexKey) -> Void) {
        @inline(__always)
        func note(_ field: Field, _ text: AuditField) {
            let range = view.range(text)
            if !range.isEmpty { body(key(field, bytes, range)) }
        }
        note(.user, .user)
        note(.principal, .principal)
        note(.principal, .shortName)
        note(.dataSource, .dataSource)
        note(.grant, .grant)
        note(.job, .job)
        body(key(.kind, view.head.kind.rawValue))
        if let verdict = view.head.verdict { body(key(.decision, verdict.rawValue)) }
        if let reason = view.head.reason { body(key(.reason, reason.rawValue)) }
        forEachPrefix(of: bytes, view.range(.path), body)
    }

    // MARK: Hashing

    private func key(_ field: Field, _ text: String) -> IndexKey {
        var text = text
        return text.withUTF8 { key(field, UnsafeRawBufferPointer($0), $0.indices) }
    }

    private func key(_ field: Field, _ code: UInt8) -> IndexKey {
        IndexKey(hash: Self.mix(seed ^ field.rawValue, UInt64(code) ^ Self.secret1))
    }

    /// - Parameter range: where the text lies in the bytes.
    @inline(__always)
    private func key(_ field: Field, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> IndexKey {
        var hash = Self.mix(seed ^ field.rawValue, Self.secret1) ^ UInt64(truncatingIfNeeded: range.count)
        var offset = range.lowerBound
        while offset < range.upperBound {
            hash = Self.mix(hash ^ Self.word(bytes, at: offset, before: range.upperBound), Self.secret2)
            offset += 8
        }
        return IndexKey(hash: hash)
    }

    /// Calls with the key of each ancestor of a path, the highest first, and of the path itself; not of the root.
    ///
    /// - Parameter range: where the path lies in the bytes.
    @inline(__always)
    private func forEachPrefix(of bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (IndexKey) -> Void) {
        var hash = Self.mix(seed ^ Field.path.rawValue, Self.secret1)
        var offset = range.lowerBound
        var depth = 0
        while offset < range.upperBound, depth < Self.deepestPrefix {
            if bytes[offset] == UInt8(ascii: "/") {
                offset += 1
                continue
            }
            // One component, eight bytes at a time; the number of the last ones goes into the hash with them.
            var count: UInt64
            repeat {
                let word = Self.word(bytes, at: offset, before: range.upperBound)
                let available = min(8, range.upperBound - offset)
                count = UInt64(truncatingIfNeeded: min(available, Self.bytesBeforeSlash(in: word)))
                let kept = count == 8 ? word : word & (1 << (8 * count) - 1)
                hash = Self.mix(hash ^ kept ^ count << 60, Self.secret2)
                offset += Int(truncatingIfNeeded: count)
            } while count == 8
            body(IndexKey(hash: hash))
            depth += 1
        }
    }

    /// Eight bytes from an index on; zeros for those at and after the end.
    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, at index: Int, before end: Int) -> UInt64 {
        let available = end - index
        if index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            return available >= 8 ? word : word & (1 << UInt64(truncatingIfNeeded: 8 * available) - 1)
        }
        var word: UInt64 = 0
        for offset in 0..<min(8, available) { word |= UInt64(bytes[index + offset]) << UInt64(8 * offset) }
        return word
    }

    /// Where the first slash is among eight bytes; 8 if there is none.
    @inline(__always)
    private static func bytesBeforeSlash(in word: UInt64) -> Int {
        let other = word ^ 0x2F2F_2F2F_2F2F_2F2F
        let zeros = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
        return zeros.trailingZeroBitCount / 8
    }

    /// Folded multiplication, as wyhash does it.
    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    private static let secret1: UInt64 = 0xA076_1D64_78BD_642F
    private static let secret2: UInt64 = 0xE703_7ED1_A0B4_28DB
}
