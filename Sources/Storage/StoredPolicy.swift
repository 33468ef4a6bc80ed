import Policy

/// An object as the store holds it.
package struct Stored<Value: Sendable & Equatable>: Sendable, Equatable {
    /// Stays the same as long as the object exists, and is never given to another one of its kind.
    package var id: Int64
    /// The policy version at which any field of the object last changed.
    package var changedAt: UInt64
    package var value: Value

    package init(id: Int64, changedAt: UInt64, value: Value) {
        self.id = id
        self.changedAt = changedAt
        self.value = value
    }
}

/// All that the store holds at one version, every kind of object in ascending order of names.
package struct StoredPolicy: Sendable, Equatable {
    /// Counts the changes so far: 0 for a store that nothing was ever applied to.
    package var version: UInt64
    package var groups: [Group]
    package var attributes: [AttributeDefinition]
    package var users: [Stored<User>]
    package var ignoredUsers: [String]
    package var dataSources: [Stored<DataSource>]

    package init(
        version: UInt64 = 0, groups: [Group] = [], attributes: [AttributeDefinition] = [],
        users: [Stored<User>] = [], ignoredUsers: [String] = [], dataSources: [Stored<DataSource>] = []
    ) {
        self.version = version
        self.groups = groups
        self.attributes = attributes
        self.users = users
        self.ignoredUsers = ignoredUsers
        self.dataSources = dataSources
    }

    /// The policies without what the store adds to them.
    package var policySet: PolicySet {
        PolicySet(
            groups: groups, attributes: attributes, users: users.map(\.value), ignoredUsers: ignoredUsers,
            dataSources: dataSources.map(\.value))
    }
}

/// What came of applying policies.
package struct AppliedChange: Sendable, Equatable {
    /// The version that the store is at now: a new one unless the change is empty.
    package var version: UInt64
    package var change: PolicyChange
}

/// A line of the store's history.
package struct PolicyVersion: Sendable, Equatable, Codable {
    package var version: UInt64
    /// When the version was made, in milliseconds since 1970-01-01 UTC.
    package var timeMilliseconds: Int64
    /// Who made it.
    package var actor: String
    /// How many objects it created, changed and deleted, in words.
    package var summary: String
}
