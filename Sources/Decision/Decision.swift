/// The outcome of a question.
package struct Decision: Sendable, Equatable {
    package var verdict: Verdict
    package var reason: Reason
    /// The policy version under which it was made: that of the cached entry where there was one.
    package var policyVersion: UInt64
    /// The index in the snapshot of the data source that decided, where one did.
    package var dataSource: Int?
    /// Whether the subscription came from the decision cache.
    package var wasCached = false
    /// Nanoseconds since the subscription was looked at; 0 if that was for this question.
    package var age: UInt64 = 0
    /// The number of the grant that allowed it, as `LiveGrant` has it.
    package var grant: UInt32?

    /// Whether an audit record is owed: every answer about a path that something covers.
    package var concernsCover: Bool { reason != .notProtected }
}

/// The rules of a read decision, numbered as in `docs/decisions.md`. The first that applies decides.
package enum Rule: Int, Sendable, CaseIterable {
    case canonicalPath = 1
    case cover
    case ignoredUser
    case unmappedUser
    case ambiguousPrincipal
    case disabledUser
    case dataOwner
    case grant
    case rawTable
    case subscription
    case catalogue
    case otherwise

    package var title: String {
        switch self {
        case .canonicalPath: "the path is canonical"
        case .cover: "a data source covers the path"
        case .ignoredUser: "ignored users"
        case .unmappedUser: "the principal maps to a user"
        case .ambiguousPrincipal: "to one user only"
        case .disabledUser: "the user is enabled"
        case .dataOwner: "the data source's own credential"
        case .grant: "a live grant"
        case .rawTable: "raw files of tables"
        case .subscription: "subscription, project, purpose, file rules"
        case .catalogue: "the catalogue"
        case .otherwise: "otherwise"
        }
    }
}

/// Where the rules say what they saw. The words are built only if somebody listens.
package protocol DecisionTrace {
    /// Whether what is noted goes anywhere.
    static var listens: Bool { get }
    mutating func note(_ rule: Rule, _ words: @autoclosure () -> String)
}

/// Nobody listens: the hot path.
package struct NoTrace: DecisionTrace {
    package static let listens = false
    package init() {}
    @inline(__always)
    package mutating func note(_ rule: Rule, _ words: @autoclosure () -> String) {}
}

/// Every rule that was looked at, in order, and what it said: for `authorizer check`.
package struct Explanation: DecisionTrace, Sendable {
    package static let listens = true

    package struct Step: Sendable, Equatable, Codable {
        package let rule: Int
        package let title: String
        package let words: String
    }

    package private(set) var steps: [Step] = []

    package init() {}

    package mutating func note(_ rule: Rule, _ words: @autoclosure () -> String) {
        steps.append(Step(rule: rule.rawValue, title: rule.title, words: words()))
    }
}
