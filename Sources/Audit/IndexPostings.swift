/// Which keys the pieces of the block that is being filled hold, in bounded memory.
struct IndexPostings: ~Copyable {
    /// What a block holds at most; it is closed before more come.
    static let most = 1 << 18
    /// A piece has no more: each record has few keys.
    private static let mostOfOnePiece = 1 << 13

    /// A key (24 bits) and a piece (8 bits) each, by pieces.
    private let pairs = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: most)
    private(set) var count = 0
    /// The keys of the piece that is being filled: an open hash table of keys with their highest bit set.
    private let seen = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: mostOfOnePiece)

    private static let present: UInt32 = 1 << 31

    init() {
        beginPiece()
    }

    deinit {
        pairs.deallocate()
        seen.deallocate()
    }

    /// Whether the block has to be closed before another piece begins.
    var isFull: Bool { count > Self.most - Self.mostOfOnePiece }

    func beginPiece() {
        seen.initialize(repeating: 0)
    }

    /// Notes the keys of a record.
    mutating func note(_ view: RecordView, in bytes: UnsafeRawBufferPointer, keys: IndexKeys, piece: UInt8) {
        var count = count
        let (pairs, seen) = (pairs, seen)
        let mask = UInt32(truncatingIfNeeded: Self.mostOfOnePiece - 1)
        keys.forEachKey(of: view, in: bytes) { key in
            let entry = key.value | Self.present
            var index = key.value & mask
            while seen[Int(index)] != 0 {
                if seen[Int(index)] == entry { return }
                index = (index + 1) & mask
            }
            seen[Int(index)] = entry
            pairs.initializeElement(at: count, to: key.value << 8 | UInt32(piece))
            count += 1
        }
        self.count = count
    }

    mutating func removeAll() {
        count = 0
        beginPiece()
    }

    // MARK: Written

    /// The rows of the block: for each bucket that has keys, its encoded postings.
    ///
    /// Of each key, in their order: by how much the low 16 bits are greater than those before (a variable-length
    /// number), the number of pieces (1), and the pieces (1 each); 0 stands for more than 31 pieces, and a bitmap (32)
    /// follows.
    func forEachBucket(_ body: (_ bucket: Int, _ postings: [UInt8]) throws -> Void) rethrows {
        let (sorted, starts) = byBucket()
        var blob: [UInt8] = []
        for bucket in 0..<256 where starts[bucket] < starts[bucket + 1] {
            // They come by pieces, so that a stable sort by key alone is enough.
            let pairs = Self.sorted(Self.sorted(sorted[starts[bucket]..<starts[bucket + 1]], shift: 8)[...], shift: 16)
            blob.removeAll(keepingCapacity: true)
            var previous: UInt32 = 0
            var index = 0
            while index < pairs.count {
                let key = pairs[index] >> 8
                var end = index + 1
                while end < pairs.count, pairs[end] >> 8 == key { end += 1 }
                Self.append(key & 0xFFFF &- previous, to: &blob)
                previous = key & 0xFFFF
                Self.append(pieces: pairs[index..<end], to: &blob)
                index = end
            }
            try body(bucket, blob)
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

    /// The pairs by the highest eight bits, and where those of each of the 256 values begin and the last ones end.
    private func byBucket() -> (pairs: [UInt32], starts: [Int]) {
        var starts = [Int](repeating: 0, count: 257)
        for pair in pairs[..<count] { starts[Int(pair >> 24) + 1] += 1 }
        for bucket in 0..<256 { starts[bucket + 1] += starts[bucket] }
        return (Self.sorted(UnsafeBufferPointer(pairs)[..<count], shift: 24), starts)
    }

    /// Sorts by eight bits, and leaves what is equal in its order. Few at a time, so that they stay in the cache.
    private static func sorted(_ pairs: some Collection<UInt32>, shift: UInt32) -> [UInt32] {
        pairs.withContiguousStorageIfAvailable { pairs in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { places in
                places.initialize(repeating: 0)
                for pair in pairs { places[Int(pair >> shift & 0xFF)] &+= 1 }
                var sum = 0
                for index in 0..<256 {
                    (places[index], sum) = (sum, sum &+ places[index])
                }
                return [UInt32](unsafeUninitializedCapacity: pairs.count) { sorted, count in
                    for pair in pairs {
                        let bin = Int(pair >> shift & 0xFF)
                        sorted[places[bin]] = pair
                        places[bin] &+= 1
                    }
                    count = pairs.count
                }
            }
        } ?? []
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
