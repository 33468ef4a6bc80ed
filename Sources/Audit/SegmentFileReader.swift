import Glibc

/// A segment that is read from, wherever in it.
final class SegmentFileReader: Sendable {
    let path: String
    let header: SegmentHeader
    private let descriptor: Int32

    /// - Returns: `nil` if its header has not been written whole yet.
    /// - Throws: ``FileError`` if it cannot be opened or read, ``JournalError`` if it is no segment that this program
    ///   reads.
    init?(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw FileError(call: "open", path: path, code: errno) }
        do {
            let start = try Self.read(descriptor, path: path, from: 0, count: SegmentHeader.byteCount)
            guard let header = try SegmentHeader(start, path: path) else {
                close(descriptor)
                return nil
            }
            self.header = header
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Reads into a buffer, as much as there is.
    ///
    /// - Returns: how many bytes were read; less than the buffer takes at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        try Self.read(descriptor, path: path, into: buffer, at: offset)
    }

    private static func read(
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

    private static func read(_ descriptor: Int32, path: String, from offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try read(descriptor, path: path, into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
    }
}
