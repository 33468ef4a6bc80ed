/// Those pieces of a block that a query looks at.
struct ScanUnit: Sendable {
    let block: IndexBlock
    let content: SegmentContent
    /// In the order in which they are looked at.
    let pieces: [Int]

    /// The disk is asked for so many pieces together.
    private static let piecesAtOnce = 8
    /// And for at most so many before they are looked at: read one after another, each costs the time of a disk's
    /// answer, and from the newest back no disk guesses what comes next.
    private static let mostPiecesAhead = 64

    /// Asks the disk for the first pieces.
    func expectFirst() {
        expect(0..<Self.piecesAtOnce)
    }

    /// Asks the disk for more the further the query has come: many end soon.
    ///
    /// - Parameter place: in ``pieces``, of the one that is looked at next.
    func expect(beyond place: Int) {
        guard place % Self.piecesAtOnce == 0 else { return }
        expect(Self.expected(beyond: place - Self.piecesAtOnce)..<Self.expected(beyond: place))
    }

    /// How many pieces the disk was asked for when this one is looked at.
    private static func expected(beyond place: Int) -> Int {
        place < 0 ? piecesAtOnce : min(2 * place, place + mostPiecesAhead) + 2 * piecesAtOnce
    }

    private func expect(_ places: Range<Int>) {
        let places = places.clamped(to: pieces.indices)
        var run: Range<Int>?
        for place in places {
            let range = block.range(ofPiece: pieces[place])
            if let before = run, before.upperBound == range.lowerBound || range.upperBound == before.lowerBound {
                run = min(before.lowerBound, range.lowerBound)..<max(before.upperBound, range.upperBound)
            } else {
                if let run { content.expect(run) }
                run = range
            }
        }
        if let run { content.expect(run) }
    }
}

/// Reads pieces of the journal, and finds the records in them that fit a query. Belongs to one thread.
struct PieceReader: ~Copyable {
    private var memory = FrameMemory()
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)

    deinit {
        buffer.deallocate()
    }

    /// Looks at the pieces of a unit, until all are done or there are enough.
    ///
    /// - Parameter isOver: whether nobody waits for them any more.
    /// - Throws: ``JournalError`` at damage, naming the file and the place; ``FileError``.
    mutating func look<Findings: AuditFindings>(
        at unit: ScanUnit, for match: AuditMatch, limit: Int, isOver: () -> Bool
    ) throws -> Findings {
        var findings = Findings()
        for (place, piece) in unit.pieces.enumerated() {
            if findings.count >= limit || isOver() { break }
            unit.expect(beyond: place)
            findings.beginPiece()
            try look(at: unit.block.range(ofPiece: piece), of: unit, for: match, &findings)
        }
        return findings
    }

    private mutating func look(
        at range: Range<Int>, of unit: ScanUnit, for match: AuditMatch, _ findings: inout some AuditFindings
    ) throws {
        if buffer.count < range.count {
            buffer.deallocate()
            buffer = .allocate(byteCount: range.count, alignment: 64)
        }
        let filled = try unit.content.read(
            into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count]), at: range.lowerBound, with: &memory)
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
        let version = unit.block.version
        var position = 0
        while position < bytes.count {
            guard case .record(let outline) = RecordDecoder.outline(bytes, at: position, version: version) else {
                throw Self.damage(unit, at: range.lowerBound + position)
            }
            if match.fits(outline) {
                guard case .record(let view) = RecordDecoder.decode(outline, version: version) else {
                    throw Self.damage(unit, at: range.lowerBound + position)
                }
                findings.note(view, in: bytes)
            }
            position += outline.byteCount
        }
    }

    private static func damage(_ unit: ScanUnit, at offset: Int) -> JournalError {
        JournalError("`\(unit.content.path)` is damaged at byte \(offset); `authorizer audit verify` says more")
    }
}
