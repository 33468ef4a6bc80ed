import Decision
import Policy

/// A return to the policies of an earlier version, as a new version.
package struct PolicyRollback: Sendable, Codable {
    package var version: UInt64
    package var dryRun: Bool
    /// The version that the policies have to be at; `nil` for any.
    package var expectVersion: UInt64?

    package init(version: UInt64, dryRun: Bool, expectVersion: UInt64? = nil) {
        self.version = version
        self.dryRun = dryRun
        self.expectVersion = expectVersion
    }
}

package struct ExplainRequest: Sendable, Codable {
    package var principal: String
    package var dataSource: String

    package init(principal: String, dataSource: String) {
        self.principal = principal
        self.dataSource = dataSource
    }
}

/// What the policies say of a principal at a data source.
package struct ExplainResult: Sendable, Codable {
    package var principal: String
    package var user: String?
    package var dataSource: String
    /// What a read of a file is answered, as far as it does not depend on the file.
    package var decision: String
    package var reason: String
    /// What the rules before rule 10 say, where one of them decides.
    package var words: String?
    /// Rule 10, policy by policy; absent where the principal is no user.
    package var resolution: Resolution?
    package var policyVersion: UInt64

    package init(
        principal: String, user: String?, dataSource: String, decision: Verdict, reason: Reason, words: String?,
        resolution: Resolution?, policyVersion: UInt64
    ) {
        self.principal = principal
        self.user = user
        self.dataSource = dataSource
        self.decision = decision.word
        self.reason = reason.word
        self.words = words
        self.resolution = resolution
        self.policyVersion = policyVersion
    }
}

package struct WhoCanReadRequest: Sendable, Codable {
    package var path: String
    /// Most users listed.
    package var limit: Int

    package init(path: String, limit: Int) {
        self.path = path
        self.limit = limit
    }
}

/// The users who may read a file.
package struct WhoCanReadResult: Sendable, Codable {
    package struct Reader: Sendable, Codable {
        package var user: String
        package var decision: String
        package var reason: String
        package var words: String

        package init(user: String, decision: String, reason: String, words: String) {
            self.user = user
            self.decision = decision
            self.reason = reason
            self.words = words
        }
    }

    package var path: String
    package var dataSources: [String]
    package var policyVersion: UInt64
    /// Users who are allowed, or for whom HDFS's own permissions decide, by name; as many as were asked for.
    package var readers: [Reader]
    /// How many there are in all.
    package var count: Int
    /// Who may read besides users.
    package var notes: [String]

    package init(
        path: String, dataSources: [String], policyVersion: UInt64, readers: [Reader], count: Int, notes: [String]
    ) {
        self.path = path
        self.dataSources = dataSources
        self.policyVersion = policyVersion
        self.readers = readers
        self.count = count
        self.notes = notes
    }
}

/// What a user says of itself, or an approver or administrator of a user.
package enum StateRequest: Sendable, Codable {
    /// In all of them, `user` is the user for whom an administrator speaks; `nil` for the asker itself.
    case switchProject(user: String?, project: String?)
    case acknowledge(user: String?, project: String, purpose: String, withdraw: Bool)
    case request(user: String?, dataSource: String, because: String?)
    case withdraw(user: String?, dataSource: String)
    case approve(user: String, dataSource: String, span: String?, until: String?)
    case deny(user: String, dataSource: String, because: String?)
    case revoke(user: String, dataSource: String)

    /// The words of the command line.
    package var words: String {
        switch self {
        case .switchProject: "project switch"
        case .acknowledge: "project acknowledge"
        case .request: "subscription request"
        case .withdraw: "subscription withdraw"
        case .approve: "subscription approve"
        case .deny: "subscription deny"
        case .revoke: "subscription revoke"
        }
    }
}

/// What came of a ``StateRequest``.
package struct StateChanged: Sendable, Codable {
    /// The policy version in force.
    package var version: UInt64
    /// What was done, or that nothing was.
    package var words: String
    /// The audit record of the change could not be written; the change is in force all the same.
    package var notAudited: String?

    package init(version: UInt64, words: String) {
        self.version = version
        self.words = words
    }
}

/// A project as one of its members sees it.
package struct ProjectLine: Sendable, Codable {
    package struct PurposeLine: Sendable, Codable {
        package var name: String
        package var isAcknowledged: Bool

        package init(name: String, isAcknowledged: Bool) {
            self.name = name
            self.isAcknowledged = isAcknowledged
        }
    }

    package var name: String
    package var about: String?
    package var dataSources: [String]
    package var purposes: [PurposeLine]
    package var isCurrent: Bool
    /// Whether the user is a member now.
    package var isMember: Bool

    package init(
        name: String, about: String?, dataSources: [String], purposes: [PurposeLine], isCurrent: Bool, isMember: Bool
    ) {
        self.name = name
        self.about = about
        self.dataSources = dataSources
        self.purposes = purposes
        self.isCurrent = isCurrent
        self.isMember = isMember
    }
}
