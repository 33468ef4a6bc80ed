import Decision
import Foundation
import Synchronization

/// The index of the journal that queries go to. It can be rebuilt from the journal at any time.
///
/// The journal holds the records; the index holds, for blocks of them, which pieces of the block have which user, path,
/// data source and so on. Closed blocks are in SQLite. The block that is being filled is in memory, and is read again
/// from the journal when the service starts. Written by one thread, beside the hot path.
package final class AuditIndex: Sendable {
    private let directory: String
    private let store: IndexStore
    private let progress = NSCondition()
    private let lastIndexed: Atomic<UInt64>
    private let missingRecords = Atomic<UInt64>(0)
    private let filling: Mutex<Filling>
    /// The block that is being filled, as queries see it.
    private let open = Mutex<IndexBlock?>(nil)

    /// - Parameter directory: where the journal lies; the index is `index.sqlite` in it.
    package init(directory: String) throws {
        self.directory = directory
        store = try IndexStore(path: "\(directory)/index.sqlite")
        let last = try store.last()
        lastIndexed = Atomic(last)
        filling = Mutex(
            Filling(
                reader: JournalReader(directory: directory, next: last + 1), keys: store.keys,
                reporters: try store.reporters()))
    }

    /// The sequence number of the last record that queries can see.
    package var last: UInt64 { lastIndexed.load(ordering: .acquiring) }

    /// Records before the last indexed one that the journal did not hold any more when they were to be indexed.
    package var missing: UInt64 { missingRecords.load(ordering: .acquiring) }

    /// Where the index is in the journal.
    package struct End: Sendable {
        /// The last record, and its hash.
        package var last: (sequence: UInt64, hash: RecordHash)
        /// The records before the segments that were gone through, the one of that record included.
        package var boundaries: [(sequence: UInt64, hash: RecordHash)]
    }

    /// Indexes what the journal holds by now. Called by one thread at a time.
    ///
    /// - Parameter limit: the sequence number of the last record that is committed.
    @discardableResult
    package func catchUp(through limit: UInt64 = .max) throws -> End {
        try filling.withLock { filling in
            var boundaries: [(sequence: UInt64, hash: RecordHash)] = []
            func note(_ segment: SegmentHeader?) {
                guard let segment, boundaries.last?.sequence != segment.first - 1 else { return }
                boundaries.append((segment.first - 1, segment.previous))
            }
            while try filling.step(through: limit, store) {
                note(filling.reader.segment)
                missingRecords.store(filling.reader.missing, ordering: .releasing)
                open.withLock { $0 = filling.block }
                progress.lock()
                lastIndexed.store(filling.reader.next - 1, ordering: .releasing)
                progress.broadcast()
                progress.unlock()
            }
            let reader = filling.reader
            note(reader.segment)
            return End(last: (reader.next - 1, reader.lastHash), boundaries: boundaries)
        }
    }

    /// Drops what the index holds of records that were removed from the journal.
    package func forget(through sequence: UInt64) throws {
        try store.remove(before: sequence + 1)
    }

    /// Waits until queries can see a record.
    ///
    /// - Returns: whether they can; `false` once the deadline is over.
    package func wait(for sequence: UInt64, until deadline: Date) -> Bool {
        progress.lock()
        defer { progress.unlock() }
        while last < sequence {
            guard progress.wait(until: deadline) else { return last >= sequence }
        }
        return true
    }

    /// The number of the last event of each reporter that is in the journal.
    package func reporters() throws -> [UInt64: UInt64] {
        filling.withLock { $0.reporters }
    }

    /// Bytes of the database and the files beside it.
    package var size: Int {
        ["", "-wal", "-shm"].reduce(0) { $0 + fileSize("\(directory)/index.sqlite\($1)") }
    }

    /// The records that fit, oldest first.
    package func records(_ query: AuditQuery) throws -> [AuditRecord] {
        try scan(query).records
    }

    /// The records that fit, oldest first, and the number of the last record that was looked at.
    package func scan(_ query: AuditQuery) throws -> (records: [AuditRecord], through: UInt64) {
        let limit = max(0, query.limit)
        let (parts, through) = try findings(of: query, limit: limit, as: FoundRecords.self)
        let pieces = parts.flatMap(\.pieces)
        guard query.takesOldest else { return (pieces.reversed().joined().suffix(limit), through) }
        let records = Array(pieces.joined().prefix(limit))
        return (records, records.count == limit ? records.last?.sequence ?? through : through)
    }

    /// What is made of the records that fit.
    ///
    /// - Parameter limit: how many are asked for.
    /// - Returns: of each block, in the order in which the query takes them, perhaps of more records than are asked for;
    ///   and the number of the last record that can have been looked at.
    func findings<Findings: AuditFindings>(
        of query: AuditQuery, limit: Int, as _: Findings.Type
    ) throws -> (parts: [Findings], through: UInt64) {
        // In this order: a block that is closed meanwhile is then seen in both, and looked at once.
        let (open, through) = (open.withLock { $0 }, last)
        let match = AuditMatch(query, keys: store.keys)
        guard !match.isHopeless, limit > 0 else { return ([], through) }
        var sources = try store.blocks(since: query.since, until: query.until, after: query.after)
            .filter { $0.last < open?.first ?? .max }.map { ScanPlan.Source.closed($0.id) }
        if let open { sources.append(.open(open)) }
        let plan = ScanPlan(
            query.takesOldest ? sources : sources.reversed(), of: query, match, store: store, directory: directory)
        return (try AuditScan<Findings>(plan, match, limit: limit).run(), through)
    }
}

