import HashTreeCollections
import Policy

/// The policies of one version, compiled for deciding. Immutable; the next version shares what has not changed.
package final class Snapshot: Sendable {
    /// A data source as decisions see it.
    package final class DataSource: Sendable {
        /// Of the store; never given to another data source.
        package let id: UInt32
        /// The policy version at which this data source last changed, or a global policy or tag that concerns it.
        package let changedAt: UInt64
        /// Without those who are subscribed by name or group: they are in the terms.
        package let definition: Policy.DataSource
        package let owner: ConfiguredPrincipal?
        /// The name as audit records and answers hold it.
        package let nameBytes: [UInt8]
        /// What has to hold: the data source's own policy, then the global ones that apply, by name.
        let terms: [Terms]
        /// The places in the snapshot's global policies of those that name one of its tags, exceptions included.
        let touching: [Int]
        let fileRules: [CompiledFileRule]

        init(
            id: UInt32, changedAt: UInt64, definition: Policy.DataSource, owner: ConfiguredPrincipal?, terms: [Terms],
            touching: [Int], fileRules: [CompiledFileRule]
        ) {
            self.id = id
            self.changedAt = changedAt
            self.definition = definition
            self.owner = owner
            self.terms = terms
            self.touching = touching
            self.fileRules = fileRules
            nameBytes = Array(definition.name.utf8)
        }
    }

    /// What nearly every decision needs of a user, without touching the rest.
    package struct UserFacts: Sendable, Equatable, BitwiseCopyable {
        package var id: UInt32
        var isEnabled: Bool
        /// Milliseconds; 0 if the user is not suspended.
        var suspendedUntil: Int64
        /// The policy version at which the user last changed, or the project that the user acts under.
        package var changedAt: UInt64

        func isEnabled(at now: Instant) -> Bool { isEnabled && now.milliseconds >= suspendedUntil }
    }

    /// What nearly every decision needs of a data source, without touching the rest.
    struct DataSourceFacts: Sendable {
        var id: UInt32
        var isTable: Bool
        var hasOwner: Bool
        var changedAt: UInt64

        init(_ source: DataSource) {
            id = source.id
            isTable = source.definition.kind == .table
            hasOwner = source.owner != nil
            changedAt = source.changedAt
        }
    }

    /// Which user a caller is.
    package enum Match: Sendable, Equatable {
        case none
        case user(Int)
        case ambiguous
    }

    /// What a snapshot knows of a caller before it knows the path.
    package struct Standing: Sendable, Equatable {
        package var isIgnored: Bool
        package var match: Match
        /// Of the user that the caller is; there are none for anybody else.
        var facts: UserFacts?

        package init(isIgnored: Bool, match: Match, facts: UserFacts? = nil) {
            self.isIgnored = isIgnored
            self.match = match
            self.facts = facts
        }
    }

    package let version: UInt64
    package let settings: Settings
    /// By place; the place of one that was deleted is not in the cover and in no name.
    package let dataSources: [DataSource]
    package let cover: Cover
    /// The version at which covered directories or ignored users last changed.
    package let coverChangedAt: UInt64
    package let ignoredUsers: IgnoredUsers
    let dataSourceFacts: [DataSourceFacts]
    let users: UserTable
    let vocabulary: Vocabulary
    let tags: TagTable
    let globalPolicies: CompiledGlobalPolicies
    let projects: [String: CompiledProject]
    /// By the ids of users; those who have none are not in it.
    let states: TreeDictionary<UInt32, UserState>
    let placesByName: [String: Int]
    let freePlaces: [Int]

    init(_ parts: SnapshotParts) {
        version = parts.version
        settings = parts.settings
        dataSources = parts.dataSources
        dataSourceFacts = parts.dataSourceFacts
        cover = parts.cover
        coverChangedAt = parts.coverChangedAt
        ignoredUsers = parts.ignoredUsers
        users = parts.users
        vocabulary = parts.vocabulary
        tags = parts.tags
        globalPolicies = parts.globalPolicies
        projects = parts.projects
        states = parts.states
        placesByName = parts.placesByName
        freePlaces = parts.freePlaces
    }

    package var userCount: Int { users.count }
    package var dataSourceCount: Int { placesByName.count }

    package func userName(_ user: Int) -> String { String(decoding: users.name(user), as: UTF8.self) }
    package func userNameBytes(_ user: Int) -> ArraySlice<UInt8> { users.name(user) }
    package func user(named name: String) -> Int? { users.index(named: name) }
    package func dataSource(named name: String) -> Int? { placesByName[name] }

    /// The places of all users.
    package var allUsers: some Sequence<Int> { users.indices.lazy.filter { self.users.isLive($0) } }
    /// The places of all data sources.
    package var allDataSources: some Sequence<Int> { placesByName.values }

    /// What decisions need of a user at every question.
    package func facts(of user: Int) -> UserFacts {
        var facts = users.facts(user)
        if let name = states[facts.id]?.project, let project = projects[name] {
            facts.changedAt = max(facts.changedAt, project.changedAt)
        }
        return facts
    }

    /// The names of the users who claim a principal or a short name, in the forms in which callers are compared.
    package func users(claiming claim: IdentityClaim) -> [String] {
        switch claim {
        case .principal(let key): users.names(claiming: .principal, key)
        case .shortName(let key): users.names(claiming: .shortName, key)
        }
    }

    /// Whether a read with this reason is refused.
    package func refuses(_ reason: Reason) -> Bool {
        switch reason {
        case .badPath, .ambiguousPrincipal, .disabledUser, .rawTableRead, .notSubscribed, .outsideProject, .purpose,
            .policy, .unavailable, .auditUnavailable, .leavesCover, .badPrincipal:
            true
        case .unmappedUser: settings.unmapped == .deny
        case .notProtected, .ignoredUser, .dataOwner, .grant, .subscribed, .subscribedUncrawled, .notInCatalogue,
            .superuser:
            false
        }
    }

    /// What this snapshot knows of a caller: rules 3, 4 and 5 without the path.
    package func standing(of caller: Caller) -> Standing {
        let isIgnored = ignoredUsers.contains(caller)
        var match = caller.key.map { users.match(principalKey: $0) } ?? .none
        if match == .none { match = users.match(shortNameKey: caller.shortNameKey) }
        guard case .user(let user) = match else { return Standing(isIgnored: isIgnored, match: match) }
        return Standing(isIgnored: isIgnored, match: match, facts: facts(of: user))
    }
}

