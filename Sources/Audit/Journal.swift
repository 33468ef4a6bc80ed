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
    private let openFile: OpenFile
    private let syncing: Syncing

    private var encoder = RecordEncoder()
    private var file: (any SegmentFile)?
    private var fileLength = 0
    private var staged: UInt64 = 0
    /// The sequence number of the last committed record; 0 before the first.
    package private(set) var last: UInt64

    /// Opens a journal to append to it. A torn record at its end, as a crash in the middle of a write leaves it, is
    /// cut off: its answer was never given.
    ///
    /// - Parameters:
    ///   - directory: exists.
    ///   - bytesPerSegment: a segment that has grown beyond it is followed by a new one.
    ///   - indexed: the sequence number of the last record that the index holds. A journal that ends before it, because
    ///     somebody moved a segment away, goes on behind it: no number is ever given twice.
    /// - Throws: ``JournalError`` or ``FileError`` if what is there cannot be continued.
    package init(
        directory: String, bytesPerSegment: Int = 64 << 20, indexed: UInt64 = 0, syncing: Syncing,
        openFile: @escaping OpenFile = { (path: String) throws(FileError) in try SystemSegmentFile(path: path) }
    ) throws {
        self.directory = directory
        self.bytesPerSegment = bytesPerSegment
        self.syncing = syncing
        self.openFile = openFile
        last = 0
        if let first = try Segment.firsts(in: directory).last { try reopen(first: first) }
        if last < indexed {
            last = indexed
            file = nil
        }
        syncing.note(committed: last)
    }

    /// Stages one record.
    ///
    /// - Parameters:
    ///   - time: milliseconds since 1970.
    ///   - texts: appends the ten texts of ``AuditField`` in their order.
    package func stage(_ head: AuditHead, time: UInt64, texts: (inout RecordEncoder) -> Void) {
        staged += 1
        encoder.begin(head, sequence: last + staged, time: time)
        texts(&encoder)
        encoder.end()
    }

    package var hasStaged: Bool { staged > 0 }

    /// Hands everything staged to the kernel.
    ///
    /// - Throws: ``FileError`` if that failed. Then nothing of it is in the journal, the sequence goes on as if it had
    ///   never been staged, and the next commit tries again.
    package func commit() throws(FileError) {
        guard staged > 0 else { return }
        defer {
            encoder.removeAll()
            staged = 0
        }
        if syncing.hasFailed || fileLength >= bytesPerSegment { file = nil }
        do {
            let file = try openedFile()
            try write(encoder.bytes, to: file)
        } catch {
            takeBack()
            throw error
        }
        fileLength += encoder.bytes.count
        last += staged
        syncing.request(through: last)
    }

    /// Drops a partly written record from the end of the segment; a segment where even that fails is given up.
    private func takeBack() {
        guard let file else { return }
        do throws(FileError) { try file.truncate(to: fileLength) } catch { self.file = nil }
    }

    private func openedFile() throws(FileError) -> any SegmentFile {
        if let file { return file }
        let header = Segment.header(first: last + 1, time: WallClock.milliseconds)
        let path = Segment.path(in: directory, first: last + 1)
        let opened = try openFile(path)
        do {
            try opened.truncate(to: 0)
            try write(header, to: opened)
        } catch {
            unlink(path)
            throw error
        }
        file = opened
        fileLength = header.count
        syncing.use(opened)
        return opened
    }

    private func write(_ bytes: [UInt8], to file: any SegmentFile) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let result: Result<Int, FileError> = bytes.withUnsafeBytes { raw in
                Result { () throws(FileError) in try file.write(UnsafeRawBufferPointer(rebasing: raw[written...])) }
            }
            switch result {
            case .success(0): throw FileError(call: "write", path: directory, code: EIO)
            case .success(let count): written += count
            case .failure(let error) where error.code == EINTR: continue
            case .failure(let error): throw error
            }
        }
    }

    /// Goes on with the last segment, after its last whole record.
    private func reopen(first: UInt64) throws {
        let path = Segment.path(in: directory, first: first)
        let end = try TornTail.cut(directory: directory, first: first)
        guard let end else {
            last = first - 1
            return
        }
        let opened = try openFile(path)
        file = opened
        fileLength = end.offset
        last = end.next - 1
        syncing.use(opened)
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
}
