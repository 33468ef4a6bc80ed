import Foundation

/// Reads the records of a journal in order, across its segments, while it grows.
package struct JournalReader {
    private let directory: String
    private var handle: FileHandle?
    private var segmentFirst: UInt64 = 0
    /// The sequence number of the record that is read next.
    package private(set) var next: UInt64
    /// Records that no segment holds, although later ones do: somebody removed a segment, or part of one.
    package private(set) var missing: UInt64 = 0
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
    /// - Parameter limit: the sequence number of the last record that is committed: what lies behind it may be a write
    ///   that fails and is taken back.
    /// - Throws: ``JournalError`` at damage, naming the file and the place.
    package mutating func read(through limit: UInt64 = .max) throws -> [AuditRecord] {
        try readBatch(through: limit).records
    }

    /// As ``read(through:)``, without a copy of any text.
    mutating func readBatch(through limit: UInt64) throws -> JournalBatch {
        while next <= limit {
            if handle == nil, try !openSegment() { return JournalBatch() }
            let following = try Segment.firsts(in: directory).first { $0 > segmentFirst }
            let before = offset
            let batch = try readOpenSegment(through: min(limit, (following ?? .max) - 1))
            if !batch.views.isEmpty { return batch }
            if offset > before { continue }
            guard let following else { return JournalBatch() }
            skip(to: following)
            // Not closed here: copies of this reader share it.
            handle = nil
        }
        return JournalBatch()
    }

    /// Goes on with a segment that begins at or after the next record.
    private mutating func skip(to first: UInt64) {
        guard first > next else { return }
        missing += first - next
        next = first
    }

    /// Decodes the whole records of one read. What is left of a record at the end is read again the next time: it may
    /// be a write that failed half-way and was taken back.
    ///
    /// - Parameter last: the sequence number of the last record to read here. What the segment holds from the first of
    ///   the next segment on is left of a commit that failed and could not be taken back.
    private mutating func readOpenSegment(through last: UInt64) throws -> JournalBatch {
        guard let handle else { return JournalBatch() }
        try handle.seek(toOffset: UInt64(offset))
        var batch = JournalBatch(bytes: [UInt8](try handle.read(upToCount: Self.bytesPerRead) ?? Data()))
        var position = 0
        while next <= last {
            switch RecordDecoder.decode(batch.bytes.span, at: position) {
            case .incomplete:
                return batch
            case .damaged(let why):
                throw JournalError("`\(path)` is damaged at byte \(offset): \(why)")
            case .record(let view):
                guard view.sequence <= next else {
                    throw JournalError("`\(path)`: record \(view.sequence) stands at byte \(offset), not \(next)")
                }
                position += view.byteCount
                offset += view.byteCount
                if view.sequence < next { continue }
                next += 1
                batch.views.append(view)
            }
        }
        return batch
    }

    /// The file that is being read.
    package var path: String { Segment.path(in: directory, first: segmentFirst) }

    /// Opens the segment that holds the next record; `false` if there is none yet.
    private mutating func openSegment() throws -> Bool {
        let firsts = try Segment.firsts(in: directory)
        guard let first = firsts.last(where: { $0 <= next }) ?? firsts.first else { return false }
        skip(to: first)
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

/// Records that were read together, and the bytes that they lie in.
struct JournalBatch {
    var bytes: [UInt8] = []
    var views: [RecordView] = []

    var records: [AuditRecord] {
        views.map { AuditRecord($0, in: bytes.span) }
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
