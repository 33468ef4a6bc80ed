import CZstd
import Glibc
import Synchronization

/// A segment in Zstandard's seekable format: independent frames, and behind them a table of their sizes. `zstd -d` makes
/// the segment of it again.
///
/// What lies where in the segment stays as it was: reads are by the places in the segment as it was written.
final class CompressedSegment: Sendable {
    /// How much of a segment a frame holds, in bytes; of the last one less.
    static let bytesPerFrame = 256 << 10
    static let suffix = ".zst"
    private static let tableMagic: UInt32 = 0x184D_2A5E
    private static let endMagic: UInt32 = 0x8F92_EAB1
    private static let footerBytes = 9

    private let descriptor: Int32
    private let path: String
    /// Where each frame begins in the file, and where the last one ends.
    private let places: [Int]
    /// Bytes of the segment.
    let length: Int
    /// What frames are known by that are kept in memory.
    private let identity = CompressedSegment.newest.add(1, ordering: .relaxed).newValue
    private static let newest = Atomic<UInt64>(0)

    /// Takes over the descriptor, also where it throws.
    ///
    /// - Throws: ``FileError`` if the file cannot be read, ``JournalError`` if its table is not whole.
    init(_ descriptor: Int32, path: String) throws {
        self.descriptor = descriptor
        self.path = path
        do {
            (places, length) = try Self.readTable(descriptor, path: path)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// Reads into a buffer, as much as there is from an offset of the segment on.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int, with memory: inout FrameMemory
    ) throws -> Int {
        var filled = 0
        while filled < buffer.count, offset + filled < length {
            let place = offset + filled
            let frame = try frame(place / Self.bytesPerFrame, &memory)
            let start = place % Self.bytesPerFrame
            let count = min(buffer.count - filled, frame.count - start)
            memcpy(buffer.baseAddress! + filled, frame.baseAddress! + start, count)
            filled += count
        }
        return filled
    }

    /// Says that these bytes of the segment will be read soon.
    func expect(_ range: Range<Int>) {
        guard !range.isEmpty, range.upperBound <= length else { return }
        let start = places[range.lowerBound / Self.bytesPerFrame]
        let end = places[(range.upperBound - 1) / Self.bytesPerFrame + 1]
        SegmentContent.expect(descriptor, start..<end)
    }

    private func frame(_ number: Int, _ memory: inout FrameMemory) throws -> UnsafeRawBufferPointer {
        let place = places[number]
        let frame = try memory.frame(
            number, of: identity, length: min(Self.bytesPerFrame, length - number * Self.bytesPerFrame),
            compressedLength: places[number + 1] - place
        ) { buffer in
            let count = try SegmentContent.read(descriptor, path: path, into: buffer, at: place)
            guard count == buffer.count else { throw Self.short(path, at: place) }
        }
        guard let frame else {
            throw JournalError("`\(path)` is damaged at byte \(place): what is compressed there cannot be read")
        }
        return frame
    }

    // MARK: The table

    /// The table behind frames of these sizes.
    ///
    /// - Parameter sizes: of each frame, in the file and in the segment.
    static func table(_ sizes: [(compressed: Int, segment: Int)]) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: Int) {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(Int(tableMagic))
        append(sizes.count * 8 + footerBytes)
        for size in sizes {
            append(size.compressed)
            append(size.segment)
        }
        append(sizes.count)
        bytes.append(0)
        append(Int(endMagic))
        return bytes
    }

    private static func readTable(_ descriptor: Int32, path: String) throws -> (places: [Int], length: Int) {
        let damaged = JournalError("`\(path)` is damaged at its end: the table of what is compressed is not whole")
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size >= footerBytes + 8 else { throw damaged }
        let footer = try read(descriptor, path: path, at: size - footerBytes, count: footerBytes)
        let count = Int(number(footer, at: 0))
        let tableBytes = 8 + count * 8 + footerBytes
        guard number(footer, at: 5) == endMagic, footer[4] == 0, count > 0, size >= tableBytes else { throw damaged }
        let table = try read(descriptor, path: path, at: size - tableBytes, count: tableBytes)
        guard number(table, at: 0) == tableMagic, number(table, at: 4) == tableBytes - 8 else { throw damaged }
        var places = [0]
        var length = 0
        for index in 0..<count {
            let inSegment = Int(number(table, at: 12 + index * 8))
            guard index == count - 1 ? (1...bytesPerFrame).contains(inSegment) : inSegment == bytesPerFrame else {
                throw damaged
            }
            places.append(places[index] + Int(number(table, at: 8 + index * 8)))
            length += inSegment
        }
        guard places[count] == size - tableBytes else { throw damaged }
        return (places, length)
    }

    private static func number(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    }

    private static func read(_ descriptor: Int32, path: String, at offset: Int, count: Int) throws -> [UInt8] {
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try SegmentContent.read(
                descriptor, path: path, into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
        guard bytes.count == count else { throw short(path, at: offset) }
        return bytes
    }

    private static func short(_ path: String, at offset: Int) -> JournalError {
        JournalError("`\(path)` is damaged: it ends within what begins at byte \(offset)")
    }
}
