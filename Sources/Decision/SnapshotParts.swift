import HashTreeCollections
import Policy

/// What a snapshot is made of, while it is made. A copy of a snapshot's parts shares what is not changed.
package struct SnapshotParts: Sendable {
    var version: UInt64
    let settings: Settings
    private let identity: any IdentityRules
    var users = UserTable()
    var vocabulary = Vocabulary()
    private(set) var dataSources: [Snapshot.DataSource] = []
    private(set) var dataSourceFacts: [Snapshot.DataSourceFacts] = []
    var placesByName: [String: Int] = [:]
    var freePlaces: [Int] = []
    var tags = TagTable([])
    var globalPolicies = CompiledGlobalPolicies(table: GlobalPolicies([], tags: []), terms: [])
    var projects: [String: CompiledProject] = [:]
    var states = TreeDictionary<UInt32, UserState>()
    var ignoredUsers: IgnoredUsers
    private(set) var cover = Cover(directories: [])
    private(set) var coverChangedAt: UInt64 = 0
    private var coverIsOld = true

    /// Nothing yet.
    package init(version: UInt64, settings: Settings, identity: some IdentityRules) {
        self.version = version
        self.settings = settings
        self.identity = identity
        ignoredUsers = IgnoredUsers([], identity: identity)
    }

    /// What a snapshot is made of, to be changed into that of a later version.
    package init(of snapshot: Snapshot, version: UInt64, identity: some IdentityRules) {
        self.version = version
        self.identity = identity
        settings = snapshot.settings
        users = snapshot.users
        vocabulary = snapshot.vocabulary
        dataSources = snapshot.dataSources
        dataSourceFacts = snapshot.dataSourceFacts
        placesByName = snapshot.placesByName
        freePlaces = snapshot.freePlaces
        tags = snapshot.tags
        globalPolicies = snapshot.globalPolicies
        projects = snapshot.projects
        states = snapshot.states
        ignoredUsers = snapshot.ignoredUsers
        cover = snapshot.cover
        coverChangedAt = snapshot.coverChangedAt
        coverIsOld = false
    }

    package mutating func snapshot() -> Snapshot {
        finish()
        return Snapshot(self)
    }

    /// Makes what is made of everything else.
    mutating func finish() {
        guard coverIsOld else { return }
        // In the order of names: where several cover one directory, the first of them is named first.
        let order = placesByName.values.sorted {
            dataSources[$0].nameBytes.lexicographicallyPrecedes(dataSources[$1].nameBytes)
        }
        var directories = [[String]](repeating: [], count: dataSources.count)
        for place in order { directories[place] = dataSources[place].definition.directories }
        cover = Cover(directories: directories, inOrder: order)
        coverChangedAt = version
        coverIsOld = false
    }

    // MARK: Users

    /// Many users at once, where there are none yet.
    ///
    /// - Parameter body: hands over one user after the other, with the id and version of the store.
    package mutating func setUsers(
        _ body: ((_ id: UInt32, _ changedAt: UInt64, _ profile: User) -> Void) throws -> Void
    ) rethrows {
        var vocabulary = vocabulary
        var builder = UserTable.Builder()
        try body { builder.append(Self.entry($0, $1, $2, identity, &vocabulary)) }
        users = builder.table()
        self.vocabulary = vocabulary
    }

    package mutating func put(user profile: User, id: UInt32, changedAt: UInt64) {
        users.put(Self.entry(id, changedAt, profile, identity, &vocabulary))
    }

    package mutating func remove(user name: String) {
        if let place = users.index(named: name) { states[users.facts(place).id] = nil }
        users.remove(named: name)
    }

    private static func entry(
        _ id: UInt32, _ changedAt: UInt64, _ profile: User, _ identity: any IdentityRules,
        _ vocabulary: inout Vocabulary
    ) -> UserEntry {
        // A principal that the rules make nothing of matches nobody.
        let claimed = profile.principal.map { try? identity.configuredPrincipal($0) }
        let shortName = claimed.map { $0?.shortNameKey } ?? identity.shortNameKey(profile.name)
        return UserEntry(
            id: id, changedAt: changedAt, isEnabled: profile.enabled,
            suspendedUntil: profile.suspendedUntil?.milliseconds ?? 0, name: Array(profile.name.utf8),
            principalKey: (claimed ?? nil).map { Array($0.key.utf8) }, shortNameKey: shortName.map { Array($0.utf8) },
            groups: profile.groups.map { vocabulary.group($0) }.sorted(),
            attributes: profile.attributes.flatMap { name, values in values.map { vocabulary.attribute(name, $0) } }
                .sorted())
    }

    /// What a user has said or been given by commands. The user counts as changed at this version.
    package mutating func put(state: UserState, of user: String) {
        guard let place = users.index(named: user) else { return }
        states[users.facts(place).id] = state == UserState() ? nil : state
        users.touch(place, at: version)
    }

    /// The states of all users, by their ids. Users whose state is another one count as changed at this version.
    package mutating func setStates(_ all: [UInt32: UserState]) {
        let old = states
        states = TreeDictionary(uniqueKeysWithValues: all.map { ($0, $1) })
        guard !old.isEmpty else { return }
        for place in users.indices where users.isLive(place) {
            let id = users.facts(place).id
            if old[id] != states[id] { users.touch(place, at: version) }
        }
    }

    // MARK: Data sources

    package mutating func put(_ input: DataSourceInput) {
        let name = input.definition.name
        let compiled = compiled(input)
        if let place = placesByName[name] {
            let old = dataSources[place]
            coverIsOld =
                coverIsOld
                || !old.definition.directories.lazy.map(\.utf8.self).elementsEqual(
                    compiled.definition.directories.lazy.map(\.utf8.self), by: { $0.elementsEqual($1) })
            set(compiled, at: place)
            return
        }
        coverIsOld = true
        let place = freePlaces.popLast() ?? dataSources.count
        set(compiled, at: place)
        placesByName[name] = place
    }

    /// - Parameter place: taken, or the next one.
    private mutating func set(_ source: Snapshot.DataSource, at place: Int) {
        let facts = Snapshot.DataSourceFacts(source)
        if place == dataSources.count {
            dataSources.append(source)
            dataSourceFacts.append(facts)
        } else {
            dataSources[place] = source
            dataSourceFacts[place] = facts
        }
    }

    package mutating func remove(dataSource name: String) {
        guard let place = placesByName.removeValue(forKey: name) else { return }
        freePlaces.append(place)
        coverIsOld = true
    }

    private mutating func compiled(_ input: DataSourceInput) -> Snapshot.DataSource {
        var definition = input.definition
        let subscription: CompiledSubscription
        switch definition.subscription {
        case .anyone: subscription = .anyone
        case .approval(let terms): subscription = .approval(terms)
        case .condition(let condition): subscription = .condition(CompiledCondition(condition, &vocabulary))
        case .individuals(let roster):
            subscription = .individuals(compiled(roster, users: input.subscribedUsers))
            definition.subscription = .individuals(Roster())
        }
        let isAnyone = if case .anyone = subscription { definition.purposes.isEmpty } else { false }
        let own =
            isAnyone
            ? .nothing
            : Terms(
                name: nil, subscription: subscription,
                purposes: definition.purposes.sorted().map { vocabulary.purpose($0) })
        return dataSource(
            input.id, input.changedAt, definition, own,
            definition.credential.flatMap { try? identity.configuredPrincipal($0.principal) })
    }

    private mutating func compiled(
        _ roster: Roster, users ids: [(id: UInt32, until: Instant)]? = nil
    ) -> CompiledRoster {
        let named = roster.users.compactMap { name, until in
            users.index(named: name).map { (id: users.facts($0).id, until: until) }
        }
        return CompiledRoster(users: ids ?? named, groups: roster.groups, &vocabulary)
    }

    /// Puts what the tags bring to what the data source says itself.
    private mutating func dataSource(
        _ id: UInt32, _ changedAt: UInt64, _ definition: DataSource, _ own: Terms, _ owner: ConfiguredPrincipal?
    ) -> Snapshot.DataSource {
        let touching = globalPolicies.table.touching(tags: definition.tags)
        let excepted = Set(definition.exceptions.map(\.policy))
        let applied = touching.filter { !excepted.contains(globalPolicies.table.policies[$0].name) }
        var rules: [CompiledFileRule] = []
        if definition.kind == .files {
            let tags = definition.tags.isEmpty ? [] : self.tags.closure(definition.tags)
            for rule in definition.fileRules {
                rules.append(CompiledFileRule(rule, policy: nil, tags: tags, self.tags, &vocabulary))
            }
            for policy in applied.map({ globalPolicies.table.policies[$0] }) {
                for rule in policy.fileRules {
                    rules.append(CompiledFileRule(rule, policy: policy.name, tags: tags, self.tags, &vocabulary))
                }
            }
        }
        return Snapshot.DataSource(
            id: id, changedAt: changedAt, definition: definition, owner: owner,
            terms: [own] + applied.map { globalPolicies.terms[$0] }, touching: touching,
            fileRules: Array(rules.prefix(FileRule.mostPerDataSource)))
    }

    // MARK: Tags, projects, global policies

    /// Replaces ignored users, tags and global policies: after the users whom they name, before the data sources that they
    /// concern. Data sources that are there already are compiled anew where they have to be.
    package mutating func setPolicies(_ documents: DocumentsInput) {
        setIgnoredUsers(documents.ignoredUsers)
        let oldPolicies = globalPolicies
        let definitions = Dictionary(documents.tags.map { ($0.name, $0) }) { _, last in last }
        let tagsChange = definitions != tags.definitions
        tags = TagTable(documents.tags)
        let table = GlobalPolicies(documents.globalPolicies, tags: documents.tags)
        globalPolicies = CompiledGlobalPolicies(table: table, terms: table.policies.map { terms(of: $0, oldPolicies) })
        if tagsChange || table.policies != oldPolicies.table.policies { compileTagged(oldPolicies, tagsChange) }
    }

    private mutating func setIgnoredUsers(_ names: [String]) {
        let ignored = IgnoredUsers(names, identity: identity)
        if ignored.names != ignoredUsers.names { coverChangedAt = version }
        ignoredUsers = ignored
    }

    /// The terms of a global policy; those that it had, if it says the same.
    private mutating func terms(of policy: GlobalPolicy, _ old: CompiledGlobalPolicies) -> Terms {
        if let place = old.table.policies.firstIndex(of: policy) { return old.terms[place] }
        let subscription: CompiledSubscription? =
            switch policy.subscription {
            case nil: nil
            case .anyone: .anyone
            case .approval(let terms): .approval(terms)
            case .condition(let condition): .condition(CompiledCondition(condition, &vocabulary))
            case .individuals(let roster): .individuals(compiled(roster))
            }
        return Terms(
            name: policy.name, subscription: subscription,
            purposes: policy.purposes.sorted().map { vocabulary.purpose($0) })
    }

    private mutating func compileTagged(_ old: CompiledGlobalPolicies, _ tagsChange: Bool) {
        for place in placesByName.values {
            let source = dataSources[place]
            let looksAtTags = source.fileRules.contains {
                !$0.definition.withTags.isEmpty || !$0.definition.withoutTags.isEmpty
            }
            guard !source.definition.tags.isEmpty || !source.touching.isEmpty || (tagsChange && looksAtTags) else {
                continue
            }
            let made = dataSource(source.id, version, source.definition, source.terms[0], source.owner)
            let isSame =
                made.terms.elementsEqual(source.terms, by: ===) && !(tagsChange && looksAtTags)
                && made.touching.map { globalPolicies.table.policies[$0] }
                    == source.touching.map { old.table.policies[$0] }
            // The places of policies may have moved, so the new one is kept in any case.
            set(
                isSame
                    ? dataSource(source.id, source.changedAt, source.definition, source.terms[0], source.owner) : made,
                at: place)
        }
    }

    /// Replaces the projects: after the data sources that they hold.
    package mutating func setProjects(_ documents: DocumentsInput) {
        var compiled: [String: CompiledProject] = [:]
        for (changedAt, definition) in documents.projects {
            if let old = projects[definition.name], old.definition == definition, old.changedAt == changedAt {
                compiled[definition.name] = old
                continue
            }
            compiled[definition.name] = CompiledProject(
                definition: definition, changedAt: changedAt,
                dataSources: definition.dataSources.compactMap { placesByName[$0].map { dataSources[$0].id } },
                members: self.compiled(definition.members),
                purposes: definition.purposes.sorted().map { vocabulary.purpose($0) })
        }
        projects = compiled
    }
}
