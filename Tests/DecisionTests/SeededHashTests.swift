import Testing

@testable import Decision

@Suite("Seeded hash")
struct SeededHashTests {
    @Test("every bit of every length counts")
    func everyBitCounts() {
        let hash = SeededHash(seed: 7)
        var seen: Set<UInt64> = []
        var made = 0
        for length in 0...40 {
            var bytes = [UInt8](repeating: 0x5A, count: length)
            for bit in -1..<length * 8 {
                if bit >= 0 { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }
                seen.insert(bytes.withUnsafeBytes { hash($0) })
                made += 1
                if bit >= 0 { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }
            }
        }
        #expect(seen.count == made)
    }

    @Test("the seed and the start count")
    func seeds() {
        let bytes = Array("sales".utf8)
        let hashes = [
            bytes.withUnsafeBytes { SeededHash(seed: 1)($0) }, bytes.withUnsafeBytes { SeededHash(seed: 2)($0) },
            bytes.withUnsafeBytes { SeededHash(seed: 1)($0, from: 1) },
        ]
        #expect(Set(hashes).count == hashes.count)
        #expect(hashes[0] == bytes.withUnsafeBytes { SeededHash(seed: 1)($0) })
    }

    @Test("names that differ little spread over the slots of a table")
    func spread() {
        let hash = SeededHash()
        var slots = [Int](repeating: 0, count: 1 << 12)
        for number in 0..<1 << 12 {
            let hashed = Array("dt=2026-11-\(number)".utf8).withUnsafeBytes { hash($0, from: 3) }
            slots[Int(truncatingIfNeeded: hashed) & (slots.count - 1)] += 1
        }
        // Thrown at random, 37 % of the slots stay free, give or take 1 %.
        let free = slots.count { $0 == 0 }
        #expect((slots.count * 32 / 100...slots.count * 42 / 100).contains(free))
    }

    @Test("bytes are the same only if every one is")
    func sameBytes() {
        for length in 0...40 {
            let bytes = (0..<length).map { UInt8($0 + 1) }
            #expect(same(bytes, bytes))
            #expect(!same(bytes, bytes + [0]))
            for index in bytes.indices {
                var other = bytes
                other[index] ^= 0x80
                #expect(!same(bytes, other))
            }
        }
    }

    private func same(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.withUnsafeBytes { one in other.withUnsafeBytes { one.hasSameBytes(as: $0) } }
    }
}
