/// The policies that others are put on top of, looked up object by object, so that a small change of many policies costs
/// what the change costs.
package protocol PolicyBase {
    func item(_ key: PolicyName) throws -> PolicyItem?
    func exists(_ key: PolicyName) throws -> Bool
    /// The names of all objects of a kind, in ascending order.
    func names(of kind: ObjectKind) throws -> [String]
    /// How many objects of a kind there are.
    func count(of kind: ObjectKind) throws -> Int
    /// Objects that name an object.
    ///
    /// - Parameter limit: how many are told at most.
    func objects(naming key: PolicyName, limit: Int) throws -> [PolicyName]
    /// The names of the data sources that have a directory, or have a directory at all in common with a path: those that
    /// name exactly this one.
    func dataSources(at directory: String) throws -> [String]
    /// The names of the data sources that have any tag.
    func taggedDataSources() throws -> [String]
    /// The names of the users whose principal, or whose short name, is this one.
    func users(claiming claim: IdentityClaim) throws -> [String]
}

/// What no two users may claim.
package enum IdentityClaim: Sendable, Hashable {
    /// A principal in the agreed form of ``ClaimedIdentity/principalKey``.
    case principal(String)
    case shortName(String)
}

/// Policies that are all in memory.
struct PolicySetBase: PolicyBase {
    private let items: [PolicyName: PolicyItem]
    private let identify: (String) throws -> ClaimedIdentity

    init(_ policies: PolicySet, identify: @escaping (String) throws -> ClaimedIdentity) {
        items = Dictionary(policies.items.map { (PolicyName(kind: $0.kind, name: $0.name), $0) }) { _, last in last }
        self.identify = identify
    }

    func item(_ key: PolicyName) -> PolicyItem? { items[key] }

    func exists(_ key: PolicyName) -> Bool { items[key] != nil }

    func names(of kind: ObjectKind) -> [String] {
        items.keys.filter { $0.kind == kind }.map { ExactText($0.name) }.sorted().map(\.text)
    }

    func count(of kind: ObjectKind) -> Int { items.keys.count { $0.kind == kind } }

    func objects(naming key: PolicyName, limit: Int) -> [PolicyName] {
        let naming = items.filter { $0.value.mentions.contains(key) }.keys
        let ranks = Dictionary(uniqueKeysWithValues: zip(ObjectKind.allCases, 0...))
        return Array(naming.sorted { (ranks[$0.kind]!, $0.name) < (ranks[$1.kind]!, $1.name) }.prefix(limit))
    }

    func dataSources(at directory: String) -> [String] {
        dataSources { $0.directories.contains { ExactText($0) == ExactText(directory) } }
    }

    func taggedDataSources() -> [String] { dataSources { !$0.tags.isEmpty } }

    private func dataSources(_ isMeant: (DataSource) -> Bool) -> [String] {
        items.values.compactMap { item in
            guard case .dataSource(let source) = item, isMeant(source) else { return nil }
            return source.name
        }.sorted()
    }

    func users(claiming claim: IdentityClaim) -> [String] {
        items.values.compactMap { item in
            guard case .user(let user) = item else { return nil }
            return (try? user.claims(identify))?.contains(claim) == true ? user.name : nil
        }.sorted()
    }
}

extension User {
    /// A user without a principal claims the short name that is the user's name.
    func claims(_ identify: (String) throws -> ClaimedIdentity) throws -> [IdentityClaim] {
        guard let principal else { return [.shortName(name)] }
        let identity = try identify(principal)
        return [.principal(identity.principalKey)] + (identity.shortName.map { [.shortName($0)] } ?? [])
    }
}

extension PolicySet {
    var items: [PolicyItem] {
        let people =
            groups.map(PolicyItem.group) + attributes.map(PolicyItem.attribute) + purposes.map(PolicyItem.purpose)
            + tags.map(PolicyItem.tag) + users.map(PolicyItem.user) + ignoredUsers.map(PolicyItem.ignoredUser)
        return people + dataSources.map(PolicyItem.dataSource) + projects.map(PolicyItem.project)
            + globalPolicies.map(PolicyItem.globalPolicy)
    }

    /// Every kind of object in ascending order of names.
    package init(_ items: some Sequence<PolicyItem>) {
        self.init()
        for item in items {
            switch item {
            case .group(let object): groups.append(object)
            case .attribute(let object): attributes.append(object)
            case .purpose(let object): purposes.append(object)
            case .tag(let object): tags.append(object)
            case .user(let object): users.append(object)
            case .ignoredUser(let name): ignoredUsers.append(name)
            case .dataSource(let object): dataSources.append(object)
            case .project(let object): projects.append(object)
            case .globalPolicy(let object): globalPolicies.append(object)
            }
        }
        groups.sort { $0.name < $1.name }
        attributes.sort { $0.name < $1.name }
        purposes.sort { $0.name < $1.name }
        tags.sort { $0.name < $1.name }
        users.sort { $0.name < $1.name }
        ignoredUsers = ignoredUsers.map(ExactText.init).sorted().map(\.text)
        dataSources.sort { $0.name < $1.name }
        projects.sort { $0.name < $1.name }
        globalPolicies.sort { $0.name < $1.name }
    }
}
