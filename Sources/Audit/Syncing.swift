import Dispatch
import Foundation
import Glibc
import Synchronization

/// The thread behind the journal: makes what was committed survive the machine, then lets others work on it.
///
/// After the first commit it waits for ``interval``, so that everything committed meanwhile shares one `fdatasync`.
package final class Syncing: Sendable {
    private struct Files {
        /// The segment being written is the last; older ones still have to be cut to their length and synced once. One
        /// that could not be synced is not among them.
        var open: [OpenSegment] = []
    }

    private let files = Mutex(Files())
    private let requested = Atomic<Bool>(false)
    private let failed = Atomic<Bool>(false)
    private let started = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let onReserve = Atomic<Bool>(false)
    private let reserveFailure = Mutex<FileError?>(nil)
    private let troubled = Atomic<Bool>(false)
    private let seenTrouble = Mutex<FileError?>(nil)
    /// What the thread that writes records does, and this one.
    let writeCall = WatchedCall()
    let syncCall = WatchedCall()
    private let lastCommitted = Atomic<UInt64>(0)
    private let lastSynced = Atomic<UInt64>(0)
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    /// Seconds between the first commit and the sync that covers it.
    package let interval: Double

    /// Bytes of zeros that are kept ahead of the records.
    package let zerosAhead: Int

    /// Seconds after which the thread works even if nothing is committed.
    package let idleInterval: Double

    /// Seconds after which a disk that had no room is tried again.
    private static let retryInterval = 0.25

    /// - Parameters:
    ///   - interval: seconds; a record is on disk at most this much and the sync itself after its commit.
    ///   - zerosAhead: bytes; see ``OpenSegment``.
    ///   - idleInterval: seconds after which the thread works even if nothing is committed.
    package init(interval: Double = 0.010, zerosAhead: Int = 4 << 20, idleInterval: Double = 60) {
        self.interval = interval
        self.zerosAhead = zerosAhead
        self.idleInterval = idleInterval
    }

    /// Whether a sync failed since the segment was opened. What the kernel still holds of it is unknown, so the sync
    /// is never tried again; the journal goes on in a new segment.
    package var hasFailed: Bool { failed.load(ordering: .acquiring) }

    /// Whether no room could be made for further records, so that those that are committed use up what there is: at
    /// least half of ``zerosAhead``, unless the journal is young. It is tried again until it works.
    package var isOnReserve: Bool { onReserve.load(ordering: .relaxed) }

    /// Why there is no room; `nil` while there is.
    package var reason: FileError? { isOnReserve ? reserveFailure.withLock { $0 } : nil }

    /// What ``JournalWatch`` has found to be wrong; `nil` while nothing is. As long as it is, no record is written.
    package var trouble: FileError? {
        troubled.load(ordering: .acquiring) ? seenTrouble.withLock { $0 } : nil
    }

    func set(trouble: FileError?) {
        seenTrouble.withLock { $0 = trouble }
        troubled.store(trouble != nil, ordering: .releasing)
    }

    /// Of the segment that is written to; empty if there is none.
    var segmentPath: String { files.withLock { $0.open.last?.path ?? "" } }

    /// The path at which the segment that is written to should be, and is not any more; `nil` if it is there.
    var movedSegment: String? {
        let last = files.withLock { $0.open.last }
        guard let last, !last.isInPlace else { return nil }
        // It may have been followed by another and gone meanwhile.
        return files.withLock { $0.open.last === last } ? last.path : nil
    }

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - onFailure: called on the thread when a sync failed.
    ///   - afterSync: called on the thread after every sync, and once more before it ends.
    package func start(onFailure: @escaping @Sendable (FileError) -> Void, afterSync: @escaping @Sendable () -> Void) {
        let thread = Thread { [self] in
            StandingBack.audit.begin()
            var isLast = false
            while !isLast {
                let patience = isOnReserve ? Self.retryInterval : idleInterval
                let isIdle = wake.wait(timeout: .now() + patience) == .timedOut
                // Read before the sync: what was committed before the stop is in the last one.
                isLast = stopping.load(ordering: .acquiring)
                if !isLast, !isIdle { Thread.sleep(forTimeInterval: interval) }
                requested.store(false, ordering: .sequentiallyConsistent)
                sync(onFailure: onFailure)
                afterSync()
            }
            finished.signal()
        }
        thread.name = "audit"
        started.store(true, ordering: .relaxed)
        thread.start()
    }

    /// Syncs what is left and ends the thread. Waits for it.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        wake.signal()
        finished.wait()
    }

    /// The sequence number of the last record that is committed.
    package var committed: UInt64 { lastCommitted.load(ordering: .acquiring) }

    /// The sequence number of the last record that is known to be on disk; 0 before the first sync.
    package var synced: UInt64 { lastSynced.load(ordering: .acquiring) }

    /// The answering thread has synced by itself.
    func note(synced sequence: UInt64) {
        lastSynced.store(sequence, ordering: .releasing)
    }

    func note(committed sequence: UInt64) {
        lastCommitted.store(sequence, ordering: .releasing)
    }

    /// Everything up to a record was committed. Never waits.
    func request(through sequence: UInt64) {
        note(committed: sequence)
        requestSync()
    }

    /// Syncs soon what an earlier process may have left unsynced. Never waits.
    package func requestSync() {
        if !requested.exchange(true, ordering: .sequentiallyConsistent) { wake.signal() }
    }

    /// The journal goes on in this segment.
    func use(_ segment: OpenSegment) {
        files.withLock { $0.open.append(segment) }
        failed.store(false, ordering: .releasing)
    }

    /// The segment could not be synced, and is not tried again.
    func giveUp(_ segment: OpenSegment) {
        files.withLock { $0.open.removeAll { $0 === segment } }
    }

    private func sync(onFailure: @Sendable (FileError) -> Void) {
        // Read before: whatever was committed by now is in the segments that are synced.
        let through = committed
        let open = files.withLock { $0.open }
        var done = open.dropLast().map(ObjectIdentifier.init)
        var isSynced = true
        for segment in open {
            syncCall.begin()
            defer { syncCall.end() }
            do throws(FileError) {
                // One that is followed by another gets no more records.
                if segment !== open.last { try segment.dropZeros() }
                try segment.sync()
            } catch {
                isSynced = false
                done.append(ObjectIdentifier(segment))
                failed.store(true, ordering: .releasing)
                onFailure(error)
            }
        }
        files.withLock { files in files.open.removeAll { done.contains(ObjectIdentifier($0)) } }
        guard isSynced else { return }
        if through > synced { note(synced: through) }
        if let segment = open.last { makeRoom(in: segment) }
    }

    private func makeRoom(in segment: OpenSegment) {
        syncCall.begin()
        defer { syncCall.end() }
        makeRoom(in: segment, zerosAhead, always: isOnReserve)
    }

    /// Makes a little room at once where the thread, which stands back, has fallen behind: that the disk is full has to
    /// be found out while there is space left in which to record refusals. For the thread that writes records.
    func catchUp(in segment: OpenSegment) {
        guard segment.room < zerosAhead / 8, !isOnReserve, started.load(ordering: .relaxed) else { return }
        makeRoom(in: segment, zerosAhead / 4, always: true)
    }

    private func makeRoom(in segment: OpenSegment, _ bytes: Int, always: Bool) {
        do throws(FileError) {
            try segment.writeZerosAhead(bytes, always: always)
            onReserve.store(false, ordering: .releasing)
        } catch {
            reserveFailure.withLock { $0 = error }
            onReserve.store(true, ordering: .releasing)
        }
    }
}
