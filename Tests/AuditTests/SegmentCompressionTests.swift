import Foundation
import Testing

@testable import Audit

@Suite("Compression of segments")
struct SegmentCompressionTests {
    private let folder: TemporaryFolder
    private let atOnce = SegmentCompression(hours: 0)

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func allButTheLastSegmentAreCompressedAndReadAsBefore() throws {
        let journal = try fill(segments: 3)
        let before = try folder.records
        #expect(try compressAll() == 2)
        #expect(try suffixes == [".azaj.zst", ".azaj.zst", ".azaj"])
        #expect(try folder.records == before)
        #expect(try folder.mode(of: "\(folder.segments[0]).zst") == 0o600)
        try journal.commit("/more")
        #expect(try folder.records.count == before.count + 1)
        #expect(try Journal(directory: folder.path, syncing: Syncing()).last == journal.last)
    }

    @Test func compressedSegmentIsMuchSmaller() throws {
        _ = try fill(segments: 2, recordsPerSegment: 8_000)
        let before = Segment.size(in: folder.path, first: 1)
        #expect(before > 4 * CompressedSegment.bytesPerFrame)
        #expect(try compressAll() == 1)
        #expect(Segment.size(in: folder.path, first: 1) < before / 2)
    }

    @Test func queriesFindWhatIsCompressed() throws {
        _ = try fill(segments: 2, recordsPerSegment: 4_000)
        let index = try AuditIndex(directory: folder.path)
        try index.catchUp()
        #expect(try compressAll() == 1)
        var query = AuditQuery()
        query.path = "/data/1234"
        #expect(try index.records(query).map(\.sequence) == [1_235])
    }

    @Test func verificationReadsWhatIsCompressed() throws {
        _ = try fill(segments: 3)
        #expect(try compressAll() == 2)
        var verification = try Verification(directory: folder.path, publicKeys: [])
        #expect(try verification.run().records == folder.records.last?.sequence)
    }

    @Test func everyDamageIsFound() throws {
        _ = try fill(segments: 2)
        #expect(try compressAll() == 1)
        let path = "\(try folder.segments[0]).zst"
        let bytes = try folder.bytes(of: path)
        let records = try folder.records
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1 << (index % 8)
            try folder.write(changed, to: path)
            // A bit that changes nothing of what is read is no damage.
            if let read = try? folder.records { #expect(read == records, "byte \(index)") }
        }
        for count in stride(from: 0, to: bytes.count, by: 7) {
            try folder.write(Array(bytes.prefix(count)), to: path)
            #expect(throws: (any Error).self, "\(count) bytes") { try folder.records }
        }
    }

    @Test func youngSegmentIsLeftAlone() throws {
        _ = try fill(segments: 2)
        let day = SegmentCompression(hours: 24)
        let now = WallClock.milliseconds
        #expect(try !day.compressOne(in: folder.path, synced: .max, now: now))
        // A clock that was set back says nothing.
        #expect(try !day.compressOne(in: folder.path, synced: .max, now: 1))
        #expect(try day.compressOne(in: folder.path, synced: .max, now: now + 90_000_000))
    }

    @Test func segmentThatMayNotBeOnDiskIsLeftAlone() throws {
        _ = try fill(segments: 2)
        let first = try Segment.firsts(in: folder.path)[1]
        #expect(try !atOnce.compressOne(in: folder.path, synced: first - 1, now: WallClock.milliseconds))
        #expect(try atOnce.compressOne(in: folder.path, synced: first, now: WallClock.milliseconds))
    }

    /// Whoever died between two steps left both, or a part.
    @Test func whatACrashLeftIsGoneOnWith() throws {
        _ = try fill(segments: 2)
        let records = try folder.records
        let segment = try folder.segments[0]
        let plain = try folder.bytes(of: segment)
        #expect(try compressAll() == 1)
        try folder.write(plain, to: segment)
        try folder.write([1, 2, 3], to: "\(segment).zst.partial")
        #expect(try folder.records == records)
        #expect(try compressAll() == 1)
        #expect(try folder.names.count == 2)
        #expect(try folder.records == records)
    }

    @Test func journalGoesOnBehindACompressedSegmentThatIsTheLast() throws {
        let journal = try fill(segments: 2)
        #expect(try compressAll() == 1)
        let firsts = try Segment.firsts(in: folder.path)
        try FileManager.default.removeItem(atPath: try folder.segments[1])
        let reopened = try Journal(directory: folder.path, syncing: Syncing())
        #expect(reopened.last == firsts[1] - 1)
        try reopened.commit("/again")
        #expect(try folder.records.last == record(firsts[1], path: "/again"))
        var verification = try Verification(directory: folder.path, publicKeys: [])
        #expect(try verification.run().notes.count == 1)
        _ = journal
    }

    private func fill(segments: Int, recordsPerSegment: Int = 3) throws -> Journal {
        let size = record(1, path: "/data/1234").encoded.count * recordsPerSegment
        let journal = try Journal(directory: folder.path, bytesPerSegment: size, syncing: Syncing())
        var number = 0
        while try folder.segments.count < segments {
            for _ in 0..<max(1, recordsPerSegment / 4) {
                try journal.commit("/data/\(number)")
                number += 1
            }
        }
        return journal
    }

    private func compressAll() throws -> Int {
        var count = 0
        while try atOnce.compressOne(in: folder.path, synced: .max, now: WallClock.milliseconds) { count += 1 }
        return count
    }

    private var suffixes: [String] {
        get throws { try folder.names.map { String($0.drop { $0 != "." }) } }
    }
}
