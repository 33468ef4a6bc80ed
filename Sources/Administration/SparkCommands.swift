import Policy

/// What a Spark session asks and says. Every local user may, for itself.
package enum SparkCommand: Sendable, Codable {
    /// Answered by ``SparkPolicies``.
    case lookUp(SparkLookUp)
    /// Answered by a stream of items, one ``SparkInvalidation`` each, until the connection ends.
    case watch
    /// Answered by `true` once it is recorded.
    case report(SparkReport)

    /// The words for logs and audit records.
    package var words: String {
        switch self {
        case .lookUp: "spark look-up"
        case .watch: "spark watch"
        case .report: "spark report"
        }
    }
}

/// What a session is about to read, all relations of a query at once.
package struct SparkLookUp: Sendable, Codable {
    package struct Relation: Sendable, Codable {
        /// Directories or files as HDFS names them, without a scheme and a host.
        package var paths: [String]
        /// Spark's name of the format that it is read in, for the audit.
        package var format: String?
        /// What the session calls it, for the audit.
        package var table: String?

        package init(paths: [String], format: String? = nil, table: String? = nil) {
            self.paths = paths
            self.format = format
            self.table = table
        }
    }

    package static let mostRelations = 1_024
    package static let mostPaths = 1_024

    /// Who the session is for Hadoop. Has to be the user of the policies that the peer's uid is, unless the peer is a
    /// gateway; absent for that one.
    package var principal: String?
    /// The nameservice or authority that the paths are in; one service speaks for one.
    package var nameservice: String?
    package var relations: [Relation]
    /// The session's own word for the query, for the audit.
    package var query: String?

    package init(principal: String? = nil, nameservice: String? = nil, relations: [Relation], query: String? = nil) {
        self.principal = principal
        self.nameservice = nameservice
        self.relations = relations
        self.query = query
    }
}

/// The answer to ``SparkLookUp``. Holds salts: it is for the session alone, and goes into no log.
package struct SparkPolicies: Sendable, Codable {
    /// What becomes of one column, in rows for which `when` is not false.
    package struct Mask: Sendable, Codable {
        package enum Method: String, Sendable, Codable {
            case null, constant, hash, round, truncate, regex, expression
        }

        package var column: String
        /// Of the mask, with the global policy's name before it where it has one.
        package var policy: String
        package var method: Method
        /// Of `constant` the value; of `round` the step; of `truncate` the unit; of `regex` the pattern.
        package var value: String?
        /// Of `regex`.
        package var replacement: String?
        /// Of `hash`, in Base64.
        package var salt: String?
        /// Of `expression`.
        package var expression: ExpressionTree?
        package var when: ExpressionTree?

        package init(column: String, policy: String, method: Method) {
            self.column = column
            self.policy = policy
            self.method = method
        }
    }

    package struct Filter: Sendable, Codable {
        package var policy: String
        package var condition: ExpressionTree

        package init(policy: String, condition: ExpressionTree) {
            self.policy = policy
            self.condition = condition
        }
    }

    package struct Column: Sendable, Codable {
        package var name: String
        package var type: String

        package init(_ column: TableColumn) {
            name = column.name
            type = column.type.description
        }
    }

    package struct Format: Sendable, Codable {
        package var name: String
        /// Spark's options, all of which have to be as here.
        package var options: [String: String]

        package init(_ format: TableFormat) {
            name = format.name
            options =
                switch format {
                case .parquet, .orc: [:]
                case .csv(let header, let separator): ["header": "\(header)", "sep": separator]
                case .text(let separator): ["sep": separator]
                }
        }
    }

    /// Of one relation.
    package struct Relation: Sendable, Codable {
        /// The same for the same decision, whenever it was made.
        package var id: String
        /// Empty for what nothing protects. Several share their directories, and the rest goes for all of them.
        package var dataSources: [String]
        /// Absent for what nothing protects.
        package var kind: String?
        /// `allow`: read it, filtered and masked as said. `native`: read it as if there were no policies. `deny`.
        package var decision: String
        package var reason: String
        /// Of a denial, in words: why, which data source, whom to ask.
        package var message: String?
        /// Whom to ask about the data source.
        package var contact: String?
        /// Whether the NameNode lets nobody read the files but under a grant.
        package var needsGrant: Bool
        package var format: Format?
        /// The columns of the table in their order; absent where they are not declared.
        package var schema: [Column]?
        /// All of them have to be true for a row to be seen.
        package var filters: [Filter]
        /// For one column the first whose `when` is not false, or that has none, masks the value.
        package var masks: [Mask]

        package init(decision: String, reason: String) {
            id = ""
            dataSources = []
            self.decision = decision
            self.reason = reason
            needsGrant = false
            filters = []
            masks = []
        }

        /// Whether anything is hidden.
        package var isRestricted: Bool { !filters.isEmpty || !masks.isEmpty }
    }

    package var principal: String
    /// Absent where the principal maps to no user.
    package var user: String?
    /// False for ignored and unmapped principals: nothing that follows concerns them.
    package var isGoverned: Bool
    package var policyVersion: UInt64
    /// For how long this may be kept, if no invalidation comes.
    package var maxAgeSeconds: Int
    /// In the order in which they were asked.
    package var relations: [Relation]

    package init(
        principal: String, user: String?, isGoverned: Bool, policyVersion: UInt64, maxAgeSeconds: Int,
        relations: [Relation]
    ) {
        self.principal = principal
        self.user = user
        self.isGoverned = isGoverned
        self.policyVersion = policyVersion
        self.maxAgeSeconds = maxAgeSeconds
        self.relations = relations
    }
}

/// Tells a session that decisions which it holds may not be those of now.
package struct SparkInvalidation: Sendable, Codable {
    package var policyVersion: UInt64
    /// Everything that the session holds; the first item says it too, so that nothing falls between.
    package var everything: Bool
    /// Otherwise what it holds of these users.
    package var users: [String]

    package init(policyVersion: UInt64, everything: Bool, users: [String] = []) {
        self.policyVersion = policyVersion
        self.everything = everything
        self.users = users
    }
}

/// What a query read, as the session says.
package struct SparkReport: Sendable, Codable {
    package struct RowCount: Sendable, Codable {
        package var count: UInt64
        /// Whether there may be more: not all rows of the files were looked at.
        package var isLeast: Bool
    }

    /// Of one data source.
    package struct Table: Sendable, Codable {
        package var dataSource: String
        /// Columns that the query read.
        package var columns: [String]
        /// Policies in force, by name.
        package var masks: [String]
        package var filters: [String]
        /// The ids of the grants under which its files were read; none where they were read without, or not at all.
        package var grants: [String]
        /// Rows that the filters kept back of those that were read; absent if that is not known.
        package var rowsNotShown: RowCount?
    }

    package static let mostTables = 256
    /// Of one table.
    package static let mostGrants = 16

    package var principal: String?
    /// The Spark application.
    package var application: String
    /// SHA-256 of the query's text, in hexadecimal; absent for a query without a text.
    package var textHash: String?
    /// The policy version of the decisions it went by.
    package var policyVersion: UInt64
    package var tables: [Table]
}
