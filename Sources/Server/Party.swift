import Decision
import Wire

/// What a Kerberos ticket has proved on a connection.
struct Proof: Sendable {
    var caller: Caller
    /// Of the ticket, by both clocks.
    var end: Moment

    /// Whether the ticket has ended, by whichever clock: a step of one of them prolongs nothing.
    func isOver(at now: Moment) -> Bool {
        now.monotonic >= end.monotonic || now.wall >= end.wall
    }
}

/// Who gives a command: the process, and for whom it speaks by itself.
struct Party: Sendable {
    enum Standing: Sendable {
        /// For the principal that its uid maps to.
        case uid
        /// For the principal that its ticket proves, whatever the uid.
        case ticket(Proof)
        /// For nobody: the uid is no proof here.
        case none
    }

    /// What is said to a party that speaks for nobody.
    static let needsTicket = """
        a uid proves nothing here (`kerberos.require-proof`): show a Kerberos ticket. The command line does with \
        `--kerberos`, Spark with `spark.authorizer.service-principal`
        """

    let peer: Peer
    let roles: Roles
    let standing: Standing

    /// - Parameter roles: of the peer. Who has proved to be one principal is no gateway: it speaks for that one alone.
    init(peer: Peer, roles: Roles, standing: Standing) {
        self.peer = peer
        self.standing = standing
        self.roles = if case .ticket = standing { roles.subtracting(.gateway) } else { roles }
    }

    var isAdministrator: Bool { roles.contains(.admin) }
    var isGateway: Bool { roles.contains(.gateway) }

    /// By which requests are counted: many users may share a uid.
    var account: String {
        if case .ticket(let proof) = standing { proof.caller.principal } else { peer.label }
    }

    /// For whom it speaks by itself. Looks up the uid's name, which may ask a directory over the network: never on the
    /// event loop.
    func own(_ identity: ClusterIdentity) -> Own {
        switch standing {
        case .ticket(let proof):
            let name = proof.caller.principal
            return Own(name: name, words: "`\(name)`, whom the Kerberos ticket proves,", caller: proof.caller)
        case .uid, .none:
            let name = peer.name
            let words = "`\(name)`, the name of uid \(peer.userID),"
            guard case .uid = standing else { return Own(name: name, words: words) }
            return Own(name: name, words: words, caller: try? identity.caller(Array(name.utf8)))
        }
    }

    struct Own: Sendable {
        /// A principal, or the name of the uid.
        var name: String
        /// It, and how it is known, as the beginning of a sentence.
        var words: String
        /// `nil` where it speaks for nobody, or the name can stand for nobody.
        var caller: Caller?
    }
}
