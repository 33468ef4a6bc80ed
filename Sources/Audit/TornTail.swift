import Foundation

/// What a crash in the middle of a write leaves at the end of the last segment.
enum TornTail {
    /// Where a segment ends, and what follows.
    struct End: Equatable {
        var version: UInt32
        var durability: Durability
        /// Milliseconds since 1970.
        var begun: UInt64
        /// The sequence number of the next record.
        var next: UInt64
        /// The hash of the record before it.
        var hash: RecordHash
        /// Where it goes, in bytes.
        var offset: Int
        /// How long the file is; what lies between is zeros.
        var fileLength: Int
    }

    /// Cuts off what a crash tore, and keeps its bytes in a file beside the segment. The answers that waited for them
    /// were never given, or the machine died before they were on disk.
    ///
    /// - Returns: `nil` if the segment held nothing at all and was removed.
    /// - Throws: ``JournalError`` if a record follows the damage that was written when what is damaged was on disk
    ///   already: then it is no torn write, and nothing is cut.
    static func cut(directory: String, first: UInt64) throws -> End? {
        let path = Segment.path(in: directory, first: first)
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        guard let header = try SegmentHeader([UInt8](data.prefix(SegmentHeader.byteCount)), path: path) else {
            try FileManager.default.removeItem(atPath: path)
            return nil
        }
        guard header.first == first else {
            throw JournalError(
                "`\(path)` begins with record \(header.first): somebody renamed it; give it its name back")
        }
        var end = data.withUnsafeBytes { wholeRecords($0, header) }
        guard let lastByte = data.withUnsafeBytes({ $0.lastIndex { $0 != 0 } }), lastByte >= end.offset else {
            return end
        }
        let proof = data.withUnsafeBytes { recordThatSawItOnDisk($0, from: end.offset, header, next: end.next) }
        if let proof {
            throw JournalError(
                """
                `\(path)` is damaged at byte \(end.offset), and whole records follow (\(proof)): this is no torn \
                write; keep a copy of the audit directory as evidence, then move the segment away to let the service \
                start
                """)
        }
        try keep(data[end.offset...lastByte], in: "\(path).torn-\(end.offset)")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: UInt64(end.offset))
        try handle.synchronize()
        try handle.close()
        end.fileLength = end.offset
        return end
    }

    private static func wholeRecords(_ bytes: UnsafeRawBufferPointer, _ header: SegmentHeader) -> End {
        var end = End(
            version: header.version, durability: header.durability, begun: header.time, next: header.first,
            hash: header.previous, offset: header.length,
            fileLength: bytes.count)
        var last: RecordView?
        while case .record(let view) = RecordDecoder.decode(bytes, at: end.offset, version: header.version),
            view.sequence == end.next
        {
            end.offset += view.byteCount
            end.next += 1
            last = view
        }
        if let last, header.version > 1 {
            end.hash = RecordHash(of: UnsafeRawBufferPointer(rebasing: bytes[last.payload]))
        }
        return end
    }

    /// As private as the journal itself.
    private static func keep(_ bytes: Data, in path: String) throws {
        let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: mode) else {
            throw FileError(call: "write", path: path, code: errno)
        }
    }

    /// The number of a record behind the damage that was written when what is damaged was on disk. Others may follow a
    /// hole: where the machine dies, the disk has of what was not synced whatever it came to.
    static func recordThatSawItOnDisk(
        _ bytes: UnsafeRawBufferPointer, from start: Int, _ header: SegmentHeader, next: UInt64
    ) -> UInt64? {
        var index = start
        while index < bytes.count {
            if case .record(let view) = RecordDecoder.decode(bytes, at: index, version: header.version),
                view.sequence > next, view.sequence - 1 - min(view.sequence - 1, UInt64(view.unsynced)) >= next
            {
                return view.sequence
            }
            index += 1
        }
        return nil
    }
}
