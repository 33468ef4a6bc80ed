/// Up to 65,536 records of one segment that are indexed together, in pieces of 256.
///
/// Postings say which pieces hold a key; the records themselves are read from the journal.
struct IndexBlock: Sendable {
    static let recordsPerPiece = 256
    static let mostPieces = 256

    /// 256 records, or as many as there are by now: where they begin in the segment, in bytes, and their times.
    struct Piece: Sendable, Equatable {
        var offset: UInt32
        /// Milliseconds since 1970, of the record that is earliest, and of the one that is latest.
        var earliest: UInt64
        var latest: UInt64
    }

    /// That the block lies in: the number of its first record.
    var segment: UInt64
    /// Of the segment.
    var version: UInt32
    /// The first record's.
    var first: UInt64
    /// The last record's.
    var last: UInt64
    /// Where the last record ends in the segment, in bytes.
    var end: UInt32
    var pieces: [Piece]

    var earliest: UInt64 { pieces.lazy.map(\.earliest).min() ?? 0 }
    var latest: UInt64 { pieces.lazy.map(\.latest).max() ?? 0 }

    /// Where a piece lies in the segment, in bytes.
    func range(ofPiece index: Int) -> Range<Int> {
        let end = index + 1 < pieces.count ? pieces[index + 1].offset : end
        return Int(pieces[index].offset)..<Int(end)
    }

    /// The number of a piece's first record.
    func first(ofPiece index: Int) -> UInt64 {
        first + UInt64(index * Self.recordsPerPiece)
    }
}

/// Some of the pieces of a block.
struct PieceSet: Sendable, Equatable {
    static let all = PieceSet(words: [4 of UInt64](repeating: .max))
    static let none = PieceSet(words: [4 of UInt64](repeating: 0))

    private(set) var words: [4 of UInt64]

    private init(words: [4 of UInt64]) {
        self.words = words
    }

    static func == (a: Self, b: Self) -> Bool {
        a.words.indices.allSatisfy { a.words[$0] == b.words[$0] }
    }

    mutating func insert(_ piece: UInt8) {
        words[Int(piece >> 6)] |= 1 << UInt64(piece & 63)
    }

    func contains(_ piece: Int) -> Bool {
        words[piece >> 6] & 1 << UInt64(piece & 63) != 0
    }

    mutating func formIntersection(_ other: Self) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    mutating func formUnion(_ other: Self) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    var isEmpty: Bool { self == .none }
}
