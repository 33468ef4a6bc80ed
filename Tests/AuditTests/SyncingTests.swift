import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Audit

@Suite("Syncing")
struct SyncingTests {
    private let folder: TemporaryFolder
    private let disk = ScriptedDisk()
    private let syncing = Syncing(interval: 0)
    private let thread = AuditThread()

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func everyCommitIsSyncedAndThenWorkedOn() throws {
        thread.start(syncing)
        let journal = try open()
        for count in 1...3 {
            try journal.commit("/a")
            thread.waitForASync()
            #expect(disk.synced.count >= count)
        }
        syncing.stop()
        #expect(thread.failures.isEmpty)
    }

    @Test func failedSyncIsNeverTriedAgainAndTheJournalGoesOnInANewSegment() throws {
        disk.next(syncs: [.failure(EIO)])
        thread.start(syncing)
        let journal = try open()
        try journal.commit("/1")
        thread.waitForASync()
        #expect(syncing.hasFailed)
        #expect(thread.failures.map(\.code) == [EIO])
        try journal.commit("/2")
        #expect(!syncing.hasFailed)
        syncing.stop()
        let names = try folder.segments.map { URL(fileURLWithPath: $0).lastPathComponent }
        #expect(names.count == 2)
        #expect(disk.synced.filter { $0 == names[0] }.count == 1)
        #expect(disk.synced.contains(names[1]))
        #expect(try folder.records == [record(1, path: "/1"), record(2, path: "/2")])
    }

    @Test func segmentThatWasFollowedIsSyncedOnceMore() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: syncing, openFile: disk.open)
        for _ in 0..<3 { try journal.commit("/a") }
        thread.start(syncing)
        thread.waitForASync()
        let names = try folder.segments.map { URL(fileURLWithPath: $0).lastPathComponent }
        #expect(disk.synced == names)
        try journal.commit("/b")
        syncing.stop()
        #expect(disk.synced.filter { names.dropLast().contains($0) }.count == 2)
    }

    @Test func lastCommitBeforeTheStopIsSyncedAndWorkedOn() throws {
        let journal = try open()
        let seen = Mutex(0)
        let folder = folder.path
        syncing.start { _ in
        } afterSync: {
            let reader = JournalReader(directory: folder)
            let count = (try? reader.readAll().count) ?? 0
            seen.withLock { $0 = count }
        }
        for _ in 0..<200 { try journal.commit("/a") }
        syncing.stop()
        #expect(seen.withLock { $0 } == 200)
    }

    @Test func zerosAreKeptAheadOfTheRecordsAndDroppedFromASegmentThatIsDone() throws {
        thread.start(syncing)
        let journal = try Journal(
            directory: folder.path, bytesPerSegment: 1_000, syncing: syncing, openFile: disk.open)
        try journal.commit("/1")
        thread.waitForASync()
        let first = try folder.segments[0]
        #expect(try folder.bytes(of: first).count > syncing.zerosAhead)
        while try folder.segments.count == 1 { try journal.commit("/2") }
        thread.waitForASync()
        syncing.stop()
        #expect(try folder.bytes(of: first).count < 2_000)
        #expect(try folder.records.map(\.sequence) == Array(1...journal.last))
        #expect(syncing.synced == journal.last)
    }

    @Test func diskWithoutRoomIsToldAndTriedUntilItHasSome() throws {
        // The header and the record find room, the zeros ahead do not, nor when they are tried again.
        disk.next(writes: [.success, .success, .failure(ENOSPC), .failure(ENOSPC)])
        let journal = try open()
        try journal.commit("/1")
        #expect(!journal.isOnReserve)
        thread.start(syncing)
        thread.waitForASync()
        #expect(journal.isOnReserve)
        #expect(journal.reserveReason?.code == ENOSPC)
        // Nobody commits anything.
        for _ in 0..<2 { thread.waitForASync() }
        #expect(!journal.isOnReserve)
        #expect(journal.reserveReason == nil)
        try journal.commit("/2")
        syncing.stop()
        #expect(try folder.records.map(\.path) == ["/1", "/2"])
    }

    /// A new segment would need room that there is not.
    @Test func segmentIsGoneOnWithWhileTheDiskHasNoRoom() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: syncing, openFile: disk.open)
        disk.next(writes: [.success, .success] + Array(repeating: .failure(ENOSPC), count: 2))
        try journal.commit("/1")
        thread.start(syncing)
        thread.waitForASync()
        #expect(journal.isOnReserve)
        disk.next()
        try journal.commit("/2")
        #expect(try folder.segments.count == 1)
        while journal.isOnReserve { thread.waitForASync() }
        try journal.commit("/3")
        syncing.stop()
        #expect(try folder.segments.count == 2)
        #expect(try folder.records.map(\.path) == ["/1", "/2", "/3"])
    }

    /// What is left must do for refusals, however late the thread is.
    @Test func fullDiskIsNoticedBeforeTheSpaceIsUsedUpWhileTheThreadIsHeldUp() throws {
        let syncing = Syncing(interval: 0, zerosAhead: 64 << 10)
        let journal = try Journal(directory: folder.path, syncing: syncing, openFile: disk.open)
        let atWork = DispatchSemaphore(value: 0)
        let released = DispatchSemaphore(value: 0)
        syncing.start { _ in
        } afterSync: {
            atWork.signal()
            released.wait()
        }
        try journal.commit("/first")
        atWork.wait()
        for _ in 0..<1_000 where !journal.isOnReserve {
            // Room for the record, none for zeros.
            disk.next(writes: [.success, .failure(ENOSPC)])
            try journal.commit("/a")
        }
        #expect(journal.isOnReserve)
        disk.next()
        let zeros = try folder.bytes(of: folder.segments[0]).reversed().prefix { $0 == 0 }.count
        #expect(zeros > syncing.zerosAhead / 16)
        try journal.commit("/last")
        for _ in 0..<10 { released.signal() }
        syncing.stop()
        #expect(syncing.synced == journal.last)
    }

    /// The stop falls at another moment of the thread's round each time.
    @Test(arguments: 0..<100)
    func commitWhileTheThreadIsAtWorkIsSyncedBeforeItEnds(moment: Int) throws {
        let journal = try open()
        let atWork = DispatchSemaphore(value: 0)
        let released = DispatchSemaphore(value: 0)
        syncing.start { _ in
        } afterSync: {
            atWork.signal()
            released.wait()
        }
        try journal.commit("/1")
        atWork.wait()
        let synced = disk.synced.count
        try journal.commit("/2")
        let stopped = DispatchSemaphore(value: 0)
        let syncing = syncing
        Thread.detachNewThread {
            syncing.stop()
            stopped.signal()
        }
        for _ in 0..<moment * 10 { sched_yield() }
        for _ in 0..<3 { released.signal() }
        stopped.wait()
        #expect(disk.synced.count > synced)
    }

    private func open() throws -> Journal {
        try Journal(directory: folder.path, syncing: syncing, openFile: disk.open)
    }
}

/// Listens to the thread behind a journal.
private final class AuditThread: Sendable {
    private let synced = DispatchSemaphore(value: 0)
    private let seenFailures = Mutex<[FileError]>([])

    var failures: [FileError] { seenFailures.withLock { $0 } }

    func start(_ syncing: Syncing) {
        syncing.start { failure in
            self.seenFailures.withLock { $0.append(failure) }
        } afterSync: {
            self.synced.signal()
        }
    }

    func waitForASync() {
        synced.wait()
    }
}
