/// What administrators say, as `docs/policy.md` describes it, field by field.
package struct Policies: Equatable, Sendable {
    package var groups: [Text] = []
    package var attributes: [Text] = []
    package var purposes: [Purpose] = []
    package var tags: [Tag] = []
    package var users: [User] = []
    package var ignoredUsers: [Text] = []
    package var dataSources: [DataSource] = []
    package var projects: [Project] = []
    package var globalPolicies: [GlobalPolicy] = []

    package init() {}
}

/// Milliseconds since 1970-01-01T00:00:00Z.
package typealias Instant = Int64

/// Seconds.
package typealias TimeSpan = Int64

package struct Purpose: Equatable, Sendable {
    package var name: Text
    package var about: Text

    package init(_ name: Text, about: Text = "") { (self.name, self.about) = (name, about) }
}

package struct Tag: Equatable, Sendable {
    package var name: Text
    package var implies: [Text] = []
    package var components: [Text] = []

    package init(_ name: Text) { self.name = name }
}

package struct User: Equatable, Sendable {
    package var name: Text
    package var principal: Text?
    package var groups: [Text] = []
    package var attributes: [Text: [Text]] = [:]
    package var enabled = true
    package var suspendedUntil: Instant?

    package init(_ name: Text) { self.name = name }
}

package struct DataSource: Equatable, Sendable {
    package enum Kind: Sendable {
        case files
        case table
    }

    package var name: Text
    package var kind = Kind.files
    package var directories: [Text] = []
    /// The principal of the credential.
    package var credential: Text?
    package var tags: [Text] = []
    package var sharesDirectories = false
    package var subscription = Subscription.anyone
    package var purposes: [Text] = []
    /// Names of global policies that are not applied.
    package var exceptions: [Text] = []
    package var fileRules: [FileRule] = []

    package init(_ name: Text) { self.name = name }
}

package enum Subscription: Equatable, Sendable {
    case anyone
    case approval(approvers: Approvers, atMost: TimeSpan?)
    case condition(Condition)
    case named(Entries)
}

package struct Approvers: Equatable, Sendable {
    package var users: [Text] = []
    package var groups: [Text] = []

    package init() {}
}

/// Users and groups in a list, each perhaps with an end.
package struct Entries: Equatable, Sendable {
    package var users: [Entry] = []
    package var groups: [Entry] = []

    package init() {}
}

package struct Entry: Equatable, Sendable {
    package var name: Text
    package var until: Instant?

    package init(_ name: Text, until: Instant? = nil) { (self.name, self.until) = (name, until) }
}

package indirect enum Condition: Equatable, Sendable {
    case group(Text)
    case attribute(Text, Text)
    case all([Condition])
    case any([Condition])
    case not(Condition)
}

package struct Project: Equatable, Sendable {
    package var name: Text
    package var dataSources: [Text] = []
    package var members = Entries()
    package var purposes: [Text] = []

    package init(_ name: Text) { self.name = name }
}

package struct GlobalPolicy: Equatable, Sendable {
    package var name: Text
    package var tags: [Text] = []
    package var allowsExceptions = false
    package var subscription: Subscription?
    package var purposes: [Text] = []
    package var fileRules: [FileRule] = []

    package init(_ name: Text) { self.name = name }
}

package struct FileRule: Equatable, Sendable {
    package enum Date: Equatable, Sendable {
        case component(Text)
        case modificationTime
    }

    package var name: Text
    package var date: Date?
    package var youngerThan: TimeSpan?
    package var olderThan: TimeSpan?
    package var withTags: [Text] = []
    package var withoutTags: [Text] = []
    package var except: Except?

    package init(_ name: Text) { self.name = name }
}

package struct Except: Equatable, Sendable {
    package var users: [Text] = []
    package var groups: [Text] = []
    package var attributes: [Text: [Text]] = [:]
    package var purposes: [Text] = []

    package init() {}
}
