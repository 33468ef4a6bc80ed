import Foundation
import Testing

@testable import Audit

@Suite("Verifying a journal")
struct VerificationTests {
    private let folder: TemporaryFolder
    private let key = CheckpointKey()

    /// Nine records in three segments, a checkpoint of the fifth and of the last.
    init() throws {
        folder = try TemporaryFolder()
        let journal = try Journal(directory: folder.path, bytesPerSegment: 600, syncing: Syncing())
        var checkpointer = try Checkpointer(directory: folder.path, key: key)
        for number in 1...9 {
            try journal.commit("/\(number)")
            guard number == 5 || number == 9 else { continue }
            try checkpointer.sign(upTo: (journal.last, journal.lastHash), isLast: true)
        }
        try #require(try folder.segments.count == 3)
    }

    @Test func untouchedJournalIsFoundWhole() throws {
        let result = try verify()
        #expect(result.segments == 3)
        #expect(result.records == 9)
        #expect((result.first, result.last) == (1, 9))
        #expect((result.checkpoints, result.signedThrough) == (2, 9))
        #expect(result.notes.isEmpty)
    }

    @Test func segmentsCanBeVerifiedAlone() throws {
        let firsts = try Segment.firsts(in: folder.path)
        var verification = try Verification(directory: folder.path, publicKeys: [key.publicKey])
        let result = try verification.run(segments: [firsts[1]])
        #expect((result.segments, result.first) == (1, firsts[1]))
        #expect(throws: JournalError.self) {
            var verification = try Verification(directory: folder.path, publicKeys: [])
            return try verification.run(segments: [firsts[1] + 1])
        }
    }

    /// Every bit of every record and header of a segment in the middle.
    @Test func everyFlippedBitIsFound() throws {
        let segment = try folder.segments[1]
        let bytes = try folder.bytes(of: segment)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1 << (index % 8)
            try folder.write(changed, to: segment)
            let error = #expect(throws: (any Error).self, "byte \(index)") { try verify() }
            #expect("\(try #require(error))".contains(segment), "byte \(index)")
        }
    }

    @Test func removedRecordIsFoundWithItsPlace() throws {
        let segment = try folder.segments[1]
        let (bytes, records) = try parts(of: segment)
        try folder.write(Array(bytes[..<records[1].lowerBound]) + bytes[records[1].upperBound...], to: segment)
        let first = try Segment.firsts(in: folder.path)[1]
        #expect(
            try finding()
                == """
                `\(segment)`, byte \(records[1].lowerBound): record \(first + 2) stands where record \(first + 1) has \
                to: records were removed or moved
                """)
    }

    @Test func exchangedRecordsAreFound() throws {
        let segment = try folder.segments[1]
        let (bytes, records) = try parts(of: segment)
        let exchanged = [bytes[..<records[0].lowerBound], bytes[records[1]], bytes[records[0]]]
        try folder.write(exchanged.flatMap(Array.init) + Array(bytes[records[1].upperBound...]), to: segment)
        #expect(try finding().contains("`\(segment)`, byte \(records[0].lowerBound): record"))
    }

    @Test func lastRecordOfASegmentThatWasRemovedIsFound() throws {
        let segment = try folder.segments[1]
        let (bytes, records) = try parts(of: segment)
        try folder.write(Array(bytes[..<records.last!.lowerBound]), to: segment)
        let next = try Segment.firsts(in: folder.path)[2]
        #expect(try finding().hasPrefix("records \(next - 1) to \(next - 1) are missing"))
    }

    @Test func removedSegmentIsFound() throws {
        let firsts = try Segment.firsts(in: folder.path)
        try FileManager.default.removeItem(atPath: try folder.segments[1])
        #expect(try finding().hasPrefix("records \(firsts[1]) to \(firsts[2] - 1) are missing"))
    }

    /// The end of the journal is cut off at a record, as no crash does it after a sync.
    @Test func truncatedEndIsFoundByTheCheckpoint() throws {
        let segment = try folder.segments[2]
        let (bytes, records) = try parts(of: segment)
        try folder.write(Array(bytes[..<records.last!.lowerBound]), to: segment)
        #expect(
            try finding()
                == "the journal ends with record 8, and a checkpoint signs record 9: what was between them was cut off")
    }

    /// A record is torn as a crash tears it: not signed yet, it is noted and no more.
    @Test func tornEndIsToldFromTampering() throws {
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        try journal.commit("/10")
        let segment = try #require(try folder.segments.last)
        let bytes = try folder.bytes(of: segment)
        try folder.write(bytes.dropLast(3), to: segment)
        let result = try verify()
        #expect(result.last == 9)
        #expect(result.notes.count == 1)
        #expect(result.notes[0].contains("a record is not whole"))
        // Opening repairs it.
        #expect(try Journal(directory: folder.path, syncing: Syncing()).last == 9)
        #expect(try verify().notes.isEmpty)
    }

    /// The records of one commit cannot say of each other that they were on disk; the checkpoint can.
    @Test func damageInASignedCommitIsNoTornEnd() throws {
        let fresh = try TemporaryFolder()
        let journal = try Journal(directory: fresh.path, syncing: Syncing())
        try journal.commit("/1", "/2", "/3")
        var checkpointer = try Checkpointer(directory: fresh.path, key: key)
        try checkpointer.sign(upTo: (3, journal.lastHash), isLast: true)
        var bytes = try fresh.bytes(of: fresh.segments[0])
        bytes[SegmentHeader.byteCount + 100] ^= 1
        try fresh.write(bytes, to: fresh.segments[0])
        var verification = try Verification(directory: fresh.path, publicKeys: [key.publicKey])
        let finding = try #require(throws: Verification.Finding.self) { try verification.run() }
        #expect(
            finding.description
                == "`\(try fresh.segments[0])`, byte \(SegmentHeader.byteCount): the checksum does not fit")
    }

    /// Somebody writes the journal anew from a record on, with all hashes right, but has no key.
    @Test(arguments: [1, 3, 5, 8])
    func forgeryWithoutTheKeyIsFound(from forged: Int) throws {
        try forge(from: forged)
        let signed = forged <= 5 ? 5 : 9
        #expect(try finding().contains("record \(signed) is not the one that its checkpoint signs"))
    }

    @Test func forgeryWithAnotherKeyIsFound() throws {
        try forge(from: 7)
        try FileManager.default.removeItem(atPath: Checkpoint.path(in: folder.path))
        let other = CheckpointKey()
        var checkpointer = try Checkpointer(directory: folder.path, key: other)
        let end = try verify(keys: []).last
        #expect(end == 9)
        try checkpointer.sign(upTo: (9, .none), isLast: true)
        // That of the record before the second segment comes first.
        let found = try finding()
        #expect(found == "the checkpoint of record 4 was signed with another key, \(other.publicKey)")
    }

    @Test func changedCheckpointIsFound() throws {
        let path = Checkpoint.path(in: folder.path)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing("\"sequence\":9", with: "\"sequence\":8").write(
            toFile: path, atomically: true, encoding: .utf8)
        #expect(
            try finding() == "the checkpoint of record 8 has a signature that its key did not make: it is forged")
    }

    /// What lies beside the journal can be replaced together with it; what was sent away cannot.
    @Test func checkpointsThatWereSentElsewhereCount() throws {
        let sent = try Checkpoint.read(from: Checkpoint.path(in: folder.path))
        try forge(from: 7)
        try FileManager.default.removeItem(atPath: Checkpoint.path(in: folder.path))
        #expect(try verify().notes == ["there are no checkpoints: a journal that was forged as a whole is not found"])
        var verification = try Verification(
            directory: folder.path, publicKeys: [key.publicKey], checkpoints: sent)
        #expect(throws: Verification.Finding.self) { try verification.run() }
    }

    @Test func earlierKeysCountWhereTheyAreNamed() throws {
        let second = CheckpointKey()
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        try journal.commit("/10")
        var checkpointer = try Checkpointer(directory: folder.path, key: second)
        try checkpointer.sign(upTo: (journal.last, journal.lastHash), isLast: true)
        #expect(try verify(keys: [key.publicKey, second.publicKey]).signedThrough == 10)
        #expect(throws: Verification.Finding.self) { try verify(keys: [second.publicKey]) }
    }

    @Test func renamedSegmentIsFound() throws {
        let firsts = try Segment.firsts(in: folder.path)
        try FileManager.default.moveItem(
            atPath: Segment.path(in: folder.path, first: firsts[2]),
            toPath: Segment.path(in: folder.path, first: firsts[2] + 1))
        #expect(try finding().contains("it was renamed") || finding().contains("are missing"))
    }

    @Test func journalWithoutRecordsIsNotWrong() throws {
        let empty = try TemporaryFolder()
        var verification = try Verification(directory: empty.path, publicKeys: [])
        #expect(try verification.run() == Verification.Result())
    }

    // MARK: Helpers

    private func verify(keys: [CheckpointPublicKey]? = nil) throws -> Verification.Result {
        var verification = try Verification(directory: folder.path, publicKeys: keys ?? [key.publicKey])
        return try verification.run()
    }

    private func finding() throws -> String {
        try #require(throws: Verification.Finding.self) { try verify() }.description
    }

    /// The bytes of a segment, and where its records lie.
    private func parts(of segment: String) throws -> (bytes: [UInt8], records: [Range<Int>]) {
        let bytes = try folder.bytes(of: segment)
        var records: [Range<Int>] = []
        var offset = SegmentHeader.byteCount
        while case .record(let view) = RecordDecoder.decode(bytes.span, at: offset) {
            records.append(offset..<offset + view.byteCount)
            offset += view.byteCount
        }
        return (bytes, records)
    }

    /// Writes all segments anew, with another path in a record and hashes that fit.
    private func forge(from forged: Int) throws {
        var hash = RecordHash.none
        var segments: [(path: String, bytes: [UInt8])] = []
        for first in try Segment.firsts(in: folder.path) {
            let path = Segment.path(in: folder.path, first: first)
            let records = try folder.records.filter { try segment(of: $0.sequence) == first }
            var bytes = SegmentHeader(first: first, time: 0, previous: hash).bytes
            for var record in records {
                if record.sequence >= forged { record.path = "/forged" }
                let encoded = record.encoded(after: hash, unsynced: UInt32(record.sequence) - 1)
                bytes += encoded.bytes
                hash = encoded.hash
            }
            segments.append((path, bytes))
        }
        for (path, bytes) in segments { try folder.write(bytes, to: path) }
    }

    private func segment(of sequence: UInt64) throws -> UInt64? {
        try Segment.firsts(in: folder.path).last { $0 <= sequence }
    }
}
