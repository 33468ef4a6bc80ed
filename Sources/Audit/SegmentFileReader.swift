/// A segment that is read from by one thread, and how it begins.
final class SegmentFileReader {
    let header: SegmentHeader
    private let content: SegmentContent
    private var memory: FrameMemory

    /// - Returns: `nil` if its header has not been written whole yet.
    /// - Throws: ``FileError`` if it cannot be opened or read, ``JournalError`` if it is no segment that this program
    ///   reads.
    init?(directory: String, first: UInt64) throws {
        let content = try SegmentContent(directory: directory, first: first)
        var memory = FrameMemory()
        let start = try [UInt8](unsafeUninitializedCapacity: SegmentHeader.byteCount) { buffer, filled in
            filled = try content.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0, with: &memory)
        }
        guard let header = try SegmentHeader(start, path: content.path) else { return nil }
        self.header = header
        self.content = content
        self.memory = memory
    }

    var path: String { content.path }

    /// Whether the segment is compressed; then nothing is ever written to it.
    var isCompressed: Bool { content.isCompressed }

    /// Reads into a buffer, as much as there is.
    ///
    /// - Returns: how many bytes were read; less than the buffer takes at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        try content.read(into: buffer, at: offset, with: &memory)
    }
}
