import Foundation
import Glibc
import Testing

@testable import Audit

@Suite("A journal on a failing disk")
struct FailingDiskTests {
    private let folder: TemporaryFolder
    private let disk = ScriptedDisk()

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func shortAndInterruptedWritesAreGoneOnWith() throws {
        let journal = try open()
        disk.next(writes: [
            .failure(EINTR), .short(5), .failure(EINTR), .short(1), .success, .short(3), .failure(EINTR),
        ])
        try journal.commit("/1", "/2")
        disk.next(writes: [.short(1), .short(100), .short(1)])
        try journal.commit("/3")
        #expect(try folder.records == [record(1, path: "/1"), record(2, path: "/2"), record(3, path: "/3")])
    }

    /// How many bytes reach the disk before it is full: part of a record, a whole one, one and a part.
    @Test(arguments: [1, 100, record(1, path: "/x").encoded.count, 200])
    func nothingOfAFailedCommitStays(written: Int) throws {
        let journal = try open()
        try journal.commit("/1")
        let before = try folder.bytes(of: folder.segments[0])
        disk.next(writes: [.short(written), .failure(ENOSPC)])
        let error = try #require(throws: FileError.self) { try journal.commit("/x", "/y") }
        #expect(error.code == ENOSPC)
        #expect(error.description.hasSuffix("; free space on that file system"))
        #expect(try folder.bytes(of: folder.segments[0]) == before)
        #expect(journal.last == 1)
        #expect(!journal.hasStaged)
        try journal.commit("/2")
        #expect(try folder.records == [record(1, path: "/1"), record(2, path: "/2")])
        #expect(try folder.segments.count == 1)
    }

    @Test func writeThatTakesNothingIsAnErrorAndNotTriedForEver() throws {
        let journal = try open()
        try journal.commit("/1")
        disk.next(writes: [.short(0)])
        let error = try #require(throws: FileError.self) { try journal.commit("/x") }
        #expect(error.code == EIO)
        try journal.commit("/2")
        #expect(try folder.records == [record(1, path: "/1"), record(2, path: "/2")])
    }

    @Test func diskThatIsFullFromTheFirstRecordOnIsTriedAgain() throws {
        let journal = try open()
        disk.next(writes: [.short(10), .failure(ENOSPC)])
        #expect(throws: FileError.self) { try journal.commit("/x") }
        #expect(try folder.names.isEmpty)
        disk.next(writes: [.success, .short(10), .failure(ENOSPC)])
        #expect(throws: FileError.self) { try journal.commit("/x") }
        #expect(journal.last == 0)
        try journal.commit("/1")
        #expect(try folder.records == [record(1, path: "/1")])
    }

    @Test func diskThatIsFullAtARotationIsTriedAgain() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: Syncing(), openFile: disk.open)
        try journal.commit("/1")
        disk.next(writes: [.failure(ENOSPC)])
        #expect(throws: FileError.self) { try journal.commit("/x") }
        #expect(try folder.segments.count == 1)
        try journal.commit("/2")
        #expect(try folder.records == [record(1, path: "/1"), record(2, path: "/2")])
    }

    @Test func segmentThatCannotBeTakenBackIsGivenUp() throws {
        let journal = try open()
        try journal.commit("/1")
        disk.next(writes: [.short(50), .failure(ENOSPC)], truncates: [.failure(EIO)])
        #expect(throws: FileError.self) { try journal.commit("/x") }
        try journal.commit("/2")
        #expect(try folder.segments.count == 2)
        #expect(try folder.records == [record(1, path: "/1"), record(2, path: "/2")])
        #expect(try Journal(directory: folder.path, syncing: Syncing()).last == 2)
    }

    @Test func wholeRecordThatCouldNotBeTakenBackIsNotRead() throws {
        let journal = try open()
        try journal.commit("/1")
        let whole = record(2, path: "/x").encoded.count
        disk.next(writes: [.short(whole + 5), .failure(ENOSPC)], truncates: [.failure(EIO)])
        #expect(throws: FileError.self) { try journal.commit("/x", "/y") }
        try journal.commit("/2", "/3")
        #expect(try folder.records == [record(1, path: "/1"), record(2, path: "/2"), record(3, path: "/3")])
    }

    @Test func firstSegmentThatCannotBeTakenBackIsBegunAnew() throws {
        let journal = try open()
        disk.next(writes: [.success, .short(50), .failure(ENOSPC)], truncates: [.success, .failure(EIO)])
        #expect(throws: FileError.self) { try journal.commit("/x") }
        try journal.commit("/1")
        #expect(try folder.records == [record(1, path: "/1")])
    }

    @Test func fileThatCannotBeOpenedIsAnErrorWithItsName() throws {
        let missing = "\(folder.path)/missing"
        let journal = try open()
        try FileManager.default.removeItem(atPath: folder.path)
        let error = try #require(throws: FileError.self) { try journal.commit("/1") }
        #expect(error.call == "open")
        #expect(error.code == ENOENT)
        #expect(throws: (any Error).self) { try Journal(directory: missing, syncing: Syncing()) }
    }

    private func open() throws -> Journal {
        try Journal(directory: folder.path, syncing: Syncing(), openFile: disk.open)
    }
}
