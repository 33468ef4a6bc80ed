import Administration
import Decision
import Foundation
import Grants
import Wire
import Wording

/// Why a grant is not given: in words, and by which rule where the policies say so.
struct GrantRefused: Error, Sendable {
    enum Kind: Sendable {
        /// What was asked makes no sense.
        case invalid
        /// The asker may not ask for that.
        case role
        /// The policies, the configuration or a bound does not allow it.
        case denied
    }

    var kind: Kind
    var words: String
    var reason: Reason?
    /// The user for whom it was asked, where there is one.
    var user: String?

    init(_ kind: Kind, _ words: String, reason: Reason? = nil, user: String? = nil) {
        self.kind = kind
        self.words = words
        self.reason = reason
        self.user = user
    }
}

/// Who gives a command about grants, and what the policies make of it.
struct GrantAsker: Sendable {
    var party: Party
    var name: String
    /// The name and how it is known, as the beginning of a sentence.
    var words: String
    var caller: Caller?
    var standing: Snapshot.Standing
    /// Of the policy store; `nil` if the name is that of no user.
    var userID: UInt32?

    /// Looks the uid up, which may ask a directory over the network: not to be called on the event loop.
    init(_ party: Party, _ snapshot: Snapshot, _ identity: ClusterIdentity) {
        self.party = party
        let own = party.own(identity)
        (name, words, caller) = (own.name, own.words, own.caller)
        standing = caller.map { snapshot.standing(of: $0) } ?? Snapshot.Standing(isIgnored: false, match: .none)
        if case .user(let user) = standing.match { userID = snapshot.facts(of: user).id }
    }

    /// Whether it may renew and release the grant: its own, or one that it asked for as a gateway.
    func owns(_ grant: Grant) -> Bool {
        grant.userID == userID || (party.isGateway && grant.askedBy == party.peer.userID)
    }
}

/// A request, checked against the policies and made into a grant. Nothing is in force by that.
struct GrantOrder: Sendable {
    /// Milliseconds.
    private static let longestDelay: Int64 = 3_600_000

    let request: GrantRequest
    let asker: GrantAsker
    let snapshot: Snapshot
    let identity: ClusterIdentity
    let options: GrantOptions
    let mostHandles: Int
    let now: Moment

    func make() throws(GrantRefused) -> Grant {
        try checkTexts()
        let handles = try handles()
        let principal = request.principal ?? asker.name
        let (caller, standing) = try subject(principal)
        let sources = try places()
        var user: Int?
        for place in sources {
            let query = snapshot.query(by: caller, standing, dataSource: place, at: now.wall)
            guard query.mayQuery else {
                throw GrantRefused(
                    .denied, GrantWords.refusal(query.reason, principal, place, snapshot), reason: query.reason,
                    user: query.user.map { snapshot.userName($0) })
            }
            user = query.user
        }
        guard let user else { preconditionFailure("a request has data sources, and who may query one is a user") }
        return Grant(
            userID: snapshot.facts(of: user).id, user: snapshot.userName(user), principal: principal,
            nameservice: request.nameservice, job: request.job, handles: handles,
            sources: sources.map { place in
                let source = snapshot.dataSources[place]
                return Grant.Source(
                    id: source.id, name: source.definition.name, directories: source.definition.directories)
            }, askedBy: asker.party.peer.userID, now: Grant.Mark(now), delay: try delay(), lifetime: options.lifetime,
            mostRenewals: options.mostRenewals, policyVersion: snapshot.version)
    }

    // MARK: What was asked

    private func checkTexts() throws(GrantRefused) {
        let texts = [
            ("nameservice", request.nameservice), ("job.application", request.job.application),
            ("job.attempt", request.job.attempt), ("job.query", request.job.query), ("principal", request.principal),
        ]
        for (field, text) in texts {
            guard let text else { continue }
            guard (1...GrantRequest.longestText).contains(text.utf8.count),
                !text.unicodeScalars.contains(where: isControl)
            else {
                throw GrantRefused(
                    .invalid,
                    "`\(field)` is \(quoted(text)); it has 1 to \(GrantRequest.longestText) bytes, none of control")
            }
        }
        if let own = options.nameservice, own != request.nameservice {
            throw GrantRefused(
                .invalid, "this service decides for the nameservice `\(own)`, not for \(quoted(request.nameservice))")
        }
    }

