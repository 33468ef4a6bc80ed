import CZstd
import Foundation

/// Makes segments that get no more records smaller.
package struct SegmentCompression: Sendable, Equatable {
    /// A segment is compressed when its last record is older than this.
    package var hours: Int

    package init(hours: Int) {
        self.hours = hours
    }

    /// What was found to take little more room, with little work.
    private static let level: Int32 = 3

    /// Compresses the oldest segment for which it is time.
    ///
    /// - Parameters:
    ///   - synced: the number of the last record that is on disk: a segment is left alone until the one after it has a
    ///     record there.
    ///   - now: milliseconds since 1970.
    /// - Returns: whether there was one.
    /// - Throws: ``FileError`` or ``JournalError``; the segment is then as it was.
    package func compressOne(in directory: String, synced: UInt64, now: UInt64) throws -> Bool {
        let firsts = try Segment.firsts(in: directory)
        for (index, first) in firsts.dropLast().enumerated() where firsts[index + 1] <= synced {
            let path = Segment.path(in: directory, first: first)
            guard access(path, F_OK) == 0 else { continue }
            let next = try SegmentFileReader(directory: directory, first: firsts[index + 1])
            guard let ended = next?.header.time, now >= ended, now - ended >= UInt64(hours) * 3_600_000 else {
                return false
            }
            try Self.compress(path, directory: directory, first: first)
            return true
        }
        return false
    }

    /// Replaces a segment. Whoever dies in between leaves it, or both; never none.
    static func compress(_ path: String, directory: String, first: UInt64) throws {
        let target = path + CompressedSegment.suffix
        let partial = target + ".partial"
        unlink(partial)
        do {
            try write(path, to: partial)
            try compare(path, with: partial)
        } catch {
            unlink(partial)
            throw error
        }
        guard rename(partial, target) == 0 else { throw FileError(call: "rename", path: partial, code: errno) }
        try syncDirectory(directory)
        guard unlink(path) == 0 else { throw FileError(call: "unlink", path: path, code: errno) }
    }

    private static func write(_ path: String, to partial: String) throws {
        let file = try SystemSegmentFile(path: partial)
        let source = open(path, O_RDONLY | O_CLOEXEC)
        if source < 0 { throw FileError(call: "open", path: path, code: errno) }
        defer { close(source) }
        let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: CompressedSegment.bytesPerFrame, alignment: 16)
        let bound = ZSTD_compressBound(plain.count)
        let context = ZSTD_createCCtx()
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        let compressed = UnsafeMutableRawBufferPointer.allocate(byteCount: bound, alignment: 16)
        defer {
            ZSTD_freeCCtx(context)
            plain.deallocate()
            compressed.deallocate()
        }
        var (offset, written) = (0, 0)
        var sizes: [(compressed: Int, segment: Int)] = []
        while true {
            let count = try SegmentContent.read(source, path: path, into: plain, at: offset)
            if count == 0 { break }
            let size = ZSTD_compress2(context, compressed.baseAddress, bound, plain.baseAddress, count)
            guard ZSTD_isError(size) == 0 else { throw JournalError("`\(path)` could not be compressed") }
            try file.writeAll(UnsafeRawBufferPointer(rebasing: compressed[..<size]), at: written)
            sizes.append((size, count))
            offset += count
            written += size
        }
        try CompressedSegment.table(sizes).withUnsafeBytes { try file.writeAll($0, at: written) }
        try file.sync()
    }

    /// What replaces the segment is read once more before the segment goes.
    private static func compare(_ path: String, with partial: String) throws {
        let descriptor = open(partial, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw FileError(call: "open", path: partial, code: errno) }
        let segment = try CompressedSegment(descriptor, path: partial)
        let plain = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: CompressedSegment.bytesPerFrame, alignment: 16)
        defer { buffer.deallocate() }
        var memory = FrameMemory()
        var offset = 0
        while case let count = try segment.read(into: buffer, at: offset, with: &memory), count > 0 {
            let isSame = plain.withUnsafeBytes {
                offset + count <= $0.count && memcmp($0.baseAddress! + offset, buffer.baseAddress!, count) == 0
            }
            guard isSame else { break }
            offset += count
        }
        guard offset == plain.count else {
            throw JournalError("`\(path)` does not come back as it was from being compressed; look at the disk")
        }
    }

    private static func syncDirectory(_ directory: String) throws(FileError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw FileError(call: "open", path: directory, code: errno) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw FileError(call: "fsync", path: directory, code: errno) }
    }
}
