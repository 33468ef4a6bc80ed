import Testing

@testable import Audit

@Suite("CRC-32C")
struct CRC32CTests {
    /// RFC 3720, section B.4, and the check value of the polynomial.
    @Test(
        arguments: [
            (Array(repeating: 0x00, count: 32), 0x8A91_36AA), (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0x00...0x1F), 0x46DD_794E), ((0x00...0x1F).reversed(), 0x113F_DB5C),
            (
                [
                    0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                    0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
                    0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                ], 0xD996_3A56
            ),
            (Array("123456789".utf8), 0xE306_9283), ([], 0),
        ] as [([UInt8], UInt32)])
    func knownVectors(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes.span) == checksum)
    }

    /// The processor's instruction, the tables, and one bit at a time come to the same.
    @Test func everyLengthAgreesWithOneBitAtATime() {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        for count in 0...100 {
            var crc: UInt32 = .max
            for byte in bytes.prefix(count) {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            }
            let prefix = Array(bytes.prefix(count))
            #expect(CRC32C.checksum(prefix.span) == ~crc)
            #expect(prefix.withUnsafeBytes { CRC32C.tabled($0) } == ~crc)
        }
    }
}
