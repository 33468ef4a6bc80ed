import Glibc

/// Looks through pieces of the journal for the records of a query.
struct AuditScan {
    let match: AuditMatch
    private let directory: String
    private let limit: Int
    private let takesOldest: Bool
    private var file: SegmentFileReader?
    private var buffer: [UInt8] = []
    /// Those of each piece together; the pieces in the order in which they were looked at.
    private var found: [[AuditRecord]] = []
    private var count = 0
    private let visit: Visit?

    /// Called with each record that fits instead of keeping it.
    typealias Visit = (RecordView, UnsafeRawBufferPointer) -> Void

    init(_ query: AuditQuery, directory: String, keys: IndexKeys, visit: Visit? = nil) {
        self.visit = visit
        match = AuditMatch(query, keys: keys)
        self.directory = directory
        limit = max(0, query.limit)
        takesOldest = query.takesOldest
    }

    /// Nothing more is to be found, or as much as was asked for.
    var isDone: Bool { match.isHopeless || count >= limit }

    /// What was found, oldest first.
    var records: [AuditRecord] {
        let all = takesOldest ? found : found.reversed()
        return Array(takesOldest ? all.joined().prefix(limit) : all.joined().suffix(limit))
    }

    /// Pieces that the disk is asked for before they are looked at: read one after another, each costs the time of a
    /// disk's answer, and from the newest back no disk guesses what comes next.
    private static let piecesAhead = 32

    /// Looks at those pieces of a block that can hold records of the query.
    mutating func look(at block: IndexBlock, _ pieces: PieceSet) throws {
        guard block.last > match.after else { return }
        let indices = takesOldest ? Array(block.pieces.indices) : block.pieces.indices.reversed()
        let wanted = indices.filter { pieces.contains($0) && mayHold(piece: $0, of: block) }
        guard !wanted.isEmpty, !isDone, try open(block) else { return }
        for index in wanted.prefix(Self.piecesAhead) { file?.expect(block.range(ofPiece: index)) }
        for (place, index) in wanted.enumerated() {
            if isDone { return }
            if place + Self.piecesAhead < wanted.count {
                file?.expect(block.range(ofPiece: wanted[place + Self.piecesAhead]))
            }
            try look(at: block.range(ofPiece: index), block)
        }
    }

    /// Whether the times and numbers of a piece are those of the query.
    private func mayHold(piece index: Int, of block: IndexBlock) -> Bool {
        let piece = block.pieces[index]
        return piece.latest >= match.since && (match.until.map { piece.earliest < $0 } ?? true)
            && (index + 1 == block.pieces.count || block.first(ofPiece: index + 1) > match.after + 1)
    }

    /// - Returns: `false` if the segment is gone.
    private mutating func open(_ block: IndexBlock) throws -> Bool {
        if let file, file.header.first == block.segment { return true }
        do {
            file = try SegmentFileReader(directory: directory, first: block.segment)
        } catch let error as FileError where error.code == ENOENT {
            file = nil
        }
        return file != nil
    }

    private mutating func look(at range: Range<Int>, _ block: IndexBlock) throws {
        guard let file else { return }
        if buffer.count < range.count { buffer = [UInt8](repeating: 0, count: range.count) }
        var records: [AuditRecord] = []
        let (match, visit) = (match, visit)
        try buffer.withUnsafeMutableBytes { buffer in
            let filled = try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count]), at: range.lowerBound)
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            var position = 0
            while position < bytes.count {
                guard case .record(let view) = RecordDecoder.decode(bytes, at: position, version: block.version) else {
                    throw JournalError(
                        "`\(file.path)` is damaged at byte \(range.lowerBound + position); `authorizer audit verify` says more"
                    )
                }
                if match.fits(view, in: bytes) {
                    if let visit { visit(view, bytes) } else { records.append(AuditRecord(view, in: bytes)) }
                }
                position += view.byteCount
            }
        }
        count += records.count
        found.append(records)
    }
}
