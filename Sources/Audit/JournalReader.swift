import Foundation

/// Reads the records of a journal in order, across its segments, while it grows.
package final class JournalReader {
    private let directory: String
    private var file: SegmentFileReader?
    private var segmentFirst: UInt64 = 0
    /// The sequence number of the record that is read next.
    package private(set) var next: UInt64
    /// Records that no segment holds, although later ones do: somebody removed a segment, or part of one.
    package private(set) var missing: UInt64 = 0
    /// Where in the open segment that record begins, in bytes.
    package private(set) var offset = 0
    /// The hash of the record before it.
    package private(set) var lastHash = RecordHash.none
    private let buffer: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - next: the sequence number to begin with.
    ///   - bytesPerRead: at least as many as the longest record has.
    package init(directory: String, next: UInt64 = 1, bytesPerRead: Int = 1 << 20) {
        self.directory = directory
        self.next = next
        buffer = .allocate(byteCount: bytesPerRead, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    /// The next records, as many as one read of the file brings; empty at the end of what is written.
    ///
    /// - Parameter limit: the sequence number of the last record that is committed: what lies behind it may be a write
    ///   that fails and is taken back.
    /// - Throws: ``JournalError`` at damage, naming the file and the place.
    package func read(through limit: UInt64 = .max) throws -> [AuditRecord] {
        var records: [AuditRecord] = []
        try readBatch(through: limit) { records.append(AuditRecord($0.view, in: $0.bytes)) }
        return records
    }

    /// A record that was read, and where.
    struct Item {
        var view: RecordView
        /// That the view was decoded from; valid during the call.
        var bytes: UnsafeRawBufferPointer
        var segment: SegmentHeader
        /// Where in the segment the record begins.
        var offset: Int
    }

    /// As ``read(through:)``, without a copy of any text.
    ///
    /// - Returns: whether there were any.
    @discardableResult
    func readBatch(through limit: UInt64, _ body: (Item) throws -> Void) throws -> Bool {
        while next <= limit {
            if file == nil, try !openSegment() { return false }
            let following = try Segment.firsts(in: directory).first { $0 > segmentFirst }
            let (before, first) = (offset, next)
            try readOpenSegment(through: min(limit, (following ?? .max) - 1), body)
            if next > first { return true }
            if offset > before { continue }
            guard let following else { return false }
            skip(to: following)
            file = nil
        }
        return false
    }

    /// Goes on with a segment that begins at or after the next record.
    private func skip(to first: UInt64) {
        guard first > next else { return }
        missing += first - next
        next = first
    }

    /// Decodes the whole records of one read. What is left of a record at the end is read again the next time: it may
    /// be a write that failed half-way and was taken back.
    ///
    /// - Parameter last: the sequence number of the last record to read here. What the segment holds from the first of
    ///   the next segment on is left of a commit that failed and could not be taken back.
    private func readOpenSegment(through last: UInt64, _ body: (Item) throws -> Void) throws {
        guard let file else { return }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<(try file.read(into: buffer, at: offset))])
        var position = 0
        var newest: Range<Int>?
        defer {
            if let newest, file.header.version > 1 {
                lastHash = RecordHash(of: UnsafeRawBufferPointer(rebasing: bytes[newest]))
            }
        }
        while next <= last {
            switch RecordDecoder.decode(bytes, at: position, version: file.header.version) {
            case .incomplete:
                return
            case .damaged(let why):
                throw JournalError("`\(path)` is damaged at byte \(offset): \(why)")
            case .record(let view):
                guard view.sequence <= next else {
                    throw JournalError("`\(path)`: record \(view.sequence) stands at byte \(offset), not \(next)")
                }
                if view.sequence == next {
                    try body(Item(view: view, bytes: bytes, segment: file.header, offset: offset))
                    next += 1
                    newest = view.payload
                }
                position += view.byteCount
                offset += view.byteCount
            }
        }
    }

    /// How the segment begins that is being read.
    package var segment: SegmentHeader? { file?.header }

    /// The file that is being read.
    package var path: String { file?.path ?? Segment.path(in: directory, first: segmentFirst) }

    /// Opens the segment that holds the next record; `false` if there is none yet.
    private func openSegment() throws -> Bool {
        let firsts = try Segment.firsts(in: directory)
        guard let first = firsts.last(where: { $0 <= next }) ?? firsts.first else { return false }
        skip(to: first)
        segmentFirst = first
        guard let opened = try SegmentFileReader(directory: directory, first: first) else { return false }
        file = opened
        offset = opened.header.length
        return true
    }
}
