/// What a query makes of the records that fit, of one part of the journal.
protocol AuditFindings: Sendable {
    init()

    /// How many records it keeps: a query ends when all parts together keep as many as it asks for.
    var count: Int { get }

    /// What is noted from now on lies in another piece of the journal: of a query for the newest, in an earlier one.
    mutating func beginPiece()

    /// - Parameter bytes: those that the view was decoded from; valid during the call.
    mutating func note(_ view: RecordView, in bytes: UnsafeRawBufferPointer)
}

/// The records themselves.
struct FoundRecords: AuditFindings {
    private(set) var count = 0
    /// Of each piece.
    private(set) var pieces: [[AuditRecord]] = []

    mutating func beginPiece() {
        if pieces.last?.isEmpty != true { pieces.append([]) }
    }

    mutating func note(_ view: RecordView, in bytes: UnsafeRawBufferPointer) {
        pieces[pieces.count - 1].append(AuditRecord(view, in: bytes))
        count += 1
    }
}
