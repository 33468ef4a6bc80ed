/// Everything administrators have said: the value that policy files describe, the store keeps and decisions are
/// made from. Objects are named; names are unique per kind of object.
package struct PolicySet: Sendable, Equatable {
    package var groups: [Group]
    package var attributes: [AttributeDefinition]
    package var purposes: [Purpose]
    package var tags: [TagDefinition]
    package var users: [User]
    /// Principals or short names for whom HDFS's own permissions always decide.
    package var ignoredUsers: [String]
    package var dataSources: [DataSource]
    package var projects: [Project]
    package var globalPolicies: [GlobalPolicy]

    package init(
        groups: [Group] = [], attributes: [AttributeDefinition] = [], purposes: [Purpose] = [],
        tags: [TagDefinition] = [],
        users: [User] = [], ignoredUsers: [String] = [], dataSources: [DataSource] = [], projects: [Project] = [],
        globalPolicies: [GlobalPolicy] = []
    ) {
        self.groups = groups
        self.attributes = attributes
        self.purposes = purposes
        self.tags = tags
        self.users = users
        self.ignoredUsers = ignoredUsers
        self.dataSources = dataSources
        self.projects = projects
        self.globalPolicies = globalPolicies
    }
}

/// A group that users can be in and that subscriptions can name.
package struct Group: Sendable, Hashable, Codable {
    package var name: String
    package var about: String?

    package init(name: String, about: String? = nil) {
        self.name = name
        self.about = about
    }
}

/// An attribute that users can carry and that conditions can ask for.
package struct AttributeDefinition: Sendable, Hashable, Codable {
    package var name: String
    package var about: String?

    package init(name: String, about: String? = nil) {
        self.name = name
        self.about = about
    }
}

/// A user profile.
package struct User: Sendable, Hashable, Codable {
    package var name: String
    /// The HDFS principal that an administrator set for this user. Without a realm it is one of the default realm.
    package var principal: String?
    package var groups: Set<String>
    package var attributes: [String: Set<String>]
    package var enabled: Bool
    /// Until then the user is denied as if disabled.
    package var suspendedUntil: Instant?

    package init(
        name: String, principal: String? = nil, groups: Set<String> = [], attributes: [String: Set<String>] = [:],
        enabled: Bool = true, suspendedUntil: Instant? = nil
    ) {
        self.name = name
        self.principal = principal
        self.groups = groups
        self.attributes = attributes
        self.enabled = enabled
        self.suspendedUntil = suspendedUntil
    }
}

/// Something registered with the policy store that protects HDFS directories.
package struct DataSource: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// Raw files, controlled file by file.
        case files
        /// A table whose rows and columns are controlled; its raw files are read under a grant only.
        case table
    }

    /// The Kerberos identity that the data source was created with. The keytab is named, never stored.
    package struct Credential: Sendable, Hashable, Codable {
        package var principal: String
        package var keytab: String?

        package init(principal: String, keytab: String? = nil) {
            self.principal = principal
            self.keytab = keytab
        }
    }

    /// An owner's word that a global policy shall not be applied.
    package struct Exception: Sendable, Hashable, Codable {
        package var policy: String
        package var because: String

        package init(policy: String, because: String) {
            self.policy = policy
            self.because = because
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
    /// Who reads acts under one of these; none is demanded if there are none.
    package var purposes: Set<String>
    package var exceptions: [Exception]
    package var fileRules: [FileRule]
    /// Empty if they are not declared.
    package var columns: [TableColumn]
    /// How its files are read; `nil` if it is not declared.
    package var format: TableFormat?
    package var rowFilters: [RowFilter]
    package var masks: [Mask]

    package init(
        name: String, kind: Kind, directories: [String], credential: Credential? = nil, tags: Set<String> = [],
        contact: String? = nil, sharesDirectories: Bool = false, subscription: Subscription,
        purposes: Set<String> = [], exceptions: [Exception] = [], fileRules: [FileRule] = [],
        columns: [TableColumn] = [], format: TableFormat? = nil, rowFilters: [RowFilter] = [], masks: [Mask] = []
    ) {
        self.name = name
        self.kind = kind
        self.directories = directories
        self.credential = credential
        self.tags = tags
        self.contact = contact
        self.sharesDirectories = sharesDirectories
        self.subscription = subscription
        self.purposes = purposes
        self.exceptions = exceptions
        self.fileRules = fileRules
        self.columns = columns
        self.format = format
        self.rowFilters = rowFilters
        self.masks = masks
    }
}
