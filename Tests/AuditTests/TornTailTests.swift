import Foundation
import Testing

@testable import Audit

@Suite("What a crash leaves at the end of the journal")
struct TornTailTests {
    private let folder: TemporaryFolder
    private let segment: String
    private let whole: [UInt8]
    private let lastRecord: Int

    /// Three records in one segment.
    init() throws {
        folder = try TemporaryFolder()
        try Journal(directory: folder.path, syncing: Syncing()).commit("/1", "/2", "/3")
        segment = try folder.segments[0]
        whole = try folder.bytes(of: segment)
        lastRecord = whole.count - record(3, path: "/3").encoded.count
    }

    @Test func recordTornAtAnyByteIsCutOffAndKept() throws {
        for length in lastRecord..<whole.count {
            try folder.write(Array(whole[..<length]), to: segment)
            let journal = try Journal(directory: folder.path, syncing: Syncing())
            #expect(journal.last == 2)
            #expect(try folder.bytes(of: segment) == Array(whole[..<lastRecord]))
            let torn = "\(segment).torn-\(lastRecord)"
            if length > lastRecord {
                #expect(try folder.bytes(of: torn) == Array(whole[lastRecord..<length]))
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

    /// As a file system leaves it that grew the file before it wrote the data.
    @Test func zeroesAtTheEndAreATornRecord() throws {
        try folder.write(whole + Array(repeating: 0, count: 5_000), to: segment)
        #expect(try Journal(directory: folder.path, syncing: Syncing()).last == 3)
        #expect(try folder.bytes(of: segment) == whole)
    }

    @Test func damageWithWholeRecordsAfterItIsRefusedAndNothingIsCut() throws {
        for index in Segment.headerBytes..<lastRecord {
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
        for length in 0..<Segment.headerBytes {
            let next = Segment.path(in: folder.path, first: 4)
            try folder.write(Array(Segment.header(first: 4, time: 0).prefix(length)), to: next)
            let journal = try Journal(directory: folder.path, syncing: Syncing())
            #expect(journal.last == 3)
            try journal.commit("/4")
            #expect(try folder.records.map(\.sequence) == [1, 2, 3, 4])
            try FileManager.default.removeItem(atPath: next)
        }
    }

    @Test func segmentWithoutRecordsIsGoneOnWith() throws {
        let next = Segment.path(in: folder.path, first: 4)
        try folder.write(Segment.header(first: 4, time: 0), to: next)
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        #expect(journal.last == 3)
        try journal.commit("/4")
        #expect(try folder.records.map(\.sequence) == [1, 2, 3, 4])
    }
}