/// Principals and short names for which HDFS's own permissions decide.
package struct IgnoredUsers: Sendable {
    /// As they were given, and as they are compared, in a stable order: for those who have to know them while the
    /// service is down.
    package let names: [String]
    private let keys: Set<String>
    private let shortNames: Set<String>
    /// The short names of ignored principals: what callers without a realm are compared with.
    private let principalsShortNames: Set<String>

    init(_ given: [String], identity: some IdentityRules) {
        var keys: Set<String> = []
        var shortNames: Set<String> = []
        var principalsShortNames: Set<String> = []
        for name in given {
            if name.contains("@") || name.contains("/") {
                if let principal = try? identity.configuredPrincipal(name) {
                    keys.insert(principal.key)
                    principalsShortNames.insert(principal.shortNameKey)
                }
            } else {
                shortNames.insert(identity.shortNameKey(name))
            }
        }
        names = Set(given).union(keys).union(shortNames).sorted()
        self.keys = keys
        self.shortNames = shortNames
        self.principalsShortNames = principalsShortNames
    }

    func contains(_ caller: Caller) -> Bool {
        shortNames.contains(caller.shortNameKey)
            || caller.key.map(keys.contains) ?? principalsShortNames.contains(caller.shortNameKey)
    }
}

/// The choices of an installation that change decisions.
package struct Settings: Sendable, Equatable {
    /// What rule 4 says of a principal that maps to no user.
    package enum Unmapped: String, Sendable, CaseIterable { case native, deny }

    /// What `allow` means.
    package enum Allow: String, Sendable, CaseIterable {
        /// The read goes through although HDFS's own permissions would refuse it.
        case override
        /// HDFS's own permissions must allow the read too.
        case intersect
    }

    /// What rule 11 goes by.
    package enum Catalogue: String, Sendable, CaseIterable {
        /// Only files that the last crawl found readable by the data source's credential count.
        case required
        /// Every covered file counts as one that the data source's credential can read.
        case none
    }

    package var unmapped: Unmapped
    package var allow: Allow
    package var catalogue: Catalogue
    /// Whom a denied reader should ask, where the data source names nobody.
    package var contact: String

    package init(
        unmapped: Unmapped = .native, allow: Allow = .override, catalogue: Catalogue = .required, contact: String = ""
    ) {
        self.unmapped = unmapped
        self.allow = allow
        self.catalogue = catalogue
        self.contact = contact
    }
}
