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

/// A data source as the store holds it, those who are subscribed by name apart: there can be very many of them.
package struct StoredDataSource: Sendable {
    package var id: Int64
    package var changedAt: UInt64
    /// Without the users of its roster.
    package var definition: DataSource
    /// The ids of the users of its roster, ascending, each with its end.
    package var subscribedUsers: [(id: UInt32, until: Instant)]
}

/// The kinds of objects of which there are few, whole.
package struct StoredDocuments: Sendable, Equatable {
    package var purposes: [Stored<Purpose>] = []
    package var tags: [Stored<TagDefinition>] = []
    package var projects: [Stored<Project>] = []
    package var globalPolicies: [Stored<GlobalPolicy>] = []

    package init() {}
}

/// What came of applying policies.
package struct AppliedChange: Sendable, Equatable {
    /// The version that the store is at now: a new one unless the change is empty.
    package var version: UInt64
    package var change: PolicyChange
    /// What was changed, object by object, as it is now.
    package var edits: [PolicyEdit]
}

/// A line of the store's history.
package struct PolicyVersion: Sendable, Equatable, Codable {
    package var version: UInt64
    /// When the version was made, in milliseconds since 1970-01-01 UTC.
    package var timeMilliseconds: Int64
    /// Who made it.
    package var actor: String
    /// What was done, as a command or in words.
    package var what: String
    /// How many objects it created, changed and deleted, in words; empty for a change of state.
    package var summary: String
    /// The first objects that it changed, each with its sign.
    package var changes: [String]
}
