import CChecksum

/// The SHA-256 of a record's payload. Each record holds that of the record before it, so that none can be changed,
/// removed or moved without all that follow it.
package struct RecordHash: Sendable, Hashable, CustomStringConvertible {
    package static let byteCount = 32

    /// Where a chain begins: before the first record, and after records of the first version, which hold none.
    package static let none = RecordHash(words: (0, 0, 0, 0))

    // In the order of memory, not of numbers.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (first, second, third, fourth) = words
    }

    /// The hash of these bytes.
    package init(of bytes: UnsafeRawBufferPointer) {
        // swift-crypto makes an object for each hash, and wipes it: more work than the hash of a record is.
        self = withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { digest in
            authorizer_sha256(bytes.baseAddress, bytes.count, digest.baseAddress)
            return Self(at: digest.baseAddress!)
        }
    }

    /// The hash that lies at an address, as ``store(at:)`` has put it there.
    init(at address: UnsafeRawPointer) {
        self.init(words: address.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self))
    }

    func store(at address: UnsafeMutableRawPointer) {
        address.storeBytes(of: first, as: UInt64.self)
        address.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
        address.storeBytes(of: third, toByteOffset: 16, as: UInt64.self)
        address.storeBytes(of: fourth, toByteOffset: 24, as: UInt64.self)
    }

    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            store(at: UnsafeMutableRawPointer(buffer.baseAddress!))
            count = Self.byteCount
        }
    }

    /// - Parameter bytes: ``byteCount`` of them, or there is no hash.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self = bytes.withUnsafeBytes { Self(at: $0.baseAddress!) }
    }

    /// 64 hexadecimal digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
