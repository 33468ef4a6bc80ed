import Foundation

/// Reads the records of a journal in order, across its segments, while it grows.
package struct JournalReader {
    private let directory: String
    private var handle: FileHandle?
    private var segmentFirst: UInt64 = 0
    /// The sequence number of the record that is read next.
    package private(set) var next: UInt64
    /// Where in the open segment that record begins, in bytes.
    package private(set) var offset = 0

    private static let bytesPerRead = 1 << 20

    /// - Parameter next: the sequence number to begin with.
    package init(directory: String, next: UInt64 = 1) {
        self.directory = directory
        self.next = next
    }

    /// The next records, as many as one read of the file brings; empty at the end of what is written.
    ///
    /// - Throws: ``JournalError`` at damage, naming the file and the place.
    package mutating func read() throws -> [AuditRecord] {
        while true {
            if handle == nil, try !openSegment() { return [] }
            let following = try Segment.firsts(in: directory).first { $0 > segmentFirst }
            let before = offset
            let records = try readOpenSegment(before: following ?? .max)
            if !records.isEmpty { return records }
            if offset > before { continue }
            guard let following, following <= next else { return [] }
            // Not closed here: copies of this reader share it.
            handle = nil
        }
    }

    /// Decodes the whole records of one read. What is left of a record at the end is read again the next time: it may
    /// be a write that failed half-way and was taken back.
    ///
    /// - Parameter following: the sequence number with which the next segment begins. What this one holds from there
    ///   on is left of a commit that failed and could not be taken back.
    private mutating func readOpenSegment(before following: UInt64) throws -> [AuditRecord] {
        guard let handle else { return [] }
        try handle.seek(toOffset: UInt64(offset))
        var bytes = ArraySlice(try handle.read(upToCount: Self.bytesPerRead) ?? Data())
        var records: [AuditRecord] = []
        while next < following {
            switch RecordDecoder.decode(bytes) {
            case .incomplete:
                return records
            case .damaged(let why):
                throw JournalError("`\(path)` is damaged at byte \(offset): \(why)")
            case .record(let record, let byteCount):
                guard record.sequence <= next else {
                    throw JournalError("`\(path)`: record \(record.sequence) stands at byte \(offset), not \(next)")
                }
                bytes = bytes.dropFirst(byteCount)
                offset += byteCount
                if record.sequence < next { continue }
                next += 1
                records.append(record)
            }
        }
        return records
    }

    /// The file that is being read.
    package var path: String { Segment.path(in: directory, first: segmentFirst) }

    /// Opens the segment that holds the next record; `false` if there is none yet.
    private mutating func openSegment() throws -> Bool {
        guard let first = try Segment.firsts(in: directory).last(where: { $0 <= next }) else { return false }
        segmentFirst = first
        guard let opened = FileHandle(forReadingAtPath: path) else {
            throw JournalError("cannot open `\(path)` for reading: \(String(cString: strerror(errno)))")
        }
        guard try Segment.checkHeader(try opened.read(upToCount: Segment.headerBytes) ?? Data(), path: path) else {
            try opened.close()
            return false
        }
        handle = opened
        offset = Segment.headerBytes
        return true
    }
}

extension Segment {
    /// - Returns: `false` if the header has not been written whole yet.
    /// - Throws: ``JournalError`` if the file is no segment that this program reads.
    static func checkHeader(_ header: Data, path: String) throws -> Bool {
        guard header.count == headerBytes else { return false }
        guard header.starts(with: Array("AZAJ".utf8)) else { throw JournalError("`\(path)` is no journal segment") }
        let found = header[4..<8].reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        guard found == version else {
            throw JournalError(
                "`\(path)` has version \(found), this program reads \(version); run the program that wrote it")
        }
        return true
    }
}
