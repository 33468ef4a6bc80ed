import Decision
import Identity

/// A principal that has asked before: resolved once, looked up in the policies once per policy version.
final class KnownCaller {
    let principal: [UInt8]
    /// `nil` if the principal is none that Kerberos could have issued.
    let caller: Caller?
    let shortName: [UInt8]
    /// The policy version by which the standing is; by number, so that no old snapshot is kept alive.
    private var version: UInt64?
    private(set) var standing = Snapshot.Standing(isIgnored: false, match: .none)
    /// The name of the user that the caller is, for audit records; empty if it is none or not one.
    private(set) var user: [UInt8] = []

    init(principal: [UInt8], caller: Caller?) {
        self.principal = principal
        self.caller = caller
        shortName = Array((caller?.shortName ?? "").utf8)
    }

    func bring(upTo current: Snapshot) {
        guard version != current.version else { return }
        version = current.version
        guard let caller else { return }
        standing = current.standing(of: caller)
        user = if case .user(let index) = standing.match { current.users[index].nameBytes } else { [] }
    }
}

/// The principals that have asked lately, by their bytes as they came.
///
/// Bounded: when it is full it starts anew, which costs each principal one more resolution.
struct CallerTable: ~Copyable {
    static let capacity = 1 << 16

    private let identity: ClusterIdentity
    /// The hash of each slot's principal, so that a look-up touches one entry only; 0 for a free slot.
    private var hashes: [Int] = Array(repeating: 0, count: 64)
    private var entries: [KnownCaller?] = Array(repeating: nil, count: 64)
    private(set) var count = 0

    init(identity: ClusterIdentity) {
        self.identity = identity
    }

    mutating func caller(_ principal: borrowing Span<UInt8>) -> KnownCaller {
        guard principal.count <= Principal.maximumLength else { return KnownCaller(principal: [], caller: nil) }
        let hash = Self.hash(principal)
        var slot = hash & (hashes.count - 1)
        while hashes[slot] != 0 {
            if hashes[slot] == hash, let known = entries[slot], Self.isSame(known.principal, principal) { return known }
            slot = (slot + 1) & (hashes.count - 1)
        }
        let bytes = principal.withUnsafeBufferPointer(Array.init)
        let known = KnownCaller(principal: bytes, caller: try? identity.caller(bytes))
        makeRoom()
        place(known, hash)
        count += 1
        return known
    }

    private mutating func makeRoom() {
        let isFull = count == Self.capacity
        guard isFull || count * 2 >= hashes.count else { return }
        let (oldHashes, oldEntries) = (hashes, entries)
        let size = isFull ? 64 : hashes.count * 2
        hashes = Array(repeating: 0, count: size)
        entries = Array(repeating: nil, count: size)
        count = isFull ? 0 : count
        guard !isFull else { return }
        for case (let hash, let known?) in zip(oldHashes, oldEntries) { place(known, hash) }
    }

    private mutating func place(_ known: KnownCaller, _ hash: Int) {
        var slot = hash & (hashes.count - 1)
        while hashes[slot] != 0 { slot = (slot + 1) & (hashes.count - 1) }
        hashes[slot] = hash
        entries[slot] = known
    }

    /// Keyed, so that nobody can crowd one slot on purpose; never 0.
    private static func hash(_ principal: borrowing Span<UInt8>) -> Int {
        var hasher = Hasher()
        principal.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize() | 1 << (Int.bitWidth - 1)
    }

    private static func isSame(_ known: [UInt8], _ principal: borrowing Span<UInt8>) -> Bool {
        guard known.count == principal.count else { return false }
        for index in known.indices where known[index] != principal[index] { return false }
        return true
    }
}
