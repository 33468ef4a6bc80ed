import Foundation
import Testing

@testable import Audit

@Suite("Reading the journal")
struct JournalReaderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func readerFollowsTheJournalAcrossSegmentsWhileItGrows() throws {
        let reader = JournalReader(directory: folder.path)
        #expect(try reader.read().isEmpty)
        let journal = try Journal(directory: folder.path, bytesPerSegment: 500, syncing: Syncing())
        var read: [UInt64] = []
        for round in 1...20 {
            try journal.commit("/a", "/b")
            if round % 3 == 0 { read += try reader.readAll().map(\.sequence) }
        }
        read += try reader.readAll().map(\.sequence)
        #expect(read == Array(1...40))
        #expect(try folder.segments.count > 5)
        #expect(reader.next == 41)
    }

    @Test(arguments: 1...12)
    func readerBeginsWhereItIsTold(next: UInt64) throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 500, syncing: Syncing())
        for _ in 0..<11 { try journal.commit("/a") }
        let reader = JournalReader(directory: folder.path, next: next)
        #expect(try reader.readAll().map(\.sequence) == Array((1...12).dropFirst(Int(next) - 1).dropLast()))
    }

    @Test func recordIsReadOnceItIsWholeHoweverItArrives() throws {
        let segment = Segment.path(in: folder.path, first: 1)
        let bytes = SegmentHeader(first: 1, time: 0).bytes + record(1).encoded
        let reader = JournalReader(directory: folder.path)
        for length in bytes.indices {
            try folder.write(Array(bytes[..<length]), to: segment)
            #expect(try reader.read().isEmpty)
        }
        try folder.write(bytes, to: segment)
        #expect(try reader.read() == [record(1)])
    }

    @Test func moreThanOneReadOfTheFileBringsEverything() throws {
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        let long = "/" + String(repeating: "p", count: 60_000)
        for _ in 0..<50 { try journal.commit(long) }
        #expect(try folder.records.map(\.sequence) == Array(1...50))
    }

    @Test func recordsBeyondTheLimitAreLeftForLater() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 500, syncing: Syncing())
        for _ in 0..<10 { try journal.commit("/a") }
        let reader = JournalReader(directory: folder.path)
        var read: [UInt64] = []
        for limit in 0...10 as ClosedRange<UInt64> {
            var part: [AuditRecord]
            repeat {
                part = try reader.read(through: limit)
                read += part.map(\.sequence)
            } while !part.isEmpty
            #expect(read.count == Int(limit))
        }
        #expect(read == Array(1...10))
    }

    @Test func segmentsThatWereRemovedAreSkippedAndCounted() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: Syncing())
        for _ in 0..<6 { try journal.commit("/a") }
        for first in [1, 2, 5] as [UInt64] {
            try FileManager.default.removeItem(atPath: Segment.path(in: folder.path, first: first))
        }
        let reader = JournalReader(directory: folder.path)
        #expect(try reader.readAll().map(\.sequence) == [3, 4, 6])
        #expect(reader.missing == 3)
    }

    @Test func noNumberIsGivenTwiceAfterASegmentWasMovedAway() throws {
        var journal: Journal? = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: Syncing())
        for _ in 0..<3 { try journal?.commit("/a") }
        journal = nil
        try FileManager.default.removeItem(atPath: Segment.path(in: folder.path, first: 3))
        let next = try Journal(directory: folder.path, indexed: 3, syncing: Syncing())
        #expect(next.last == 3)
        try next.commit("/b")
        #expect(try folder.records.map(\.sequence) == [1, 2, 4])
    }

    @Test func nextSegmentWhoseHeaderIsNotWholeIsWaitedFor() throws {
        try Journal(directory: folder.path, syncing: Syncing()).commit("/1")
        let reader = JournalReader(directory: folder.path)
        _ = try reader.read()
        let next = Segment.path(in: folder.path, first: 2)
        try folder.write([], to: next)
        #expect(try reader.read().isEmpty)
        try folder.write(SegmentHeader(first: 2, time: 0).bytes + record(2).encoded, to: next)
        #expect(try reader.read() == [record(2)])
    }

    @Test func damageIsAnErrorThatNamesThePlace() throws {
        try Journal(directory: folder.path, syncing: Syncing()).commit("/1", "/2")
        let segment = try folder.segments[0]
        var bytes = try folder.bytes(of: segment)
        let second = bytes.count - record(2, path: "/2").encoded.count
        bytes[bytes.count - 1] ^= 1
        try folder.write(bytes, to: segment)
        let reader = JournalReader(directory: folder.path)
        let error = try #require(throws: JournalError.self) { try reader.readAll() }
        #expect(error.description == "`\(segment)` is damaged at byte \(second): the checksum does not fit")
    }

    @Test func recordOutOfItsPlaceIsAnError() throws {
        let segment = Segment.path(in: folder.path, first: 1)
        try folder.write(SegmentHeader(first: 1, time: 0).bytes + record(2).encoded, to: segment)
        let error = try #require(throws: JournalError.self) { try folder.records }
        #expect(error.description == "`\(segment)`: record 2 stands at byte 72, not 1")
    }
}
