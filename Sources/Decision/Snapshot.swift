import Policy

/// The policies of one version, compiled for deciding. Immutable; replaced as a whole when policies change.
package final class Snapshot: Sendable {
    /// A user as decisions see it.
    package struct User: Sendable {
        /// Of the store; never given to another user.
        package let id: UInt32
        /// The policy version at which this user last changed.
        package let changedAt: UInt64
        package let profile: Policy.User
        /// The name as audit records hold it.
        package let nameBytes: [UInt8]
    }

    /// A data source as decisions see it.
    package struct DataSource: Sendable {
        /// Of the store; never given to another data source.
        package let id: UInt32
        /// The policy version at which this data source last changed.
        package let changedAt: UInt64
        package let definition: Policy.DataSource
        package let owner: ConfiguredPrincipal?
        /// The name as audit records and answers hold it.
        package let nameBytes: [UInt8]
    }

    /// What nearly every decision needs of a user, without touching the rest.
    struct UserFacts: Sendable {
        var id: UInt32
        var isEnabled: Bool
        var changedAt: UInt64
    }

    /// What nearly every decision needs of a data source, without touching the rest.
    struct DataSourceFacts: Sendable {
        var id: UInt32
        var isTable: Bool
        var hasOwner: Bool
        var changedAt: UInt64
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

        package init(isIgnored: Bool, match: Match) {
            self.isIgnored = isIgnored
            self.match = match
        }
    }

    package let version: UInt64
    package let settings: Settings
    package let users: [User]
    package let dataSources: [DataSource]
    package let cover: Cover
    let userFacts: [UserFacts]
    let dataSourceFacts: [DataSourceFacts]
    /// The names of ignored users as they were given, and as they are compared, in a stable order: for those who have
    /// to know them while the service is down.
    package let ignoredUsers: [String]

    private let ignoredKeys: Set<String>
    private let ignoredShortNames: Set<String>
    /// The short names of ignored principals: what callers without a realm are compared with.
    private let ignoredPrincipalsShortNames: Set<String>
    private let userByKey: [String: Match]
    private let userByShortName: [String: Match]

    /// - Parameters:
    ///   - users, dataSources: with the ids and versions of the store.
    ///   - identity: a name that these rules make nothing of matches nobody.
    package init(
        version: UInt64, settings: Settings,
        users: [(id: UInt32, changedAt: UInt64, profile: Policy.User)],
        dataSources: [(id: UInt32, changedAt: UInt64, definition: Policy.DataSource)],
        ignoredUsers: [String],
        identity: some IdentityRules
    ) {
        self.version = version
        self.settings = settings
        self.users = users.map {
            User(id: $0.id, changedAt: $0.changedAt, profile: $0.profile, nameBytes: Array($0.profile.name.utf8))
        }
        self.dataSources = dataSources.map { source in
            DataSource(
                id: source.id, changedAt: source.changedAt, definition: source.definition,
                owner: source.definition.credential.flatMap { try? identity.configuredPrincipal($0.principal) },
                nameBytes: Array(source.definition.name.utf8))
        }
        userFacts = users.map { UserFacts(id: $0.id, isEnabled: $0.profile.enabled, changedAt: $0.changedAt) }
        dataSourceFacts = self.dataSources.map {
            DataSourceFacts(
                id: $0.id, isTable: $0.definition.kind == .table, hasOwner: $0.owner != nil, changedAt: $0.changedAt)
        }
        cover = Cover(directories: dataSources.map(\.definition.directories))

        var keys: Set<String> = []
        var shortNames: Set<String> = []
        var principalsShortNames: Set<String> = []
        for name in ignoredUsers {
            if name.contains("@") || name.contains("/") {
                if let principal = try? identity.configuredPrincipal(name) {
                    keys.insert(principal.key)
                    principalsShortNames.insert(principal.shortNameKey)
                }
            } else {
                shortNames.insert(identity.shortNameKey(name))
            }
        }
        self.ignoredUsers = Set(ignoredUsers).union(keys).union(shortNames).sorted()
        ignoredKeys = keys
        ignoredShortNames = shortNames
        ignoredPrincipalsShortNames = principalsShortNames

        var byKey: [String: Match] = [:]
        var byShortName: [String: Match] = [:]
        func claim(_ name: String, in map: inout [String: Match], for index: Int) {
            map[name] = map[name] == nil ? .user(index) : .ambiguous
        }
        for (index, user) in users.enumerated() {
            guard let principal = user.profile.principal else {
                claim(identity.shortNameKey(user.profile.name), in: &byShortName, for: index)
                continue
            }
            guard let claimed = try? identity.configuredPrincipal(principal) else { continue }
            claim(claimed.key, in: &byKey, for: index)
            claim(claimed.shortNameKey, in: &byShortName, for: index)
        }
        userByKey = byKey
        userByShortName = byShortName
    }

    /// Whether a read with this reason is refused.
    package func refuses(_ reason: Reason) -> Bool {
        switch reason {
        case .badPath, .ambiguousPrincipal, .disabledUser, .rawTableRead, .notSubscribed, .outsideProject, .purpose,
            .policy, .unavailable, .auditUnavailable, .leavesCover, .badPrincipal:
            true
        case .unmappedUser: settings.unmapped == .deny
        case .notProtected, .ignoredUser, .dataOwner, .grant, .subscribed, .subscribedUncrawled, .notInCatalogue: false
        }
    }

    /// What this snapshot knows of a caller: rules 3, 4 and 5 without the path.
    package func standing(of caller: Caller) -> Standing {
        let ignored =
            ignoredShortNames.contains(caller.shortNameKey)
            || caller.key.map(ignoredKeys.contains) ?? ignoredPrincipalsShortNames.contains(caller.shortNameKey)
        let byKey = caller.key.flatMap { userByKey[$0] }
        return Standing(isIgnored: ignored, match: byKey ?? userByShortName[caller.shortNameKey] ?? .none)
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
