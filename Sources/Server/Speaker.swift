import Administration
import Decision
import Wording

/// For whom a Spark session speaks.
struct Speaker: Sendable {
    var caller: Caller
    var standing: Snapshot.Standing

    /// The user of the policies, where it is one.
    func user(in snapshot: Snapshot) -> String? {
        if case .user(let user) = standing.match { snapshot.userName(user) } else { nil }
    }
}

extension Administrator {
    /// For whom a peer speaks: for the principal that its uid maps to. Looks up the uid's name, so never on the event
    /// loop.
    ///
    /// - Parameters:
    ///   - principal: for whom it says that it speaks: has to be the same user, since whoever reads by another principal
    ///     than the one that is asked about gets by what is hidden from it. `nil` says nothing.
    ///   - isGateway: whether it may speak for anybody.
    /// - Throws: ``CommandRefusal`` where they are not the same.
    func speaker(
        _ peer: Peer, claiming principal: String?, isGateway: Bool, in snapshot: Snapshot
    ) throws -> Speaker {
        if isGateway, let principal { return try speaker(principal, in: snapshot) }
        let own = try speaker(peer.name, in: snapshot)
        guard let principal, principal != peer.name else { return own }
        let claimed = try speaker(principal, in: snapshot)
        let areBothUngoverned = !snapshot.governs(own.standing) && !snapshot.governs(claimed.standing)
        guard areBothUngoverned || claimed.standing == own.standing else {
            throw CommandRefusal(
                .failed,
                """
                the session reads as \(quoted(principal)) and runs as \(quoted(peer.name)) (uid \(peer.userID)), who is \
                not the same user; run it as that user, or have an administrator name the account under \
                `roles.gateway`
                """)
        }
        return own
    }

    private func speaker(_ principal: String, in snapshot: Snapshot) throws -> Speaker {
        guard let caller = try? identity.caller(Array(principal.utf8)) else {
            throw CommandRefusal(.invalid, "\(quoted(principal)) is no principal that Kerberos could have issued")
        }
        return Speaker(caller: caller, standing: snapshot.standing(of: caller))
    }
}
