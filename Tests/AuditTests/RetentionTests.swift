import Foundation
import Testing

@testable import Audit

@Suite("Retention")
struct RetentionTests {
    private static let day: UInt64 = 86_400_000
    private let folder: TemporaryFolder
    private let firsts: [UInt64]
    private let last: UInt64

    /// Segments that were begun on the days 0, 1, 2, 3 and 4.
    init() throws {
        folder = try TemporaryFolder()
        let syncing = Syncing()
        let journal = try Journal(directory: folder.path, bytesPerSegment: 600, syncing: syncing)
        while try folder.segments.count < 5 { try journal.commit("/a") }
        firsts = try Segment.firsts(in: folder.path)
        last = journal.last
        for (day, segment) in try folder.segments.enumerated() {
            let bytes = try folder.bytes(of: segment)
            var header = try #require(try SegmentHeader(Array(bytes.prefix(SegmentHeader.byteCount)), path: segment))
            header.time = UInt64(day) * Self.day
            try folder.write(header.bytes + bytes.dropFirst(SegmentHeader.byteCount), to: segment)
        }
    }

    @Test func nothingIsRemovedUnlessItIsSaid() throws {
        #expect(try Retention().apply(in: folder.path, needed: .max, now: .max) == nil)
        #expect(try folder.segments.count == 5)
    }

    /// The last record of a segment is as old as the next segment.
    @Test func segmentsWhoseLastRecordIsTooOldGo() throws {
        let now = 4 * Self.day + 1
        #expect(
            try Retention(days: 2).apply(in: folder.path, needed: last, now: now)
                == Retention.Removal(records: 1...firsts[2] - 1, segments: 2))
        #expect(try Segment.firsts(in: folder.path) == Array(firsts[2...]))
        #expect(try Retention(days: 2).apply(in: folder.path, needed: last, now: now) == nil)
    }

    @Test func lastSegmentStays() throws {
        _ = try Retention(days: 1, bytes: 1).apply(in: folder.path, needed: last, now: 1_000 * Self.day)
        #expect(try Segment.firsts(in: folder.path) == [firsts[4]])
    }

    @Test func oldestSegmentsGoUntilTheRestFits() throws {
        let sizes = firsts.map { Segment.size(in: folder.path, first: $0) }
        let removal = try Retention(bytes: sizes[2...].reduce(0, +)).apply(in: folder.path, needed: last, now: 0)
        #expect(removal?.segments == 2)
    }

    /// A query, or somebody who ships records, is not there yet.
    @Test func segmentThatIsNeededStays() throws {
        let removal = try Retention(bytes: 1).apply(in: folder.path, needed: firsts[2], now: 0)
        #expect(removal == Retention.Removal(records: 1...firsts[2] - 1, segments: 2))
        #expect(try Retention(bytes: 1).apply(in: folder.path, needed: firsts[3] - 1, now: 0) == nil)
    }

    @Test func clockThatWasSetBackRemovesNothing() throws {
        #expect(try Retention(days: 1).apply(in: folder.path, needed: last, now: 0) == nil)
    }

    @Test func compressedSegmentsGoAsWell() throws {
        #expect(try SegmentCompression(hours: 0).compressOne(in: folder.path, synced: last, now: 9 * Self.day))
        #expect(try Retention(days: 2).apply(in: folder.path, needed: last, now: 4 * Self.day + 1)?.segments == 2)
        #expect(try folder.names.count == 3)
    }

    @Test func readerOfASegmentThatIsRemovedReadsItToItsEnd() throws {
        let reader = JournalReader(directory: folder.path, bytesPerRead: 400)
        let start = try reader.read()
        #expect(start.count < firsts[1] - 1)
        _ = try Retention(bytes: 1).apply(in: folder.path, needed: last, now: 0)
        let sequences = try (start + reader.readAll()).map(\.sequence)
        // The segments between that one and the last had not been opened.
        #expect(sequences == Array(1..<firsts[1]) + Array(firsts[4]...last))
    }

    @Test func indexForgetsWhatWasRemoved() throws {
        let index = try AuditIndex(directory: folder.path)
        try index.catchUp()
        _ = try Retention(bytes: 1).apply(in: folder.path, needed: index.last, now: 0)
        try index.forget(through: firsts[4] - 1)
        #expect(try index.records(AuditQuery()).map(\.sequence) == Array(firsts[4]...last))
    }

    @Test func whatIsLeftVerifiesWhereACheckpointVouchesForIt() throws {
        let key = CheckpointKey()
        let fresh = try TemporaryFolder()
        let journal = try Journal(directory: fresh.path, bytesPerSegment: 600, syncing: Syncing())
        var checkpointer = try Checkpointer(directory: fresh.path, key: key)
        let index = try AuditIndex(directory: fresh.path)
        while try fresh.segments.count < 4 {
            try journal.commit("/a")
            let end = try index.catchUp()
            checkpointer.note(end.boundaries)
            try checkpointer.sign(upTo: end.last, isLast: false)
        }
        let removal = try #require(
            try Retention(bytes: 1).apply(in: fresh.path, needed: index.last, now: 0))
        try checkpointer.forget(before: removal.records.upperBound + 1)
        var verification = try Verification(directory: fresh.path, publicKeys: [key.publicKey])
        let result = try verification.run()
        #expect(result.first == removal.records.upperBound + 1)
        #expect(result.notes.isEmpty)
    }
}