    private func handles() throws(GrantRefused) -> [GrantHandle] {
        guard request.handles.count <= mostHandles else {
            throw GrantRefused(
                .invalid, "a grant has at most \(mostHandles) handles, not \(request.handles.count)")
        }
        let handles = try GrantHandle.list(request.handles)
        guard !handles.isEmpty || options.withoutKerberos == .bindToApplication else {
            throw GrantRefused(
                .denied,
                """
                no handle: a grant is bound to a delegation token of the job. A cluster without Kerberos has none, and \
                no grants unless `grants.without-kerberos` of the configuration says so
                """)
        }
        return handles
    }

    private func delay() throws(GrantRefused) -> Int64 {
        let delay = max(0, (request.notBefore ?? 0) - now.wall.milliseconds)
        guard delay <= Self.longestDelay else {
            throw GrantRefused(.invalid, "`notBefore` is more than an hour ahead")
        }
        return delay
    }

    /// - Returns: the places of the data sources, each once.
    private func places() throws(GrantRefused) -> [Int] {
        guard (1...GrantRequest.mostDataSources).contains(request.dataSources.count) else {
            throw GrantRefused(
                .invalid,
                "a grant is for 1 to \(GrantRequest.mostDataSources) data sources, not \(request.dataSources.count)")
        }
        var places: [Int] = []
        var seen: Set<Int> = []
        for name in request.dataSources {
            guard let place = snapshot.dataSource(named: name) else {
                throw GrantRefused(.invalid, "there is no data source \(quoted(name))")
            }
            guard snapshot.dataSources[place].definition.kind == .table else {
                throw GrantRefused(
                    .invalid,
                    "the data source `\(name)` holds plain files, which are read without a grant; ask for tables only")
            }
            if seen.insert(place).inserted { places.append(place) }
        }
        return places
    }

    // MARK: For whom

    /// - Throws: unless the asker may ask for the principal: everybody for itself, a gateway for anybody.
    private func subject(_ principal: String) throws(GrantRefused) -> (Caller?, Snapshot.Standing) {
        guard let named = request.principal else {
            if case .none = asker.party.standing { throw GrantRefused(.role, Party.needsTicket) }
            return (asker.caller, asker.standing)
        }
        let caller = try? identity.caller(Array(named.utf8))
        let standing = caller.map { snapshot.standing(of: $0) } ?? Snapshot.Standing(isIgnored: false, match: .none)
        let isOwn =
            caller != nil && caller?.shortNameKey == asker.caller?.shortNameKey
            && standing.match == asker.standing.match
        guard isOwn || asker.party.isGateway else {
            throw GrantRefused(
                .role,
                """
                \(asker.words) may ask for itself only and not for \(quoted(named)): that needs the role `gateway`, \
                see `roles` in the configuration
                """)
        }
        return (caller, standing)
    }
}

extension GrantHandle {
    /// - Throws: for a text that is none.
    static func list(_ texts: [String]) throws(GrantRefused) -> [GrantHandle] {
        var handles: [GrantHandle] = []
        for text in texts {
            guard let handle = GrantHandle(hex: text) else {
                throw GrantRefused(.invalid, "\(quoted(text)) is no handle: 64 hexadecimal digits")
            }
            if !handles.contains(handle) { handles.append(handle) }
        }
        return handles
    }
}

extension Grant.Mark {
    init(_ moment: Moment) {
        self.init(monotonic: moment.monotonic, wall: moment.wall.milliseconds)
    }
}

/// Why the policies give no grant, or take one back.
enum GrantWords {
    static func refusal(_ reason: Reason, _ principal: String, _ dataSource: Int, _ snapshot: Snapshot) -> String {
        let name = snapshot.dataSources[dataSource].definition.name
        switch reason {
        case .ignoredUser:
            return "HDFS's own permissions decide for \(quoted(principal)), an ignored user; it needs no grant"
        case .dataOwner:
            return "`\(name)` was created with \(quoted(principal)), for which HDFS's own permissions decide; "
                + "it needs no grant"
        case .unmappedUser: return "\(quoted(principal)) maps to no user (unmapped-user)"
        default:
            return DenialWords.words(for: reason, dataSource: dataSource, in: snapshot)
        }
    }
}
