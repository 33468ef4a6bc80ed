import Decision
import Identity

/// A principal that has asked before: resolved once, looked up in the policies once per policy version.
final class KnownCaller {
    /// `nil` if the principal is none that Kerberos could have issued.
    let caller: Caller?
    /// The policy version by which the standing is; by number, so that no old snapshot is kept alive.
    let version: UInt64
    let standing: Snapshot.Standing
    /// The principal as it came, the short name and the user's name, one after another: a question touches all three.
    let names: [UInt8]
    /// Where in ``names`` they lie. There is no short name without a ``caller``, and no user's name for one who is none.
    let principal: Range<Int>
    let shortName: Range<Int>
    let user: Range<Int>

    init(principal: borrowing Span<UInt8>, caller: Caller?, in snapshot: Snapshot) {
        self.caller = caller
        version = snapshot.version
        standing = caller.map { snapshot.standing(of: $0) } ?? Snapshot.Standing(isIgnored: false, match: .none)
        var names = principal.withUnsafeBufferPointer(Array.init)
        self.principal = 0..<names.count
        names.append(contentsOf: (caller?.shortName ?? "").utf8)
        shortName = self.principal.upperBound..<names.count
        if case .user(let index) = standing.match { names.append(contentsOf: snapshot.userNameBytes(index)) }
        user = shortName.upperBound..<names.count
        self.names = names
    }
}

/// The principals that have asked lately, by their bytes as they came.
///
/// Bounded: when it is full it starts anew, which costs each principal one more resolution.
struct CallerTable: ~Copyable {
    static let capacity = 1 << 16

    private let identity: ClusterIdentity
    /// So seeded that nobody can crowd one slot on purpose.
    private let seededHash = SeededHash()

    private struct Slot {
        /// Of the principal; 0 if the slot is free. A look-up touches one slot and one caller.
        var hash = 0
        var known: KnownCaller?
    }

    private var slots: [Slot] = Array(repeating: Slot(), count: 64)
    private(set) var count = 0

    init(identity: ClusterIdentity) {
        self.identity = identity
    }

    /// The caller with this principal, as these policies see it.
    mutating func caller(_ principal: borrowing Span<UInt8>, in snapshot: Snapshot) -> KnownCaller {
        guard principal.count <= Principal.maximumLength else {
            return KnownCaller(principal: Span(), caller: nil, in: snapshot)
        }
        let hash = hash(principal)
        var index = hash & (slots.count - 1)
        while slots[index].hash != 0 {
            if slots[index].hash == hash, let known = slots[index].known, Self.isSame(known, principal) {
                if known.version == snapshot.version { return known }
                let renewed = KnownCaller(principal: principal, caller: known.caller, in: snapshot)
                slots[index].known = renewed
                return renewed
            }
            index = (index + 1) & (slots.count - 1)
        }
        let bytes = principal.withUnsafeBufferPointer(Array.init)
        let known = KnownCaller(principal: principal, caller: try? identity.caller(bytes), in: snapshot)
        makeRoom()
        place(Slot(hash: hash, known: known))
        count += 1
        return known
    }

    private mutating func makeRoom() {
        let isFull = count == Self.capacity
        guard isFull || count * 2 >= slots.count else { return }
        let old = slots
        slots = Array(repeating: Slot(), count: isFull ? 64 : slots.count * 2)
        if isFull { count = 0 } else { for slot in old where slot.hash != 0 { place(slot) } }
    }

    private mutating func place(_ slot: Slot) {
        var index = slot.hash & (slots.count - 1)
        while slots[index].hash != 0 { index = (index + 1) & (slots.count - 1) }
        slots[index] = slot
    }

    /// Never 0.
    @inline(__always)
    private func hash(_ principal: borrowing Span<UInt8>) -> Int {
        let hashed = principal.withUnsafeBytes { seededHash($0) }
        return Int(truncatingIfNeeded: hashed) | 1 << (Int.bitWidth - 1)
    }

    @inline(__always)
    private static func isSame(_ known: KnownCaller, _ principal: borrowing Span<UInt8>) -> Bool {
        let length = known.principal.count
        return principal.withUnsafeBytes { asked in
            known.names.withUnsafeBytes { asked.hasSameBytes(as: .init(rebasing: $0[..<length])) }
        }
    }
}
