import GRDB
import Policy

/// Writes the rows that a change touches, and no others, in one transaction of the caller's.
struct PolicyRowWriter {
    /// The table and column that hold the values of a field that has many.
    private static let lists = [
        "groups": ("user_groups", "user_id", "group_name"),
        "directories": ("directories", "data_source_id", "path"),
        "tags": ("tags", "data_source_id", "tag"),
        "subscription.groups": ("subscription_groups", "data_source_id", "group_name"),
    ]
    private static let attributePrefix = "attributes."

    let database: Database
    /// The version that the change makes.
    let version: UInt64
    private var userIDs: [String: Int64]
    private var dataSourceIDs: [String: Int64]

    init(_ database: Database, onto stored: StoredPolicy, version: UInt64) {
        self.database = database
        self.version = version
        userIDs = Dictionary(uniqueKeysWithValues: stored.users.map { ($0.value.name, $0.id) })
        dataSourceIDs = Dictionary(uniqueKeysWithValues: stored.dataSources.map { ($0.value.name, $0.id) })
    }

    /// - Parameters:
    ///   - change: What lies between the stored policies and `policies`.
    ///   - policies: What the store shall hold.
    mutating func write(_ change: PolicyChange, _ policies: PolicySet) throws {
        let users = Dictionary(policies.users.map { ($0.name, $0) }) { _, last in last }
        let dataSources = Dictionary(policies.dataSources.map { ($0.name, $0) }) { _, last in last }
        // Users come before the data sources that name them.
        for entry in change.entries {
            switch entry.kind {
            case .group: try writeNamed("groups", entry)
            case .attribute: try writeNamed("attributes", entry)
            case .ignoredUser: try writeIgnoredUser(entry)
            case .user: try write(entry, users[entry.name])
            case .dataSource: try write(entry, dataSources[entry.name])
            }
        }
    }

    private func writeNamed(_ table: String, _ entry: PolicyChange.Entry) throws {
        guard entry.action != .deleted else {
            return try execute("DELETE FROM \(table) WHERE name = ?", [entry.name])
        }
        let about = entry.fields.first { $0.name == "about" }?.added.first
        try execute(
            "INSERT INTO \(table) (name, about) VALUES (?, ?) ON CONFLICT DO UPDATE SET about = excluded.about",
            [entry.name, about])
    }

    private func writeIgnoredUser(_ entry: PolicyChange.Entry) throws {
        let sql =
            entry.action == .deleted
            ? "DELETE FROM ignored_users WHERE name = ?" : "INSERT INTO ignored_users (name) VALUES (?)"
        try execute(sql, [entry.name])
    }

    private mutating func write(_ entry: PolicyChange.Entry, _ user: User?) throws {
        guard let user else { return try execute("DELETE FROM users WHERE name = ?", [entry.name]) }
        try execute(
            """
            INSERT INTO users (name, principal, enabled, changed_at) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET principal = excluded.principal, enabled = excluded.enabled,
                changed_at = excluded.changed_at
            """, [user.name, user.principal, user.enabled, Int64(version)])
        let id = userIDs[user.name] ?? database.lastInsertedRowID
        userIDs[user.name] = id
        for field in entry.fields { try write(field, of: id) }
    }

    private mutating func write(_ entry: PolicyChange.Entry, _ dataSource: DataSource?) throws {
        guard let dataSource else { return try execute("DELETE FROM data_sources WHERE name = ?", [entry.name]) }
        try execute(
            """
            INSERT INTO data_sources (name, kind, credential_principal, credential_keytab, contact,
                shares_directories, subscription, condition, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET kind = excluded.kind, credential_principal = excluded.credential_principal,
                credential_keytab = excluded.credential_keytab, contact = excluded.contact,
                shares_directories = excluded.shares_directories, subscription = excluded.subscription,
                condition = excluded.condition, changed_at = excluded.changed_at
            """,
            [
                dataSource.name, dataSource.kind.rawValue, dataSource.credential?.principal,
                dataSource.credential?.keytab, dataSource.contact, dataSource.sharesDirectories,
                dataSource.subscription.word, dataSource.subscription.conditionJSON, Int64(version),
            ])
        let id = dataSourceIDs[dataSource.name] ?? database.lastInsertedRowID
        dataSourceIDs[dataSource.name] = id
        for field in entry.fields { try write(field, of: id) }
    }

    /// Writes a field that has rows of its own.
    private func write(_ field: PolicyChange.Field, of id: Int64) throws {
        if let (table, owner, column) = Self.lists[field.name] {
            let delete = "DELETE FROM \(table) WHERE \(owner) = ? AND \(column) = ?"
            for value in field.removed { try execute(delete, [id, value]) }
            let insert = "INSERT INTO \(table) (\(owner), \(column)) VALUES (?, ?)"
            for value in field.added { try execute(insert, [id, value]) }
        } else if field.name == "subscription.users" {
            try writeSubscribedUsers(field, of: id)
        } else if field.name.hasPrefix(Self.attributePrefix) {
            try writeAttribute(String(field.name.dropFirst(Self.attributePrefix.count)), field, of: id)
        }
    }

    private func writeSubscribedUsers(_ field: PolicyChange.Field, of id: Int64) throws {
        for name in field.removed {
            try execute(
                "DELETE FROM subscription_users WHERE data_source_id = ? AND user_id = ?", [id, userIDs[name]])
        }
        for name in field.added {
            try execute(
                "INSERT INTO subscription_users (data_source_id, user_id) VALUES (?, ?)", [id, userIDs[name]])
        }
    }

    private func writeAttribute(_ name: String, _ field: PolicyChange.Field, of id: Int64) throws {
        for value in field.removed {
            try execute(
                "DELETE FROM user_attributes WHERE user_id = ? AND attribute_name = ? AND value = ?",
                [id, name, value])
        }
        for value in field.added {
            try execute(
                "INSERT INTO user_attributes (user_id, attribute_name, value) VALUES (?, ?, ?)", [id, name, value])
        }
    }

    private func execute(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension Subscription {
    /// What the column `subscription` says.
    fileprivate var word: String {
        switch self {
        case .anyone: "anyone"
        case .individuals: "individuals"
        case .condition: "condition"
        }
    }

    /// What the column `condition` says.
    fileprivate var conditionJSON: String? {
        guard case .condition(let condition) = self else { return nil }
        return condition.json
    }
}
