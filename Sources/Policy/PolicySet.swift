/// Everything administrators have said: the value that policy files describe, the store keeps and decisions are
/// made from. Objects are named; names are unique per kind of object.
package struct PolicySet: Sendable, Equatable {
    package var groups: [Group]
    package var attributes: [AttributeDefinition]
    package var users: [User]
    /// Principals or short names for whom HDFS's own permissions always decide.
    package var ignoredUsers: [String]
    package var dataSources: [DataSource]

    package init(
        groups: [Group] = [], attributes: [AttributeDefinition] = [], users: [User] = [],
        ignoredUsers: [String] = [], dataSources: [DataSource] = []
    ) {
        self.groups = groups
        self.attributes = attributes
        self.users = users
        self.ignoredUsers = ignoredUsers
        self.dataSources = dataSources
    }
}

/// A group that users can be in and that subscriptions can name.
package struct Group: Sendable, Hashable {
    package var name: String
    package var about: String?

    package init(name: String, about: String? = nil) {
        self.name = name
        self.about = about
    }
}

/// An attribute that users can carry and that conditions can ask for.
package struct AttributeDefinition: Sendable, Hashable {
    package var name: String
    package var about: String?

    package init(name: String, about: String? = nil) {
        self.name = name
        self.about = about
    }
}

/// A user profile.
package struct User: Sendable, Hashable {
    package var name: String
    /// The HDFS principal that an administrator set for this user. Without a realm it is one of the default realm.
    package var principal: String?
    package var groups: Set<String>
    package var attributes: [String: Set<String>]
    package var enabled: Bool

    package init(
        name: String, principal: String? = nil, groups: Set<String> = [], attributes: [String: Set<String>] = [:],
        enabled: Bool = true
    ) {
        self.name = name
        self.principal = principal
        self.groups = groups
        self.attributes = attributes
        self.enabled = enabled
    }
}

/// Something registered with the policy store that protects HDFS directories.
package struct DataSource: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Raw files, controlled file by file.
        case files
        /// A table whose rows and columns are controlled; its raw files are read under a grant only.
        case table
    }

    /// The Kerberos identity that the data source was created with. The keytab is named, never stored.
    package struct Credential: Sendable, Hashable {
        package var principal: String
        package var keytab: String?

        package init(principal: String, keytab: String? = nil) {
            self.principal = principal
            self.keytab = keytab
        }
    }

    package var name: String
    package var kind: Kind
    /// Canonical absolute HDFS paths; each covers itself and everything below it.
    package var directories: [String]
    package var credential: Credential?
    package var tags: Set<String>
    /// Whom a denied reader should ask.
    package var contact: String?
    /// Whether another data source that says the same may cover the same directory (then all of them must allow).
    package var sharesDirectories: Bool
    package var subscription: Subscription

    package init(
        name: String, kind: Kind, directories: [String], credential: Credential? = nil, tags: Set<String> = [],
        contact: String? = nil, sharesDirectories: Bool = false, subscription: Subscription
    ) {
        self.name = name
        self.kind = kind
        self.directories = directories
        self.credential = credential
        self.tags = tags
        self.contact = contact
        self.sharesDirectories = sharesDirectories
        self.subscription = subscription
    }
}

/// Who is subscribed to a data source.
package enum Subscription: Sendable, Hashable {
    case anyone
    case individuals(users: Set<String>, groups: Set<String>)
    case condition(Condition)
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
