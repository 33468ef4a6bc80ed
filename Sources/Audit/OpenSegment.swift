import Glibc
import Synchronization

/// The segment that is written to, and the zeros that lie ahead of its records.
///
/// An `fdatasync` that has to store a new length of the file holds up whoever appends to it. So the audit thread writes
/// zeros ahead, and the writer puts its records in their place, where the file neither grows nor needs new blocks. On a
/// disk that is full, that space is what refusals are still recorded in.
///
/// One thread writes records; another zeros, truncates and syncs.
package final class OpenSegment: Sendable {
    private let file: any SegmentFile
    /// Where the records end, in bytes.
    private let recordsEnd: Atomic<Int>
    /// Where the zeros behind them end: up to here nobody writes zeros any more.
    private let zerosEnd: Atomic<Int>
    /// Held while zeros are written, or the place moves from which on they are.
    private let zeroing = Mutex(())

    /// - Parameters:
    ///   - length: where the records end, in bytes.
    ///   - zerosEnd: where the zeros behind them end.
    init(_ file: any SegmentFile, length: Int, zerosEnd: Int) {
        self.file = file
        recordsEnd = Atomic(length)
        self.zerosEnd = Atomic(max(length, zerosEnd))
    }

    var path: String { file.path }

    /// Whether the file is still where it was opened.
    var isInPlace: Bool { file.isInPlace }

    /// Where the records end, in bytes.
    package var length: Int { recordsEnd.load(ordering: .acquiring) }

    /// How many bytes of records fit in what is zeroed.
    package var room: Int { zerosEnd.load(ordering: .acquiring) - length }

    // MARK: The writer

    /// Writes records behind those that are there. Waits for nobody, unless it has outrun the zeros.
    ///
    /// - Throws: ``FileError`` if that failed; then nothing of them stays.
    /// - Returns: whether the segment can be used further; only of interest after a failure.
    func append(_ records: UnsafeRawBufferPointer) throws(AppendError) {
        let start = recordsEnd.load(ordering: .relaxed)
        let end = start + records.count
        let zeros = zerosEnd.load(ordering: .acquiring)
        if end > zeros { moveZeros(to: end) }
        do throws(FileError) {
            try file.writeAll(records, at: start)
        } catch {
            throw AppendError(cause: error, isTakenBack: takeBack(from: start, to: end, zeros: min(zeros, end)))
        }
        recordsEnd.store(end, ordering: .releasing)
    }

    struct AppendError: Error {
        var cause: FileError
        /// Nothing of the records is left in the segment, and it can be gone on with.
        var isTakenBack: Bool
    }

    private func moveZeros(to end: Int) {
        zeroing.withLock { _ in
            if zerosEnd.load(ordering: .relaxed) < end { zerosEnd.store(end, ordering: .releasing) }
        }
    }

    /// Puts zeros where part of a record may stand, and drops what the file has grown by.
    private func takeBack(from start: Int, to end: Int, zeros: Int) -> Bool {
        zeroing.withLock { _ in
            do throws(FileError) {
                if zeros > start { try Self.writeZeros(to: file, from: start, to: zeros) }
                if end > zeros {
                    let length = max(start, zeros)
                    try file.truncate(to: length)
                    zerosEnd.store(length, ordering: .releasing)
                }
                return true
            } catch {
                return false
            }
        }
    }

    // MARK: The audit thread

    /// Writes zeros ahead of the records, where few are left.
    ///
    /// - Parameter always: also where there are enough for a while.
    /// - Throws: ``FileError``, such as that the disk is full; what was zeroed before stays.
    func writeZerosAhead(_ bytes: Int, always: Bool = false) throws(FileError) {
        guard always || room < bytes / 2 else { return }
        let goal = length + bytes
        while try writeOneStepOfZeros(upTo: goal) {}
    }

    /// - Returns: whether there is more to write.
    private func writeOneStepOfZeros(upTo goal: Int) throws(FileError) -> Bool {
        let result: Result<Bool, FileError> = zeroing.withLock { _ in
            let start = zerosEnd.load(ordering: .relaxed)
            guard start < goal else { return .success(false) }
            let end = min(goal, start + Self.bytesPerStep)
            do throws(FileError) {
                try Self.writeZeros(to: file, from: start, to: end)
            } catch {
                return .failure(error)
            }
            zerosEnd.store(end, ordering: .releasing)
            return .success(true)
        }
        return try result.get()
    }

    /// Zeros that are written while the writer may have to wait, in bytes.
    private static let bytesPerStep = 256 << 10

    /// Drops the zeros of a segment that gets no more records.
    func dropZeros() throws(FileError) {
        try file.truncate(to: length)
        zerosEnd.store(length, ordering: .releasing)
    }

    func sync() throws(FileError) {
        try file.sync()
    }

    /// What one call writes: a page. Of what is written at once, Linux keeps a large folio where the file system allows
    /// it; on ext4, every record that is put into such a folio costs a walk over all of its blocks.
    private static let zeros = [UInt8](repeating: 0, count: 4 << 10)

    private static func writeZeros(to file: any SegmentFile, from start: Int, to end: Int) throws(FileError) {
        var offset = start
        while offset < end {
            // Up to the next page, so that no page is written twice.
            let count = min(end - offset, zeros.count - offset % zeros.count)
            let result: Result<Void, FileError> = zeros.withUnsafeBytes { bytes in
                Result { () throws(FileError) in
                    try file.writeAll(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset)
                }
            }
            try result.get()
            offset += count
        }
    }
}
