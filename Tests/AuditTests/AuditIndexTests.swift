import Decision
import Foundation
import Testing

@testable import Audit

@Suite("Index of the journal")
struct AuditIndexTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func recordIsFoundAsItWasCommitted() throws {
        let journal = try open()
        try journal.commit("/1", "/2")
        let index = try caughtUp()
        #expect(index.last == 2)
        #expect(try index.records(AuditQuery()) == [record(1, path: "/1"), record(2, path: "/2")])
    }

    @Test func everyRecordIsIndexedOnceHoweverOftenTheServiceDies() throws {
        for round in 0..<8 {
            let journal = try open()
            let index = try AuditIndex(directory: folder.path)
            try journal.commit("/a", "/b")
            if round % 3 != 0 { try index.catchUp() }
            if round % 2 == 0 { try index.catchUp() }
            try journal.commit("/c")
        }
        let records = try caughtUp().records(AuditQuery())
        #expect(records.map(\.sequence) == Array(1...24))
        #expect(records.map(\.path) == Array(repeating: ["/a", "/b", "/c"], count: 8).flatMap(\.self))
    }

    @Test func indexIsMadeAnewFromTheJournal() throws {
        let journal = try open()
        for _ in 0..<10 { try journal.commit("/a") }
        _ = try caughtUp()
        for name in try folder.names where name.hasPrefix("index.sqlite") {
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        }
        #expect(try caughtUp().records(AuditQuery()).count == 10)
    }

    @Test func indexGoesOnAfterASegmentWhoseHeaderWasNotWholeYet() throws {
        try open().commit("/1")
        let index = try caughtUp()
        let next = Segment.path(in: folder.path, first: 2)
        try folder.write([], to: next)
        try index.catchUp()
        try folder.write(SegmentHeader(first: 2, time: 0).bytes + record(2).encoded, to: next)
        try index.catchUp()
        #expect(index.last == 2)
    }

    @Test func indexIsForItsOwnerAlone() throws {
        try open().commit("/1")
        let index = try caughtUp()
        for name in try folder.names where name.hasPrefix("index.sqlite") {
            #expect(try folder.mode(of: "\(folder.path)/\(name)") == 0o600, "\(name)")
        }
        #expect(index.last == 1)
    }

    @Test func lastEventOfEachReporterIsKnownAfterReopening() throws {
        let journal = try open()
        for (reporter, sequence) in [(1, 5), (.max, .max), (1, 6), (0, 9), (2, 1)] as [(UInt64, UInt64)] {
            var reported = record(0)
            (reported.head.reporter, reported.head.reporterSequence) = (reporter, sequence)
            journal.stage(reported)
        }
        try journal.commit()
        #expect(try caughtUp().reporters() == [1: 6, .max: .max, 2: 1])
        #expect(try caughtUp().reporters() == [1: 6, .max: .max, 2: 1])
    }

    /// What a plug-in reports is as large as it says.
    @Test func greatestNumbersAreIndexed() throws {
        let journal = try open()
        var greatest = record(0, time: .max)
        (greatest.head.policyVersion, greatest.head.age) = (.max, .max)
        journal.stage(greatest)
        try journal.commit()
        let read = try #require(try caughtUp().records(AuditQuery()).first)
        #expect(read.time == .max)
        #expect(read.head.age == .max)
    }

    /// The clock was set back by a day in the middle: times are not in order, numbers are.
    @Test func clockThatJumpsBackHidesNothing() throws {
        let day: UInt64 = 86_400_000
        let journal = try open()
        for time in [2 * day, 2 * day + 1, day, day + 1] {
            journal.stage(record(0, time: time))
            try journal.commit()
        }
        let index = try caughtUp()
        #expect(try index.records(AuditQuery()).map(\.sequence) == [1, 2, 3, 4])
        var query = AuditQuery()
        (query.since, query.until) = (day, 2 * day)
        #expect(try index.records(query).map(\.sequence) == [3, 4])
        query.since = 2 * day
        query.until = nil
        #expect(try index.records(query).map(\.sequence) == [1, 2])
    }

    @Test func nulInATextHidesNothingOfIt() throws {
        let journal = try open()
        try journal.commit("/data\0/a")
        #expect(try caughtUp().records(AuditQuery()).map(\.path) == ["/data\0/a"])
    }

    @Test func waitingEndsWhenTheRecordIsIndexed() throws {
        let journal = try open()
        let index = try AuditIndex(directory: folder.path)
        try journal.commit("/1", "/2")
        Thread.detachNewThread { _ = try? index.catchUp() }
        #expect(index.wait(for: 2, until: Date(timeIntervalSinceNow: 3_600)))
        #expect(index.wait(for: 1, until: .distantPast))
    }

    @Test func waitingEndsAtTheDeadline() throws {
        let index = try AuditIndex(directory: folder.path)
        #expect(index.wait(for: 0, until: .distantPast))
        #expect(!index.wait(for: 1, until: .distantPast))
    }

    private func open() throws -> Journal {
        try Journal(directory: folder.path, bytesPerSegment: 500, syncing: Syncing())
    }

    private func caughtUp() throws -> AuditIndex {
        let index = try AuditIndex(directory: folder.path)
        try index.catchUp()
        return index
    }
}