/// The block that is being filled.
private struct Filling: ~Copyable {
    let reader: JournalReader
    private let keys: IndexKeys
    private(set) var block: IndexBlock?
    private var postings = IndexPostings()
    /// The number of the last event of each reporter.
    private(set) var reporters: [UInt64: UInt64]
    private var newReporters: [UInt64: UInt64] = [:]

    init(reader: JournalReader, keys: IndexKeys, reporters: [UInt64: UInt64]) {
        self.reader = reader
        self.keys = keys
        self.reporters = reporters
    }

    /// Takes the records of one read of the journal.
    ///
    /// - Returns: whether there were any.
    /// - Throws: what the journal or the store does. What was taken before stays, and the rest is taken the next time.
    mutating func step(through limit: UInt64, _ store: IndexStore) throws -> Bool {
        try reader.readBatch(through: limit) { try take($0, store) }
    }

    private mutating func take(_ item: JournalReader.Item, _ store: IndexStore) throws {
        if let block, isComplete(block, before: item) {
            try store.insert(block, postings: postings, reporters: newReporters)
            self.block = nil
            newReporters.removeAll(keepingCapacity: true)
            postings.removeAll()
        }
        let (view, offset) = (item.view, UInt32(truncatingIfNeeded: item.offset))
        if block == nil {
            block = IndexBlock(
                segment: item.segment.first, version: item.segment.version, first: view.sequence,
                last: view.sequence, end: offset, pieces: [])
        }
        if (view.sequence - block!.first) % UInt64(IndexBlock.recordsPerPiece) == 0 {
            block!.pieces.append(IndexBlock.Piece(offset: offset, earliest: .max, latest: 0))
            postings.beginPiece()
        }
        let piece = block!.pieces.count - 1
        block!.pieces[piece].earliest = min(block!.pieces[piece].earliest, view.time)
        block!.pieces[piece].latest = max(block!.pieces[piece].latest, view.time)
        block!.last = view.sequence
        block!.end = offset + UInt32(truncatingIfNeeded: view.byteCount)
        postings.note(view, in: item.bytes, keys: keys, piece: UInt8(truncatingIfNeeded: piece))
        if view.head.reporter != 0 {
            reporters[view.head.reporter] = view.head.reporterSequence
            newReporters[view.head.reporter] = view.head.reporterSequence
        }
    }

    private func isComplete(_ block: IndexBlock, before item: JournalReader.Item) -> Bool {
        if block.segment != item.segment.first { return true }
        let count = item.view.sequence - block.first
        guard count % UInt64(IndexBlock.recordsPerPiece) == 0 else { return false }
        return block.pieces.count == IndexBlock.mostPieces || postings.isFull
    }
}
