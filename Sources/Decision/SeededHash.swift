/// A fast hash of bytes under a secret seed, for tables that are asked at every question.
///
/// Multiplies and folds eight bytes at a time. Without the seed nobody can say which keys meet; it is no signature, and a
/// table that uses it verifies every hit by its bytes.
package struct SeededHash: Sendable {
    private let seed: UInt64
    private let secret: UInt64

    /// - Parameter seed: another one for every table, unless a test wants to know its order.
    package init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = Self.fold(seed ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93)
        secret = Self.fold(seed ^ 0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB)
    }

    /// - Parameter start: what the bytes belong to; other hashes for each.
    @inline(__always)
    package func callAsFunction(_ bytes: UnsafeRawBufferPointer, from start: UInt64 = 0) -> UInt64 {
        let count = bytes.count
        var state = Self.fold(start ^ seed, UInt64(truncatingIfNeeded: count) ^ secret)
        var offset = 0
        while offset + 8 <= count {
            state = Self.fold(state ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self), secret)
            offset += 8
        }
        return Self.fold(state ^ Self.tail(bytes, offset), secret ^ 0x8EBC_6AF0_9C88_C6E3)
    }

    /// Fewer than eight bytes, as a number; that they are fewer is told by the count.
    @inline(__always)
    private static func tail(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> UInt64 {
        let count = bytes.count - start
        if count >= 4 {
            let first = bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)
            let last = bytes.loadUnaligned(fromByteOffset: start + count - 4, as: UInt32.self)
            return UInt64(first) << 32 | UInt64(last)
        }
        guard count > 0 else { return 0 }
        return UInt64(bytes[start]) << 16 | UInt64(bytes[start + count / 2]) << 8 | UInt64(bytes[start + count - 1])
    }

    @inline(__always)
    private static func fold(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let (high, low) = one.multipliedFullWidth(by: other)
        return high ^ low
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the other buffer holds the same bytes.
    @inline(__always)
    package func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard count >= 8 else {
            for index in 0..<count where self[index] != other[index] { return false }
            return true
        }
        var offset = 0
        while offset + 8 <= count {
            guard word(offset) == other.word(offset) else { return false }
            offset += 8
        }
        return word(count - 8) == other.word(count - 8)
    }

    @inline(__always)
    private func word(_ offset: Int) -> UInt64 { loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
}
