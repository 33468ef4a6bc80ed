import Glibc

/// A segment that is read from, wherever in it, compressed or not.
final class SegmentFileReader: Sendable {
    let path: String
    let header: SegmentHeader
    private let content: Content

    private enum Content: Sendable {
        case plain(Descriptor)
        case compressed(CompressedSegment)

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int, path: String) throws -> Int {
            switch self {
            case .plain(let file):
                try SegmentFileReader.read(file.number, path: path, into: buffer, at: offset)
            case .compressed(let segment): try segment.read(into: buffer, at: offset)
            }
        }

        func expect(_ range: Range<Int>) {
            switch self {
            case .plain(let file):
                posix_fadvise(file.number, range.lowerBound, range.count, Int32(POSIX_FADV_WILLNEED))
            case .compressed(let segment): segment.expect(range)
            }
        }
    }

    private final class Descriptor: Sendable {
        let number: Int32

        init(_ number: Int32) {
            self.number = number
        }

        deinit {
            close(number)
        }
    }

    /// - Returns: `nil` if its header has not been written whole yet.
    /// - Throws: ``FileError`` if it cannot be opened or read, ``JournalError`` if it is no segment that this program
    ///   reads.
    init?(directory: String, first: UInt64) throws {
        let plain = Segment.path(in: directory, first: first)
        let descriptor = open(plain, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 {
            path = plain
            content = .plain(Descriptor(descriptor))
        } else {
            // Looked for in this order: what is compressed is there before the plain one goes.
            let error = FileError(call: "open", path: plain, code: errno)
            path = plain + CompressedSegment.suffix
            let compressed = open(path, O_RDONLY | O_CLOEXEC)
            if compressed < 0 { throw error }
            content = .compressed(try CompressedSegment(compressed, path: path))
        }
        let (path, content) = (path, content)
        let start = try [UInt8](unsafeUninitializedCapacity: SegmentHeader.byteCount) { buffer, filled in
            filled = try content.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0, path: path)
        }
        guard let header = try SegmentHeader(start, path: path) else { return nil }
        self.header = header
    }

    /// Whether the segment is compressed; then nothing is ever written to it.
    var isCompressed: Bool {
        if case .compressed = content { true } else { false }
    }

    /// Reads into a buffer, as much as there is.
    ///
    /// - Returns: how many bytes were read; less than the buffer takes at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        try content.read(into: buffer, at: offset, path: path)
    }

    /// Says that these bytes will be read soon, so that the disk is asked for them by now.
    func expect(_ range: Range<Int>) {
        content.expect(range)
    }

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
