import Foundation
import Testing

@testable import Audit

@Suite("What a crash leaves at the end of the journal")
struct TornTailTests {
    private let folder: TemporaryFolder
    private let segment: String
    private let whole: [UInt8]
    private let lastRecord: Int

    /// Three records in one segment, each of which was written when those before were on disk.
    init() throws {
        folder = try TemporaryFolder()
        segment = Segment.path(in: folder.path, first: 1)
        let first = record(1, path: "/1").encoded(after: .none)
        let second = record(2, path: "/2").encoded(after: first.hash)
        let third = record(3, path: "/3").encoded(after: second.hash)
        whole = SegmentHeader(first: 1, time: WallClock.milliseconds).bytes + first.bytes + second.bytes + third.bytes
        lastRecord = whole.count - third.bytes.count
    }

    @Test func recordTornAtAnyByteIsCutOffAndKept() throws {
        for length in lastRecord..<whole.count {
            try folder.write(Array(whole[..<length]), to: segment)
            let journal = try Journal(directory: folder.path, syncing: Syncing())
            #expect(journal.last == 2)
            #expect(try folder.bytes(of: segment) == Array(whole[..<lastRecord]))
            let torn = "\(segment).torn-\(lastRecord)"
            if length > lastRecord {
                let kept = whole[lastRecord..<length]
                #expect(try folder.bytes(of: torn) == Array(kept[...kept.lastIndex { $0 != 0 }!]))
                #expect(try folder.mode(of: torn) == 0o600)
                try FileManager.default.removeItem(atPath: torn)
            } else {
                #expect(!FileManager.default.fileExists(atPath: torn))
            }
            try journal.commit("/again")
            #expect(try folder.records.map(\.path) == ["/1", "/2", "/again"])
            #expect(try folder.records.map(\.sequence) == [1, 2, 3])
        }
    }

    @Test func damagedLastRecordIsATornOne() throws {
        for index in lastRecord..<whole.count {
            var bytes = whole
            bytes[index] ^= 0xFF
            try folder.write(bytes, to: segment)
            #expect(try Journal(directory: folder.path, syncing: Syncing()).last == 2)
            #expect(try folder.bytes(of: "\(segment).torn-\(lastRecord)") == Array(bytes[lastRecord...]))
        }
    }

    /// They were written ahead of the records.
    @Test func zerosAtTheEndAreGoneOnIn() throws {
        try folder.write(whole + Array(repeating: 0, count: 5_000), to: segment)
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        #expect(journal.last == 3)
        try journal.commit("/4")
        #expect(try folder.bytes(of: segment).count == whole.count + 5_000)
        #expect(try folder.records.map(\.path) == ["/1", "/2", "/3", "/4"])
        #expect(try folder.names.count == 1)
    }

    @Test func recordTornWithinTheZerosIsCutOffAndKept() throws {
        for length in lastRecord + 1..<whole.count {
            let torn = Array(whole[lastRecord..<length])
            try folder.write(whole[..<lastRecord] + torn + Array(repeating: 0, count: 1_000), to: segment)
            // Where what is missing of the record was zeros, it is whole.
            let isWhole = whole[length...].allSatisfy { $0 == 0 }
            #expect(try Journal(directory: folder.path, syncing: Syncing()).last == (isWhole ? 3 : 2))
        }
    }

    /// The machine died; of what was not synced, the disk has the later part only.
    @Test func recordsBehindAHoleThatNobodySawOnDiskAreCutOffWithIt() throws {
        let first = record(1, path: "/1").encoded(after: .none)
        let second = record(2, path: "/2").encoded(after: first.hash)
        let third = record(3, path: "/3").encoded(after: second.hash, unsynced: 1)
        let start = SegmentHeader(first: 1, time: WallClock.milliseconds).bytes + first.bytes
        try folder.write(start + Array(repeating: 0, count: second.bytes.count) + third.bytes, to: segment)
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        #expect(journal.last == 1)
        #expect(try folder.bytes(of: segment) == start)
        try journal.commit("/again")
        #expect(try folder.records.map(\.path) == ["/1", "/again"])
    }

    @Test func segmentOfVersion1IsReadAndFollowedByANewOne() throws {
        var old = record(1)
        (old.grant, old.job, old.change) = ("", "", "")
        try folder.write(SegmentHeader.version1(first: 1) + old.encodedAsVersion1, to: segment)
        try Journal(directory: folder.path, syncing: Syncing()).commit("/2")
        #expect(try folder.segments.count == 2)
        #expect(try folder.records == [old, record(2, path: "/2")])
    }

    @Test func segmentThatWasRenamedIsRefused() throws {
        try folder.write(whole, to: Segment.path(in: folder.path, first: 2))
        let error = try #require(throws: JournalError.self) {
            try Journal(directory: folder.path, syncing: Syncing())
        }
        #expect(error.description.contains("somebody renamed it"))
    }

    @Test func damageWithWholeRecordsAfterItIsRefusedAndNothingIsCut() throws {
        for index in SegmentHeader.byteCount..<lastRecord {
            var bytes = whole
            bytes[index] ^= 0xFF
            try folder.write(bytes, to: segment)
            let error = try #require(throws: JournalError.self) {
                try Journal(directory: folder.path, syncing: Syncing())
            }
            #expect(error.description.contains("whole records follow"))
            #expect(try folder.bytes(of: segment) == bytes)
        }
        #expect(try folder.names.count == 1)
    }

    @Test func recordThatIsMissingFromTheMiddleIsDamage() throws {
        let second = record(2, path: "/2").encoded.count
        try folder.write(Array(whole[..<(lastRecord - second)] + whole[lastRecord...]), to: segment)
        #expect(throws: JournalError.self) { try Journal(directory: folder.path, syncing: Syncing()) }
    }

    @Test func segmentWithoutAWholeHeaderIsBegunAnew() throws {
        for length in 0..<SegmentHeader.byteCount {
            let next = Segment.path(in: folder.path, first: 4)
            let header = SegmentHeader(first: 4, time: WallClock.milliseconds)
            try folder.write(Array(header.bytes.prefix(length)), to: next)
            try folder.write(whole, to: segment)
            let journal = try Journal(directory: folder.path, syncing: Syncing())
            #expect(journal.last == 3)
            try journal.commit("/4")
            #expect(try folder.records.map(\.sequence) == [1, 2, 3, 4])
            #expect(try folder.segments == [segment])
        }
    }

    @Test func segmentWithoutRecordsIsGoneOnWith() throws {
        try folder.write(whole, to: segment)
        let next = Segment.path(in: folder.path, first: 4)
        try folder.write(SegmentHeader(first: 4, time: WallClock.milliseconds).bytes, to: next)
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        #expect(journal.last == 3)
        try journal.commit("/4")
        #expect(try folder.records.map(\.sequence) == [1, 2, 3, 4])
    }
}
