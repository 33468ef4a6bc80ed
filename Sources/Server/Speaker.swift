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
    /// For whom a party speaks: for the principal that its uid maps to, or that its ticket proves. Looks up the uid's
    /// name, so never on the event loop.
    ///
    /// - Parameters:
    ///   - principal: for whom it says that it speaks: has to be the same user, since whoever reads by another principal
    ///     than the one that is asked about gets by what is hidden from it. `nil` says nothing. A gateway may name
    ///     anybody.
    /// - Throws: ``RoleRefusal`` where they are not the same, or it speaks for nobody; ``CommandRefusal`` of what is no
    ///   principal.
    func speaker(
        _ party: Party, claiming principal: String?, in snapshot: Snapshot
    ) throws -> Speaker {
        if party.isGateway, let principal { return try speaker(principal, in: snapshot) }
        if case .none = party.standing { throw RoleRefusal(Party.needsTicket) }
        let asker = party.own(identity)
        guard let caller = asker.caller else { throw Self.noPrincipal(asker.name) }
        let own = Speaker(caller: caller, standing: snapshot.standing(of: caller))
        guard let principal, principal != asker.name else { return own }
        let claimed = try speaker(principal, in: snapshot)
        let areBothUngoverned = !snapshot.governs(own.standing) && !snapshot.governs(claimed.standing)
        guard areBothUngoverned || claimed.standing == own.standing else {
            throw RoleRefusal(
                """
                the session reads as \(quoted(principal)), and speaks for \(asker.words) who is not the same user; run \
                it as that user, or have an administrator name the account under `roles.gateway`
                """)
        }
        return own
    }

    private func speaker(_ principal: String, in snapshot: Snapshot) throws -> Speaker {
        guard let caller = try? identity.caller(Array(principal.utf8)) else {
            throw Self.noPrincipal(principal)
        }
        return Speaker(caller: caller, standing: snapshot.standing(of: caller))
    }

    private static func noPrincipal(_ text: String) -> CommandRefusal {
        CommandRefusal(.invalid, "\(quoted(text)) is no principal that Kerberos could have issued")
    }
}
