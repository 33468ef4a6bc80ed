import CZstd
import Glibc
import Synchronization

/// The two frames of compressed segments that were read last, and what it takes to read another. Belongs to one thread;
/// nothing is allocated for a frame once the first one was read.
struct FrameMemory: ~Copyable {
    private var context: OpaquePointer?
    private var compressed = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var slots = [2 of Slot](repeating: Slot())
    private var latest = 0

    private struct Slot {
        /// Of the segment; no segment is 0.
        var segment: UInt64 = 0
        var number = 0
        var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        /// How many of the bytes the frame has.
        var count = 0
    }

    deinit {
        ZSTD_freeDCtx(context)
        compressed.deallocate()
        for index in slots.indices { slots[index].bytes.deallocate() }
    }

    /// A frame; valid until the one after the next is asked for.
    ///
    /// What lies across two frames is read from either end, and then neither is read twice.
    ///
    /// - Parameters:
    ///   - segment: that the frame is of: the same number for no other one.
    ///   - length: of the frame in the segment, in bytes; at most ``CompressedSegment/bytesPerFrame``.
    ///   - compressedLength: in the file.
    ///   - load: reads the frame as it lies in the file.
    /// - Returns: `nil` if the bytes in the file are no frame of that length.
    mutating func frame(
        _ number: Int, of segment: UInt64, length: Int, compressedLength: Int,
        load: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws -> UnsafeRawBufferPointer? {
        if slots[latest].segment != segment || slots[latest].number != number { latest = 1 - latest }
        if slots[latest].segment == segment, slots[latest].number == number { return bytes(of: slots[latest]) }
        reserve(compressedLength)
        slots[latest].segment = 0
        let source = UnsafeMutableRawBufferPointer(rebasing: compressed[..<compressedLength])
        try load(source)
        let target = slots[latest].bytes
        let result = ZSTD_decompressDCtx(context, target.baseAddress, length, source.baseAddress, source.count)
        guard ZSTD_isError(result) == 0, result == length else { return nil }
        slots[latest].segment = segment
        slots[latest].number = number
        slots[latest].count = length
        return bytes(of: slots[latest])
    }

    private func bytes(of slot: Slot) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: slot.bytes[..<slot.count])
    }

    private mutating func reserve(_ compressedLength: Int) {
        if context == nil {
            context = ZSTD_createDCtx()
            for index in slots.indices {
                slots[index].bytes = .allocate(byteCount: CompressedSegment.bytesPerFrame, alignment: 64)
            }
        }
        guard compressed.count < compressedLength else { return }
        compressed.deallocate()
        compressed = .allocate(
            byteCount: max(compressedLength, ZSTD_compressBound(CompressedSegment.bytesPerFrame)), alignment: 64)
    }
}
