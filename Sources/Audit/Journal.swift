import Decision
import Foundation
import Synchronization

/// The append-only journal that answers wait for.
///
/// Records are staged in memory and handed to the kernel together by ``commit()``; what was committed survives the
/// death of this process. ``Syncing`` makes it survive the death of the machine.
///
/// Belongs to the thread that decides; nothing in it waits for another thread.
package final class Journal {
    /// Opens the file of a segment; tests script its failures.
    package typealias OpenFile = @Sendable (_ path: String) throws(FileError) -> any SegmentFile

    private let directory: String
    private let bytesPerSegment: Int
    private let durability: Durability
    /// Seconds.
    private let longestSegment: Int
    private let openFile: OpenFile
    private let syncing: Syncing

    private var staged = StagedRecords()
    private var segment: OpenSegment?
    /// When the segment is followed by another, in seconds of the monotonic clock.
    private var segmentEnds = Int.max
    /// The hash of the last committed record.
    package private(set) var lastHash: RecordHash
    /// The sequence number of the last committed record; 0 before the first.
    package private(set) var last: UInt64

    /// Opens a journal to append to it. A torn record at its end, as a crash in the middle of a write leaves it, is
    /// cut off: its answer was never given.
    ///
    /// - Parameters:
    ///   - directory: exists.
    ///   - bytesPerSegment: a segment that has grown beyond it is followed by a new one.
    ///   - secondsPerSegment: so is one that is older.
    ///   - durability: what answers wait for; each segment says it.
    ///   - indexed: the sequence number of the last record that the index knows of. A journal that ends before it,
    ///     because somebody moved a segment away, goes on behind it: no number is ever given twice.
    /// - Throws: ``JournalError`` or ``FileError`` if what is there cannot be continued.
    package init(
        directory: String, bytesPerSegment: Int = 64 << 20, secondsPerSegment: Int = 86_400,
        durability: Durability = .process, indexed: UInt64 = 0, syncing: Syncing,
        openFile: @escaping OpenFile = { (path: String) throws(FileError) in try SystemSegmentFile(path: path) }
    ) throws {
        self.directory = directory
        self.bytesPerSegment = bytesPerSegment
        self.durability = durability
        longestSegment = secondsPerSegment
        self.syncing = syncing
        self.openFile = openFile
        last = 0
        lastHash = .none
        try reopen()
        if last < indexed {
            last = indexed
            lastHash = .none
            segment = nil
        }
        staged.removeAll(after: lastHash)
        syncing.note(committed: last)
    }

    /// Stages one record.
    ///
    /// - Parameters:
    ///   - time: milliseconds since 1970.
    ///   - texts: appends the texts of ``AuditField`` in their order, as many as there are.
    package func stage(_ head: AuditHead, time: UInt64, texts: (inout RecordEncoder) -> Void) {
        staged.append(head, after: last, synced: syncing.synced, time: time, texts: texts)
    }

    package var hasStaged: Bool { staged.count > 0 }

    /// Hands everything staged to the kernel.
    ///
    /// With durability `disk` it waits until the disk has it.
    ///
    /// - Throws: ``FileError`` if that failed. Then nothing of it is in the journal, the sequence goes on as if it had
    ///   never been staged, and the next commit tries again. Where only the sync failed, the records are in the journal,
    ///   perhaps not on disk; the next commit goes to another segment.
    package func commit() throws(FileError) {
        guard staged.count > 0 else { return }
        syncing.writeCall.begin()
        defer {
            syncing.writeCall.end()
            staged.removeAll(after: lastHash)
        }
        if let trouble = syncing.trouble { throw trouble }
        if syncing.hasFailed || isSegmentFinished { segment = nil }
        let segment = try openedSegment()
        do throws(OpenSegment.AppendError) {
            try segment.append(staged.unsafeBytes)
        } catch {
            if !error.isTakenBack { self.segment = nil }
            throw named(error.cause)
        }
        last += staged.count
        lastHash = staged.lastHash
        syncing.request(through: last)
        syncing.catchUp(in: segment)
        if durability == .disk { try sync(segment) }
    }

    /// On a disk without room the segment has what there is for records.
    private var isSegmentFinished: Bool {
        guard let segment, !syncing.isOnReserve else { return false }
        return segment.length >= bytesPerSegment || WallClock.monotonicSeconds >= segmentEnds
    }

    /// Whether the disk has no room, and records go to the space that was kept for refusals.
    package var isOnReserve: Bool { syncing.isOnReserve }

    /// What is wrong with the disk or the directory, seen from aside; then every commit fails with it.
    package var trouble: FileError? { syncing.trouble }

    /// Why it has none; `nil` while it has.
    package var reserveReason: FileError? { syncing.reason }

    /// The sequence number of the last record that is known to be on disk.
    package var lastSynced: UInt64 { min(last, syncing.synced) }

    private func sync(_ segment: OpenSegment) throws(FileError) {
        do throws(FileError) {
            try segment.sync()
        } catch {
            // What the kernel still holds of it is unknown: it is never synced again.
            syncing.giveUp(segment)
            self.segment = nil
            throw error
        }
        syncing.note(synced: last)
    }

    private func openedSegment() throws(FileError) -> OpenSegment {
        if let segment { return segment }
        let header = SegmentHeader(
            first: last + 1, time: WallClock.milliseconds, durability: durability, previous: lastHash
        ).bytes
        let path = Segment.path(in: directory, first: last + 1)
        let file = try openFile(path)
        do {
            try file.truncate(to: 0)
            let result: Result<Void, FileError> = header.withUnsafeBytes { bytes in
                Result { () throws(FileError) in try file.writeAll(bytes, at: 0) }
            }
            try result.get()
        } catch {
            unlink(path)
            throw named(error)
        }
        let opened = OpenSegment(file, length: header.count, zerosEnd: header.count)
        segment = opened
        segmentEnds = WallClock.monotonicSeconds + longestSegment
        syncing.use(opened)
        return opened
    }

    private func named(_ error: FileError) -> FileError {
        var error = error
        if error.path.isEmpty { error.path = directory }
        return error
    }

    /// Goes on with the last segment, after its last whole record; in a new one if that is of an older version.
    private func reopen() throws {
        for first in try Segment.firsts(in: directory).reversed() {
            if try SegmentFileReader(directory: directory, first: first)?.isCompressed ?? false {
                return try goOnBehind(first)
            }
            // One whose header was never written whole held no record.
            guard let end = try TornTail.cut(directory: directory, first: first) else {
                last = first - 1
                continue
            }
            last = end.next - 1
            lastHash = end.hash
            let opened = OpenSegment(
                try openFile(Segment.path(in: directory, first: first)), length: end.offset, zerosEnd: end.fileLength)
            syncing.use(opened)
            try syncPredecessor(of: first)
            // One that says another durability is not gone on with, nor is one of an older version.
            guard end.version == Segment.version, end.durability == durability else { return }
            segment = opened
            let age = Int(clamping: WallClock.milliseconds / 1_000) - Int(clamping: end.begun / 1_000)
            segmentEnds = WallClock.monotonicSeconds + longestSegment - max(0, min(longestSegment, age))
            return
        }
    }

    /// The segments after a compressed one are gone.
    private func goOnBehind(_ first: UInt64) throws {
        let reader = JournalReader(directory: directory, next: first)
        while try reader.readBatch(through: .max, { _ in }) {}
        last = reader.next - 1
        lastHash = reader.lastHash
    }

    /// The service may have died between the last records of one segment and their sync.
    private func syncPredecessor(of first: UInt64) throws {
        guard let before = try Segment.firsts(in: directory).last(where: { $0 < first }) else { return }
        let path = Segment.path(in: directory, first: before)
        if fileSize(path) > 0 { try SystemSegmentFile(path: path).sync() }
    }
}

/// Wall-clock time, for records; nothing is decided by it.
package enum WallClock {
    /// Milliseconds since 1970.
    package static var milliseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }

    /// Seconds of the clock that nobody sets.
    static var monotonicSeconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return time.tv_sec
    }
}
