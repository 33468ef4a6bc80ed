import Glibc

/// The bytes of a segment, wherever in it, compressed or not. Several threads may read, each with memory of its own.
final class SegmentContent: Sendable {
    let path: String
    private let file: File

    private enum File: Sendable {
        case plain(Int32)
        case compressed(CompressedSegment)
    }

    /// - Throws: ``FileError`` if it cannot be opened or read, ``JournalError`` if it is compressed and its table is not
    ///   whole.
    init(directory: String, first: UInt64) throws {
        let plain = Segment.path(in: directory, first: first)
        let descriptor = open(plain, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 {
            path = plain
            file = .plain(descriptor)
            return
        }
        // Looked for in this order: what is compressed is there before the plain one goes.
        let error = FileError(call: "open", path: plain, code: errno)
        path = plain + CompressedSegment.suffix
        let compressed = open(path, O_RDONLY | O_CLOEXEC)
        if compressed < 0 { throw error }
        file = .compressed(try CompressedSegment(compressed, path: path))
    }

    deinit {
        if case .plain(let descriptor) = file { close(descriptor) }
    }

    /// Whether the segment is compressed; then nothing is ever written to it.
    var isCompressed: Bool {
        if case .compressed = file { true } else { false }
    }

    /// Reads into a buffer, as much as there is.
    ///
    /// - Returns: how many bytes were read; less than the buffer takes at the end of the segment.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int, with memory: inout FrameMemory
    ) throws -> Int {
        switch file {
        case .plain(let descriptor): try Self.read(descriptor, path: path, into: buffer, at: offset)
        case .compressed(let segment): try segment.read(into: buffer, at: offset, with: &memory)
        }
    }

    /// Says that these bytes will be read soon, so that the disk is asked for them by now.
    func expect(_ range: Range<Int>) {
        switch file {
        case .plain(let descriptor): Self.expect(descriptor, range)
        case .compressed(let segment): segment.expect(range)
        }
    }

    static func expect(_ descriptor: Int32, _ range: Range<Int>) {
        // Of more at once Linux may leave some out.
        for start in stride(from: range.lowerBound, to: range.upperBound, by: mostExpectedAtOnce) {
            let count = min(mostExpectedAtOnce, range.upperBound - start)
            posix_fadvise(descriptor, start, count, Int32(POSIX_FADV_WILLNEED))
        }
    }

    private static let mostExpectedAtOnce = 128 << 10

    static func read(
        _ descriptor: Int32, path: String, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + filled, buffer.count - filled, offset + filled)
            if count == 0 { break }
            if count > 0 {
                filled += count
            } else if errno != EINTR {
                throw FileError(call: "read", path: path, code: errno)
            }
        }
        return filled
    }
}
