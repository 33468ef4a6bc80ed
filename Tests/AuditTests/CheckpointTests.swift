import Foundation
import Testing

@testable import Audit

@Suite("Checkpoints")
struct CheckpointTests {
    private let folder: TemporaryFolder
    private let key = CheckpointKey()
    private let hash = [1, 2, 3].withUnsafeBytes { RecordHash(of: $0) }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func firstRecordIsSignedAtOnceAndThenEverySoOften() throws {
        var checkpointer = try open()
        try checkpointer.sign(upTo: (1, hash), isLast: false)
        try checkpointer.sign(upTo: (2, hash), isLast: false)
        #expect(try sequences == [1])
        try checkpointer.sign(upTo: (1 + Checkpointer.mostRecords, hash), isLast: false)
        #expect(try sequences == [1, 1 + Checkpointer.mostRecords])
    }

    @Test func nothingIsSignedTwice() throws {
        var checkpointer = try open()
        for _ in 0..<3 { try checkpointer.sign(upTo: (7, hash), isLast: true) }
        var reopened = try open()
        #expect(reopened.last == 7)
        try reopened.sign(upTo: (7, hash), isLast: true)
        #expect(try sequences == [7])
    }

    /// So that what follows can be verified when the segments before are gone.
    @Test func recordBeforeASegmentIsAlwaysSigned() throws {
        var checkpointer = try open()
        try checkpointer.sign(upTo: (1, hash), isLast: false)
        checkpointer.note([(5, hash), (10, hash), (20, hash)])
        try checkpointer.sign(upTo: (12, hash), isLast: false)
        checkpointer.note([(10, hash), (20, hash)])
        try checkpointer.sign(upTo: (13, hash), isLast: false)
        #expect(try sequences == [1, 5, 10], "that of a segment of which nothing is on disk waits")
        try checkpointer.sign(upTo: (21, hash), isLast: false)
        #expect(try sequences == [1, 5, 10, 20])
    }

    /// The process died in between.
    @Test func recordsBeforeSegmentsThatWereNotSignedAreSignedLater() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 600, syncing: Syncing())
        while try folder.segments.count < 4 { try journal.commit("/a") }
        var checkpointer = try open()
        try checkpointer.sign(upTo: (journal.last, journal.lastHash), isLast: true)
        let before = try Segment.firsts(in: folder.path).dropFirst().map { $0 - 1 }
        #expect(try sequences == before + [journal.last])
    }

    @Test func signatureIsOfEveryField() throws {
        var checkpointer = try open()
        try checkpointer.sign(upTo: (7, hash), isLast: true)
        let checkpoint = try #require(try checkpoints.first)
        #expect(checkpoint.isSigned(with: key.publicKey))
        #expect(!checkpoint.isSigned(with: CheckpointKey().publicKey))
        var changed = [checkpoint, checkpoint, checkpoint, checkpoint]
        changed[0].sequence += 1
        changed[1].time += 1
        changed[2].hash = "\(RecordHash.none)"
        changed[3].signature = String(checkpoint.signature.reversed())
        for checkpoint in changed { #expect(!checkpoint.isSigned(with: key.publicKey)) }
    }

    @Test func lineThatACrashToreIsDropped() throws {
        var checkpointer = try open()
        try checkpointer.sign(upTo: (7, hash), isLast: true)
        let path = Checkpoint.path(in: folder.path)
        let whole = try folder.bytes(of: path)
        for count in 1..<whole.count {
            try folder.write(whole + whole.prefix(count), to: path)
            #expect(try checkpoints.map(\.sequence) == [7])
        }
        var reopened = try open()
        try reopened.sign(upTo: (8, hash), isLast: true)
        #expect(try sequences == [7, 8])
    }

    @Test func lineThatIsNoneIsNamed() throws {
        try folder.write(Array("{}\n".utf8), to: Checkpoint.path(in: folder.path))
        let error = #expect(throws: JournalError.self) { _ = try open() }
        #expect("\(try #require(error))".hasPrefix("line 1 of"))
    }

    @Test func thoseOfRemovedRecordsAreForgottenButForTheLast() throws {
        var checkpointer = try open()
        for sequence in [3, 5, 8, 9] as [UInt64] {
            try checkpointer.sign(upTo: (sequence, hash), isLast: true)
        }
        try checkpointer.forget(before: 9)
        #expect(try sequences == [8, 9])
        #expect(try folder.mode(of: Checkpoint.path(in: folder.path)) == 0o600)
        try checkpointer.sign(upTo: (10, hash), isLast: true)
        #expect(try sequences == [8, 9, 10])
    }

    @Test func keyIsReadAsItWasWrittenAndOnlyByItsOwner() throws {
        let path = "\(folder.path)/key"
        try key.write(to: path)
        #expect(try "\(CheckpointKey(file: path).publicKey)" == "\(key.publicKey)")
        #expect(try folder.mode(of: path) == 0o600)
        #expect(throws: FileError.self) { try key.write(to: path) }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let error = #expect(throws: JournalError.self) { try CheckpointKey(file: path) }
        #expect("\(try #require(error))".contains("others than its owner"))
    }

    @Test(arguments: ["", "x", "AAAA", String(repeating: "A", count: 100)])
    func whatIsNoKeyIsRefused(text: String) throws {
        let path = "\(folder.path)/key"
        try folder.write(Array(text.utf8), to: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(throws: JournalError.self) { try CheckpointKey(file: path) }
        #expect(throws: JournalError.self) { try CheckpointPublicKey(text) }
    }

    private func open() throws -> Checkpointer {
        try Checkpointer(directory: folder.path, key: key)
    }

    private var checkpoints: [Checkpoint] {
        get throws { try Checkpoint.read(from: Checkpoint.path(in: folder.path)) }
    }

    private var sequences: [UInt64] {
        get throws { try checkpoints.map(\.sequence) }
    }
}
