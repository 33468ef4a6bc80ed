import Policy

/// A data source as it is given to be compiled.
package struct DataSourceInput: Sendable {
    package var id: UInt32
    package var changedAt: UInt64
    package var definition: DataSource
    /// The users of its roster by their ids; `nil` where the definition names them.
    package var subscribedUsers: [(id: UInt32, until: Instant)]?

    package init(
        id: UInt32, changedAt: UInt64, definition: DataSource, subscribedUsers: [(id: UInt32, until: Instant)]? = nil
    ) {
        self.id = id
        self.changedAt = changedAt
        self.definition = definition
        self.subscribedUsers = subscribedUsers
    }
}

/// The objects of which there are few, as they are given to be compiled, each with the version at which it last changed.
package struct DocumentsInput: Sendable {
    package var tags: [TagDefinition]
    package var projects: [(changedAt: UInt64, definition: Project)]
    package var globalPolicies: [GlobalPolicy]
    package var ignoredUsers: [String]

    package init(
        tags: [TagDefinition] = [], projects: [(changedAt: UInt64, definition: Project)] = [],
        globalPolicies: [GlobalPolicy] = [], ignoredUsers: [String] = []
    ) {
        self.tags = tags
        self.projects = projects
        self.globalPolicies = globalPolicies
        self.ignoredUsers = ignoredUsers
    }
}

extension Snapshot {
    /// All policies at once, by name: for small sets of them.
    package convenience init(
        version: UInt64, settings: Settings, users: [(id: UInt32, changedAt: UInt64, profile: User)],
        dataSources: [(id: UInt32, changedAt: UInt64, definition: Policy.DataSource)],
        documents: DocumentsInput = DocumentsInput(), ignoredUsers: [String] = [], states: [UInt32: UserState] = [:],
        identity: some IdentityRules
    ) {
        var documents = documents
        documents.ignoredUsers += ignoredUsers
        var parts = SnapshotParts(version: version, settings: settings, identity: identity)
        parts.setUsers { take in users.forEach(take) }
        parts.setStates(states)
        parts.setPolicies(documents)
        for source in dataSources {
            parts.put(DataSourceInput(id: source.id, changedAt: source.changedAt, definition: source.definition))
        }
        parts.setProjects(documents)
        parts.finish()
        self.init(parts)
    }
}
