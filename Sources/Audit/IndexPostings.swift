/// Which keys the pieces of the block that is being filled hold, in bounded memory.
struct IndexPostings: ~Copyable {
    /// What a block holds at most; it is closed before more come.
    static let most = 1 << 18
    /// A piece has no more: each record has few keys.
    private static let mostOfOnePiece = 1 << 13

    /// A key (24 bits) and a piece (8 bits) each, by pieces.
    private var pairs: [UInt32] = []
    /// The keys of the piece that is being filled: an open hash table of keys with their highest bit set.
    private var seen = [UInt32](repeating: 0, count: mostOfOnePiece)
    private var seenCount = 0

    private static let present: UInt32 = 1 << 31

    var count: Int { pairs.count }

    /// Whether the block has to be closed before another piece begins.
    var isFull: Bool { pairs.count > Self.most - Self.mostOfOnePiece }

    mutating func beginPiece() {
        guard seenCount > 0 else { return }
        seen.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        seenCount = 0
    }

    /// Notes the keys of a record.
    mutating func note(
        _ view: RecordView, in bytes: UnsafeRawBufferPointer, keys: IndexKeys, piece: UInt8
    ) {
        seen.withUnsafeMutableBufferPointer { seen in
            let mask = UInt32(truncatingIfNeeded: seen.count - 1)
            keys.forEachKey(of: view, in: bytes) { key in
                let entry = key.value | Self.present
                var index = key.value & mask
                while true {
                    let found = seen[Int(index)]
                    if found == entry { return }
                    if found == 0 { break }
                    index = (index + 1) & mask
                }
                seen[Int(index)] = entry
                seenCount += 1
                pairs.append(key.value << 8 | UInt32(piece))
            }
        }
    }

    mutating func removeAll() {
        pairs.removeAll(keepingCapacity: true)
        seenCount = 1
        beginPiece()
    }

    // MARK: Written

    /// The rows of the block: for each bucket that has keys, its encoded postings.
    ///
    /// Of each key, in their order: by how much the low 16 bits are greater than those before (a variable-length
    /// number), the number of pieces (1), and the pieces (1 each); 0 stands for more than 31 pieces, and a bitmap (32)
    /// follows.
    func forEachBucket(_ body: (_ bucket: Int, _ postings: [UInt8]) throws -> Void) rethrows {
        let sorted = Self.sortedByKey(pairs)
        var blob: [UInt8] = []
        var index = 0
        while index < sorted.count {
            let bucket = sorted[index] >> 24
            blob.removeAll(keepingCapacity: true)
            var previous: UInt32 = 0
            while index < sorted.count, sorted[index] >> 24 == bucket {
                let key = sorted[index] >> 8
                var end = index + 1
                while end < sorted.count, sorted[end] >> 8 == key { end += 1 }
                Self.append(key & 0xFFFF &- previous, to: &blob)
                previous = key & 0xFFFF
                Self.append(pieces: sorted[index..<end], to: &blob)
                index = end
            }
            try body(Int(bucket), blob)
        }
    }

    private static let mostListed = 31

    private static func append(pieces: ArraySlice<UInt32>, to blob: inout [UInt8]) {
        if pieces.count <= mostListed {
            blob.append(UInt8(pieces.count))
            for pair in pieces { blob.append(UInt8(truncatingIfNeeded: pair)) }
            return
        }
        var set = PieceSet.none
        for pair in pieces { set.insert(UInt8(truncatingIfNeeded: pair)) }
        blob.append(0)
        for index in set.words.indices {
            withUnsafeBytes(of: set.words[index].littleEndian) { blob.append(contentsOf: $0) }
        }
    }

    private static func append(_ number: UInt32, to blob: inout [UInt8]) {
        var number = number
        while number >= 0x80 {
            blob.append(UInt8(truncatingIfNeeded: number | 0x80))
            number >>= 7
        }
        blob.append(UInt8(number))
    }

    /// Pairs come by pieces, so that sorting them by key alone, and stably, in two rounds of 12 bits, is enough.
    private static func sortedByKey(_ pairs: [UInt32]) -> [UInt32] {
        sorted(sorted(pairs, shift: 8), shift: 20)
    }

    private static func sorted(_ pairs: [UInt32], shift: UInt32) -> [UInt32] {
        var places = [Int](repeating: 0, count: 1 << 12)
        for pair in pairs { places[Int(pair >> shift & 0xFFF)] += 1 }
        var sum = 0
        for index in places.indices {
            (places[index], sum) = (sum, sum + places[index])
        }
        return [UInt32](unsafeUninitializedCapacity: pairs.count) { sorted, count in
            for pair in pairs {
                let bin = Int(pair >> shift & 0xFFF)
                sorted[places[bin]] = pair
                places[bin] += 1
            }
            count = pairs.count
        }
    }

    // MARK: Read

    /// The pieces that hold a key, of the encoded postings of its bucket.
    static func pieces(of key: IndexKey, in blob: UnsafeRawBufferPointer) -> PieceSet {
        var offset = 0
        var current: UInt32 = 0
        while offset < blob.count {
            var gap: UInt32 = 0
            var shift: UInt32 = 0
            while offset < blob.count {
                let byte = UInt32(blob[offset])
                offset += 1
                gap |= (byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            current &+= gap
            guard offset < blob.count else { return .none }
            let count = Int(blob[offset])
            offset += 1
            let length = count == 0 ? 32 : count
            guard blob.count - offset >= length else { return .none }
            if current == UInt32(key.rest) {
                return pieces(UnsafeRawBufferPointer(rebasing: blob[offset..<offset + length]), isBitmap: count == 0)
            }
            if current > UInt32(key.rest) { return .none }
            offset += length
        }
        return .none
    }

    private static func pieces(_ bytes: UnsafeRawBufferPointer, isBitmap: Bool) -> PieceSet {
        var set = PieceSet.none
        for (index, byte) in bytes.enumerated() {
            if !isBitmap {
                set.insert(byte)
            } else {
                for bit in 0..<8 as Range<UInt8> where byte & 1 << bit != 0 {
                    set.insert(UInt8(index * 8) + bit)
                }
            }
        }
        return set
    }
}
