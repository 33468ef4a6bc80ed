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
    private var slots: [KnownCaller?] = Array(repeating: nil, count: 64)
    private(set) var count = 0

    init(identity: ClusterIdentity) {
        self.identity = identity
    }

    mutating func caller(_ principal: borrowing Span<UInt8>) -> KnownCaller {
        guard principal.count <= Principal.maximumLength else { return KnownCaller(principal: [], caller: nil) }
        var slot = firstSlot(principal)
        while let known = slots[slot] {
            if Self.isSame(known.principal, principal) { return known }
            slot = (slot + 1) & (slots.count - 1)
        }
        let bytes = principal.withUnsafeBufferPointer(Array.init)
        let known = KnownCaller(principal: bytes, caller: try? identity.caller(bytes))
        insert(known)
        return known
    }

    private mutating func insert(_ known: KnownCaller) {
        if count == Self.capacity {
            slots = Array(repeating: nil, count: 64)
            count = 0
        } else if count * 2 >= slots.count {
            let old = slots
            slots = Array(repeating: nil, count: old.count * 2)
            for case let known? in old { place(known) }
        }
        place(known)
        count += 1
    }

    private mutating func place(_ known: KnownCaller) {
        let principal = known.principal
        var slot = firstSlot(principal.span)
        while slots[slot] != nil { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = known
    }

    private func firstSlot(_ principal: borrowing Span<UInt8>) -> Int {
        var hasher = Hasher()
        principal.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize() & (slots.count - 1)
    }

    private static func isSame(_ known: [UInt8], _ principal: borrowing Span<UInt8>) -> Bool {
        guard known.count == principal.count else { return false }
        for index in known.indices where known[index] != principal[index] { return false }
        return true
    }
}
