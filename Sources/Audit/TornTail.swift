import Foundation

/// What a crash in the middle of a write leaves at the end of the last segment.
enum TornTail {
    /// Cuts it off, and keeps the bytes in a file beside the segment. The answers that waited for them were never
    /// given.
    ///
    /// - Returns: the sequence number of the next record and where it goes; `nil` if the segment held nothing at all
    ///   and was removed.
    /// - Throws: ``JournalError`` if a whole record follows the damage: then it is no torn write, and nothing is cut.
    static func cut(directory: String, first: UInt64) throws -> (next: UInt64, offset: Int)? {
        let path = Segment.path(in: directory, first: first)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe))
        guard try Segment.checkHeader(Data(bytes.prefix(Segment.headerBytes)), path: path) else {
            try FileManager.default.removeItem(atPath: path)
            return nil
        }
        var next = first
        var end = Segment.headerBytes
        while case .record(let view) = RecordDecoder.decode(bytes.span, at: end), view.sequence == next {
            end += view.byteCount
            next += 1
        }
        let rest = bytes[end...]
        guard !rest.isEmpty else { return (next, rest.startIndex) }
        guard !holdsRecord(bytes, from: end, after: next) else {
            throw JournalError(
                """
                `\(path)` is damaged at byte \(rest.startIndex), and whole records follow: this is no torn write; \
                keep a copy of the audit directory as evidence, then move the segment away to let the service start
                """)
        }
        try keep(rest, in: "\(path).torn-\(rest.startIndex)")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: UInt64(rest.startIndex))
        try handle.synchronize()
        try handle.close()
        return (next, rest.startIndex)
    }

    /// As private as the journal itself.
    private static func keep(_ bytes: ArraySlice<UInt8>, in path: String) throws {
        let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: mode) else {
            throw FileError(call: "write", path: path, code: errno)
        }
    }

    private static func holdsRecord(_ bytes: [UInt8], from start: Int, after next: UInt64) -> Bool {
        (start..<bytes.count).contains { index in
            if case .record(let view) = RecordDecoder.decode(bytes.span, at: index) { return view.sequence > next }
            return false
        }
    }
}
