import Foundation
import Glibc
import Testing

@testable import Audit

@Suite("The journal, watched from aside")
struct JournalWatchTests {
    private let folder: TemporaryFolder
    private let syncing = Syncing()
    private let watch: JournalWatch

    init() throws {
        folder = try TemporaryFolder()
        watch = JournalWatch(syncing)
    }

    @Test func syncThatDoesNotReturnEndsTheWritingUntilItDoes() throws {
        let journal = try Journal(directory: folder.path, syncing: syncing)
        try journal.commit("/1")
        syncing.syncCall.begin()
        for _ in 0..<JournalWatch.mostLooksAtSync { watch.look() }
        try journal.commit("/2")
        watch.look()
        let error = try #require(throws: FileError.self) { try journal.commit("/x") }
        #expect((error.call, error.code) == ("fdatasync", ETIMEDOUT))
        #expect(journal.trouble == error)
        syncing.syncCall.end()
        watch.look()
        try journal.commit("/3")
        #expect(journal.trouble == nil)
        #expect(try folder.records.map(\.path) == ["/1", "/2", "/3"])
    }

    @Test func callsThatReturnAreNoTroubleHoweverManyThereAre() throws {
        let journal = try Journal(directory: folder.path, syncing: syncing)
        for _ in 0..<2 * JournalWatch.mostLooksAtSync {
            syncing.syncCall.begin()
            syncing.writeCall.begin()
            watch.look()
            syncing.syncCall.end()
            syncing.writeCall.end()
        }
        try journal.commit("/1")
        #expect(journal.trouble == nil)
    }

    @Test func writeThatDoesNotReturnIsTold() throws {
        let journal = try Journal(directory: folder.path, syncing: syncing)
        syncing.writeCall.begin()
        for _ in 0...JournalWatch.mostLooksAtWrite { watch.look() }
        #expect(journal.trouble?.call == "write")
    }

    @Test func directoryThatWasMovedAwayEndsTheWritingUntilItIsBack() throws {
        let journal = try Journal(directory: folder.path, syncing: syncing)
        watch.look()
        #expect(journal.trouble == nil, "nothing is written to yet")
        try journal.commit("/1")
        watch.look()
        #expect(journal.trouble == nil)
        let elsewhere = folder.path + "-moved"
        try FileManager.default.moveItem(atPath: folder.path, toPath: elsewhere)
        watch.look()
        let error = try #require(throws: FileError.self) { try journal.commit("/x") }
        #expect(error.code == ESTALE)
        #expect(error.description.hasSuffix("not there any more; move it back, or restart the service"))
        try FileManager.default.moveItem(atPath: elsewhere, toPath: folder.path)
        watch.look()
        try journal.commit("/2")
        #expect(try folder.records.map(\.path) == ["/1", "/2"])
    }

    @Test func fileThatWasReplacedIsNotTheOneThatIsWrittenTo() throws {
        let journal = try Journal(directory: folder.path, syncing: syncing)
        try journal.commit("/1")
        let segment = try folder.segments[0]
        try FileManager.default.copyItem(atPath: segment, toPath: segment + ".copy")
        try FileManager.default.removeItem(atPath: segment)
        try FileManager.default.moveItem(atPath: segment + ".copy", toPath: segment)
        watch.look()
        #expect(journal.trouble?.code == ESTALE)
    }

    @Test func segmentThatWasFollowedByAnotherMayGo() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: syncing)
        try journal.commit("/1")
        try journal.commit("/2")
        try FileManager.default.removeItem(atPath: try folder.segments[0])
        watch.look()
        #expect(journal.trouble == nil)
    }
}
