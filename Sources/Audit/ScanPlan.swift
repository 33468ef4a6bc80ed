import Glibc

/// Which pieces of which blocks a query looks at, one block after another, from the oldest or from the newest on.
///
/// It goes ahead of those who look, and asks the disk for what they will need.
struct ScanPlan: Sendable {
    /// A block that may hold records of the query: one in the store, or the one that is being filled.
    enum Source: Sendable {
        case closed(Int64)
        case open(IndexBlock)
    }

    private let store: IndexStore
    private let directory: String
    private let match: AuditMatch
    private let takesOldest: Bool
    /// The next one last.
    private var sources: [Source]
    /// The segment that was opened last.
    private var opened: (first: UInt64, content: SegmentContent)?
    /// Units that were found already, or why they were not.
    private var ahead: [Result<ScanUnit, any Error>] = []

    private static let mostUnitsAhead = 32

    /// - Parameter sources: in the order in which they are looked at.
    init(_ sources: [Source], of query: AuditQuery, _ match: AuditMatch, store: IndexStore, directory: String) {
        self.sources = sources.reversed()
        self.match = match
        self.store = store
        self.directory = directory
        takesOldest = query.takesOldest
    }

    /// What is to be looked at next; `nil` when nothing is left.
    ///
    /// - Throws: what the store or the journal does. What comes behind that is not looked at.
    mutating func next() throws -> ScanUnit? {
        // Two for each that goes, so that it is ever more ahead of a query that goes on.
        for _ in 0..<2 where ahead.count < Self.mostUnitsAhead {
            let found = Result { try find() }
            switch found {
            case .success(nil): break
            case .success(let unit?):
                unit.expectFirst()
                ahead.append(.success(unit))
            case .failure(let error):
                sources = []
                ahead.append(.failure(error))
            }
        }
        guard !ahead.isEmpty else { return nil }
        return try ahead.removeFirst().get()
    }

    /// Whether nothing is left.
    var isDone: Bool { sources.isEmpty && ahead.isEmpty }

    private mutating func find() throws -> ScanUnit? {
        while let source = sources.popLast() {
            let found: (block: IndexBlock, pieces: PieceSet)? =
                switch source {
                case .closed(let id): try store.block(id, holding: match.keys)
                case .open(let block): (block, .all)
                }
            guard let (block, set) = found, block.last > match.after else { continue }
            let pieces = block.pieces.indices.filter { set.contains($0) && mayHold(piece: $0, of: block) }
            guard !pieces.isEmpty, let content = try content(of: block) else { continue }
            return ScanUnit(block: block, content: content, pieces: takesOldest ? pieces : pieces.reversed())
        }
        return nil
    }

    /// Whether the times and numbers of a piece are those of the query.
    private func mayHold(piece index: Int, of block: IndexBlock) -> Bool {
        let piece = block.pieces[index]
        return piece.latest >= match.since && (match.until.map { piece.earliest < $0 } ?? true)
            && (index + 1 == block.pieces.count || block.first(ofPiece: index + 1) > match.after + 1)
    }

    /// - Returns: `nil` if the segment is gone.
    private mutating func content(of block: IndexBlock) throws -> SegmentContent? {
        if let opened, opened.first == block.segment { return opened.content }
        do {
            let content = try SegmentContent(directory: directory, first: block.segment)
            opened = (block.segment, content)
            return content
        } catch let error as FileError where error.code == ENOENT {
            return nil
        }
    }
}
