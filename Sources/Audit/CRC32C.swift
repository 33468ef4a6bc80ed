import CChecksum

/// The Castagnoli CRC of RFC 3720, section 12.1: by the processor's instruction where it has one, otherwise by tables,
/// eight bytes at a time.
package enum CRC32C {
    private static let isAccelerated = crc32c_is_accelerated()

    package static func checksum(_ bytes: borrowing Span<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0) }
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard isAccelerated else { return tabled(bytes) }
        return ~crc32c_accelerated(.max, bytes.baseAddress, bytes.count)
    }

    // MARK: By tables

    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[index] = value
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()

    /// What ``checksum(_:)`` comes to on a processor without the instruction.
    static func tabled(_ raw: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            var crc: UInt32 = 0xFFFF_FFFF
            var offset = 0
            while offset + 8 <= raw.count {
                let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let mixed = word ^ UInt64(crc)
                crc = 0
                for byte in 0..<8 {
                    crc ^= table[(7 - byte) * 256 + Int(truncatingIfNeeded: mixed >> (8 * UInt64(byte)) & 0xFF)]
                }
                offset += 8
            }
            while offset < raw.count {
                crc = crc >> 8 ^ table[Int((crc ^ UInt32(raw[offset])) & 0xFF)]
                offset += 1
            }
            return ~crc
        }
    }
}
