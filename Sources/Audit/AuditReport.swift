import Decision

/// Who read what, how often, and when first and last.
package struct AuditReport: Sendable, Codable, Equatable {
    /// One reader of one data source.
    package struct Row: Sendable, Codable, Equatable {
        package var dataSource: String
        /// The user of the policies; the principal where it is none.
        package var reader: String
        package var allowed: UInt64 = 0
        package var denied: UInt64 = 0
        package var native: UInt64 = 0
        /// Milliseconds since 1970.
        package var first: UInt64
        package var last: UInt64
        /// How often each reason denied.
        package var denials: [String: UInt64] = [:]
    }

    /// By data source, then by reader.
    package var rows: [Row]
}

extension AuditIndex {
    /// Counts the reads and moves that fit. The limit of the query means nothing.
    package func report(_ query: AuditQuery) throws -> AuditReport {
        var rows: [CountedReads.Key: AuditReport.Row] = [:]
        for part in try findings(of: query, limit: .max, as: CountedReads.self).parts {
            rows.merge(part.rows) { $0.adding($1) }
        }
        let named = rows.map { key, row in
            var row = row
            row.dataSource = String(decoding: key.dataSource, as: UTF8.self)
            row.reader = String(decoding: key.reader, as: UTF8.self)
            return row
        }
        return AuditReport(rows: named.sorted { ($0.dataSource, $0.reader) < ($1.dataSource, $1.reader) })
    }
}

/// Reads and moves, by data source and reader.
private struct CountedReads: AuditFindings {
    struct Key: Hashable {
        var dataSource: [UInt8]
        var reader: [UInt8]
    }

    /// Without the names.
    private(set) var rows: [Key: AuditReport.Row] = [:]

    /// No record is kept.
    var count: Int { 0 }

    mutating func beginPiece() {}

    mutating func note(_ view: RecordView, in bytes: UnsafeRawBufferPointer) {
        guard let verdict = view.head.verdict else { return }
        let user = view.range(.user)
        let key = Key(
            dataSource: Array(bytes[view.range(.dataSource)]),
            reader: Array(bytes[user.isEmpty ? view.range(.principal) : user]))
        let empty = AuditReport.Row(dataSource: "", reader: "", first: view.time, last: view.time)
        rows[key, default: empty].note(verdict, view)
    }
}

extension AuditReport.Row {
    fileprivate mutating func note(_ verdict: Verdict, _ view: RecordView) {
        switch verdict {
        case .allow: allowed += 1
        case .deny:
            denied += 1
            denials[view.head.reason?.word ?? "", default: 0] += 1
        case .native: native += 1
        }
        first = min(first, view.time)
        last = max(last, view.time)
    }

    /// Both together.
    fileprivate func adding(_ other: Self) -> Self {
        var sum = self
        sum.allowed += other.allowed
        sum.denied += other.denied
        sum.native += other.native
        sum.denials.merge(other.denials, uniquingKeysWith: +)
        sum.first = min(first, other.first)
        sum.last = max(last, other.last)
        return sum
    }
}

/// What `audit stats` prints.
package struct AuditStats: Sendable, Codable, Equatable {
    package var segments: Int
    package var journalBytes: Int
    package var indexBytes: Int
    /// The numbers of the first and the last record that the journal holds.
    package var first: UInt64?
    package var last: UInt64
    /// When the first of these segments was begun, in milliseconds since 1970.
    package var since: UInt64?
    package var durability: String?
    /// The last record that a checkpoint signs.
    package var signedThrough: UInt64?

    /// - Parameters:
    ///   - directory: of the journal.
    ///   - last: the number of the last record.
    package init(directory: String, index: AuditIndex, last: UInt64) throws {
        let firsts = try Segment.firsts(in: directory)
        segments = firsts.count
        journalBytes = firsts.reduce(0) { $0 + Segment.size(in: directory, first: $1) }
        indexBytes = index.size
        first = firsts.first
        self.last = last
        since = try firsts.first.flatMap {
            try SegmentFileReader(directory: directory, first: $0)?.header.time
        }
        durability = try firsts.last.flatMap {
            try SegmentFileReader(directory: directory, first: $0)?.header.durability.rawValue
        }
        signedThrough = try Checkpoint.read(from: Checkpoint.path(in: directory)).last?.sequence
    }
}
