/// Finds users by a text of theirs: open addressing in shards, so that a change copies one of them only.
///
/// Holds places of users and no text: what a hit is compared with lies in the users' pages.
struct NameIndex: Sendable {
    /// Which text of a user.
    enum Field: Sendable { case name, principal, shortName }

    private static let shardBits = 10
    private static let free = UInt32.max

    private struct Shard: Sendable {
        var slots: [UInt32] = []
        var count = 0
    }

    private let field: Field
    private var shards = [Shard](repeating: Shard(), count: 1 << shardBits)

    init(_ field: Field) {
        self.field = field
    }

    /// Makes room for about as many users.
    mutating func reserve(_ count: Int) {
        let size = (count * 2 / shards.count).nextPowerOfTwo
        guard size >= 8 else { return }
        for index in shards.indices { shards[index].slots = Array(repeating: Self.free, count: size) }
    }

    func match(_ text: [UInt8], in pages: [UserPage]) -> Snapshot.Match {
        let found = all(text, in: pages)
        guard let first = found.first else { return .none }
        return found.count == 1 ? .user(first) : .ambiguous
    }

    /// The places of all users with this text.
    func all(_ text: [UInt8], in pages: [UserPage]) -> [Int] {
        let hash = Self.hash(text[...])
        let slots = shards[Self.shard(hash)].slots
        guard !slots.isEmpty else { return [] }
        var found: [Int] = []
        var slot = hash & (slots.count - 1)
        while slots[slot] != Self.free {
            let index = Int(slots[slot])
            if self.text(of: index, in: pages) == text[...] { found.append(index) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return found
    }

    mutating func insert(_ index: Int, in pages: [UserPage]) {
        guard let text = text(of: index, in: pages) else { return }
        let hash = Self.hash(text)
        let number = Self.shard(hash)
        if shards[number].slots.count < 8 || (shards[number].count + 1) * 4 > shards[number].slots.count * 3 {
            let places = shards[number].slots.filter { $0 != Self.free }
            rebuild(number, places, size: max(8, shards[number].slots.count * 2), in: pages)
        }
        place(index, hash, in: number)
        shards[number].count += 1
    }

    mutating func remove(_ index: Int, in pages: [UserPage]) {
        guard let text = text(of: index, in: pages) else { return }
        let number = Self.shard(Self.hash(text))
        let places = shards[number].slots.filter { $0 != Self.free && $0 != UInt32(index) }
        rebuild(number, places, size: shards[number].slots.count, in: pages)
    }

    private mutating func rebuild(_ number: Int, _ places: [UInt32], size: Int, in pages: [UserPage]) {
        shards[number] = Shard(slots: Array(repeating: Self.free, count: size), count: places.count)
        for index in places { place(Int(index), Self.hash(text(of: Int(index), in: pages) ?? []), in: number) }
    }

    private mutating func place(_ index: Int, _ hash: Int, in number: Int) {
        let mask = shards[number].slots.count - 1
        var slot = hash & mask
        while shards[number].slots[slot] != Self.free { slot = (slot + 1) & mask }
        shards[number].slots[slot] = UInt32(index)
    }

    private func text(of index: Int, in pages: [UserPage]) -> ArraySlice<UInt8>? {
        pages[index / UserPage.size].text(field, index % UserPage.size)
    }

    /// Keyed, so that no choice of names makes a look-up slow.
    private static func hash(_ text: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        text.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private static func shard(_ hash: Int) -> Int { Int(UInt(bitPattern: hash) >> UInt(Int.bitWidth - shardBits)) }
}
