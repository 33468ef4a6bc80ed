import Catalogue
import Policy

@testable import Decision

/// Identity rules that a test can see through: `name/host@REALM`, the default realm `R`, and the name as short name.
struct PlainIdentity: IdentityRules {
    struct NoPrincipal: Error {}

    func configuredPrincipal(_ text: String) throws -> ConfiguredPrincipal {
        guard !text.isEmpty else { throw NoPrincipal() }
        return ConfiguredPrincipal(key: text.contains("@") ? text : "\(text)@R", shortNameKey: Self.shortName(of: text))
    }

    func shortNameKey(_ shortName: String) -> String { shortName }

    static func shortName(of principal: String) -> String {
        String(principal.prefix { $0 != "/" && $0 != "@" })
    }

    /// - Returns: `nil` for the empty text, which is no principal.
    static func caller(_ principal: String) -> Caller? {
        guard !principal.isEmpty else { return nil }
        let name = shortName(of: principal)
        return Caller(
            principal: principal, key: principal.contains("@") ? principal : nil, shortName: name, shortNameKey: name)
    }
}

/// The policies of one version in which everything changed at that version; the place of an object is its id.
func policies(
    version: UInt64 = 1, settings: Settings = Settings(catalogue: .none), users: [User] = [],
    sources: [DataSource] = [], ignored: [String] = [], documents: DocumentsInput = DocumentsInput(),
    states: [UInt32: UserState] = [:]
) -> Snapshot {
    Snapshot(
        version: version, settings: settings,
        users: users.enumerated().map { (UInt32($0), version, $1) },
        dataSources: sources.enumerated().map { (UInt32($0), version, $1) },
        documents: documents, ignoredUsers: ignored, states: states, identity: PlainIdentity())
}

func source(
    _ name: String, _ directories: String..., kind: DataSource.Kind = .files, owner: String? = nil,
    contact: String? = nil, for subscription: Subscription = .anyone
) -> DataSource {
    DataSource(
        name: name, kind: kind, directories: directories, credential: owner.map { .init(principal: $0) },
        contact: contact, subscription: subscription)
}

/// Subscribed by name.
func only(_ users: String...) -> Subscription {
    .individuals(users: Set(users), groups: [])
}

/// Asks questions as the service does: one cache for all of them, whatever policies are in force.
final class Desk {
    var snapshot: Snapshot
    var catalogue = CatalogueView()
    var cache: DecisionCache
    /// Nanoseconds.
    var now: UInt64 = 1
    var wall = Instant(milliseconds: 1_000_000)

    init(_ snapshot: Snapshot, cacheCapacity: Int = 64, timeToLive: UInt64 = 600) {
        self.snapshot = snapshot
        cache = DecisionCache(capacity: cacheCapacity, timeToLive: timeToLive)
    }

    func read(_ path: String, as principal: String) -> Decision {
        var trace = NoTrace()
        return decide(Array(path.utf8), as: principal, trace: &trace)
    }

    func explain(_ path: String, as principal: String) -> [Explanation.Step] {
        var explanation = Explanation()
        _ = decide(Array(path.utf8), as: principal, trace: &explanation)
        return explanation.steps
    }

    func traverse(_ path: String, as principal: String) -> Decision {
        let caller = PlainIdentity.caller(principal)
        return ReadRules(snapshot: snapshot, catalogue: catalogue, now: moment).decideTraversal(
            path: Array(path.utf8).span, caller: caller, standing: standing(of: caller), cache: &cache)
    }

    func move(_ path: String, to destination: String, as principal: String) -> Decision {
        let caller = PlainIdentity.caller(principal)
        return MoveRules(snapshot: snapshot, now: moment).decide(
            path: Array(path.utf8).span, destination: Array(destination.utf8).span, caller: caller,
            standing: standing(of: caller))
    }

    func decide(_ path: [UInt8], as principal: String, trace: inout some DecisionTrace) -> Decision {
        let caller = PlainIdentity.caller(principal)
        return ReadRules(snapshot: snapshot, catalogue: catalogue, now: moment).decide(
            path: path.span, caller: caller, standing: standing(of: caller), cache: &cache, trace: &trace)
    }

    /// The name of the data source that a decision names.
    func dataSource(of decision: Decision) -> String? {
        decision.dataSource.map { snapshot.dataSources[$0].definition.name }
    }

    private var moment: Moment { Moment(monotonic: now, wall: wall) }

    private func standing(of caller: Caller?) -> Snapshot.Standing {
        caller.map(snapshot.standing) ?? Snapshot.Standing(isIgnored: false, match: .none)
    }
}

/// What a decision says, without what it was made from.
struct Outcome: Equatable, CustomStringConvertible {
    var verdict: Verdict
    var reason: Reason

    init(_ verdict: Verdict, _ reason: Reason) {
        self.verdict = verdict
        self.reason = reason
    }

    var description: String { "\(verdict.word), \(reason.word)" }
}

extension Decision {
    var outcome: Outcome { Outcome(verdict, reason) }
}
