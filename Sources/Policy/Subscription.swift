/// Who is subscribed to a data source.
package enum Subscription: Sendable, Hashable, Codable {
    case anyone
    /// Who asks and is approved.
    case approval(ApprovalTerms)
    case condition(Condition)
    case individuals(Roster)

    /// Users and groups without an end.
    package static func individuals(users: Set<String>, groups: Set<String>) -> Subscription {
        .individuals(Roster(users: users, groups: groups))
    }
}

/// Users and groups by name, each with the instant from which it does not count any more.
package struct Roster: Sendable, Hashable, Codable {
    package var users: [String: Instant]
    package var groups: [String: Instant]

    package init(users: [String: Instant] = [:], groups: [String: Instant] = [:]) {
        self.users = users
        self.groups = groups
    }

    /// Users and groups without an end.
    package init(users: Set<String>, groups: Set<String> = []) {
        self.init(
            users: Dictionary(uniqueKeysWithValues: users.map { ($0, .never) }),
            groups: Dictionary(uniqueKeysWithValues: groups.map { ($0, .never) }))
    }

    package var isEmpty: Bool { users.isEmpty && groups.isEmpty }
}

/// Who may approve requests, and for how long.
package struct ApprovalTerms: Sendable, Hashable, Codable {
    package var users: Set<String>
    package var groups: Set<String>
    /// The longest that an approval may last; `nil` for no bound.
    package var atMost: TimeSpan?

    package init(users: Set<String> = [], groups: Set<String> = [], atMost: TimeSpan? = nil) {
        self.users = users
        self.groups = groups
        self.atMost = atMost
    }
}

/// A condition over a user's groups and attributes.
package indirect enum Condition: Sendable, Hashable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case group(String)
    /// The user carries the attribute with this value.
    case attribute(String, value: String)
}
