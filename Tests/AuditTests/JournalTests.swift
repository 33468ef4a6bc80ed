import Foundation
import Testing

@testable import Audit

@Suite("Journal")
struct JournalTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func committedRecordsAreReadInTheirOrder() throws {
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        try journal.commit("/1", "/2")
        try journal.commit("/3")
        #expect(try folder.records == [record(1, path: "/1"), record(2, path: "/2"), record(3, path: "/3")])
        #expect(journal.last == 3)
    }

    @Test func stagedRecordsAreInNoFileBeforeTheyAreCommitted() throws {
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        #expect(!journal.hasStaged)
        journal.stage(record(0))
        #expect(journal.hasStaged)
        #expect(journal.last == 0)
        #expect(try folder.names.isEmpty)
        try journal.commit()
        #expect(!journal.hasStaged)
        #expect(try folder.records.count == 1)
    }

    @Test func commitOfNothingDoesNothing() throws {
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        try journal.commit()
        #expect(try folder.names.isEmpty)
    }

    @Test func sequenceGoesOnAfterReopening() throws {
        for round in 0..<5 {
            let journal = try Journal(directory: folder.path, syncing: Syncing())
            #expect(journal.last == UInt64(2 * round))
            try journal.commit("/a", "/b")
        }
        #expect(try folder.records.map(\.sequence) == Array(1...10))
        #expect(try folder.segments.count == 1)
    }

    @Test func segmentThatHasGrownEnoughIsFollowedByANewOne() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 400, syncing: Syncing())
        for _ in 0..<10 { try journal.commit("/a") }
        #expect(try folder.segments.count > 2)
        #expect(try folder.records.map(\.sequence) == Array(1...10))
        for segment in try folder.segments {
            #expect(try folder.bytes(of: segment).count < 400 + record(1).encoded.count)
        }
    }

    @Test(arguments: [(seconds: 0, segments: 3), (seconds: 86_400, segments: 1)])
    func segmentThatIsOldEnoughIsFollowedByANewOne(seconds: Int, segments: Int) throws {
        let journal = try Journal(directory: folder.path, secondsPerSegment: seconds, syncing: Syncing())
        for _ in 0..<3 { try journal.commit("/a") }
        #expect(try folder.segments.count == segments)
        #expect(try folder.records.map(\.sequence) == [1, 2, 3])
    }

    @Test func sequenceGoesOnAcrossSegmentsAfterReopening() throws {
        for _ in 0..<10 {
            let journal = try Journal(directory: folder.path, bytesPerSegment: 400, syncing: Syncing())
            try journal.commit("/a")
        }
        #expect(try folder.records.map(\.sequence) == Array(1...10))
    }

    @Test func journalIsForItsOwnerAlone() throws {
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        try journal.commit("/a")
        #expect(try folder.mode(of: folder.segments[0]) == 0o600)
    }

    @Test func segmentOfALaterVersionIsRefusedInWords() throws {
        try commitOne()
        let segment = try folder.segments[0]
        var bytes = try folder.bytes(of: segment)
        bytes[4] = 3
        try folder.write(bytes, to: segment)
        let error = try #require(throws: JournalError.self) {
            try Journal(directory: folder.path, syncing: Syncing())
        }
        #expect(
            error.description
                == "`\(segment)` has version 3, this program reads versions 1 to 2; run the program that wrote it")
    }

    @Test func fileThatIsNoSegmentIsRefusedInWords() throws {
        let path = Segment.path(in: folder.path, first: 1)
        try folder.write(Array(repeating: UInt8(ascii: "x"), count: 100), to: path)
        let error = try #require(throws: JournalError.self) {
            try Journal(directory: folder.path, syncing: Syncing())
        }
        #expect(error.description == "`\(path)` is no journal segment")
    }

    private func commitOne() throws {
        try Journal(directory: folder.path, syncing: Syncing()).commit("/a")
    }
}
