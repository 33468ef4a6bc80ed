import GRDB
import Policy

/// Reads all policies in one transaction of the caller's.
struct PolicyLoader {
    let database: Database

    func load() throws -> StoredPolicy {
        let users = try users()
        let userNames = Dictionary(uniqueKeysWithValues: users.map { ($0.id, $0.value.name) })
        return StoredPolicy(
            version: try Self.version(database),
            groups: try named("groups").map { Group(name: $0, about: $1) },
            attributes: try named("attributes").map { AttributeDefinition(name: $0, about: $1) },
            users: users,
            ignoredUsers: try String.fetchAll(database, sql: "SELECT name FROM ignored_users ORDER BY name"),
            dataSources: try dataSources(userNames: userNames))
    }

    /// The version that the store is at; 0 when nothing was ever applied.
    static func version(_ database: Database) throws -> UInt64 {
        let version = try Int64.fetchOne(database, sql: "SELECT max(version) FROM policy_versions")
        return UInt64(version ?? 0)
    }

    private func named(_ table: String) throws -> [(String, String?)] {
        let rows = try Row.fetchCursor(database, sql: "SELECT name, about FROM \(table) ORDER BY name")
        return try Array(rows.map { ($0[0], $0[1]) })
    }

    private func users() throws -> [Stored<User>] {
        let groups = try texts("SELECT user_id, group_name FROM user_groups")
        let attributes = try userAttributes()
        let rows = try Row.fetchCursor(
            database, sql: "SELECT id, changed_at, name, principal, enabled FROM users ORDER BY name")
        return try Array(
            rows.map { row in
                let id: Int64 = row[0]
                let user = User(
                    name: row[2], principal: row[3], groups: groups[id] ?? [], attributes: attributes[id] ?? [:],
                    enabled: row[4])
                return Stored(id: id, changedAt: row[1], value: user)
            })
    }

    private func userAttributes() throws -> [Int64: [String: Set<String>]] {
        var attributes: [Int64: [String: Set<String>]] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT user_id, attribute_name, value FROM user_attributes")
        while let row = try rows.next() {
            attributes[row[0], default: [:]][row[1], default: []].insert(row[2])
        }
        return attributes
    }

    private func dataSources(userNames: [Int64: String]) throws -> [Stored<DataSource>] {
        let directories = try directories()
        let tags = try texts("SELECT data_source_id, tag FROM tags")
        let users = try subscribedUsers(userNames)
        let groups = try texts("SELECT data_source_id, group_name FROM subscription_groups")
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT id, changed_at, name, kind, credential_principal, credential_keytab, contact,
                    shares_directories, subscription, condition
                FROM data_sources ORDER BY name
                """)
        return try Array(
            rows.map { row in
                let id: Int64 = row[0]
                let subscription = try subscription(row[8], row[9], users[id] ?? [], groups[id] ?? [])
                let dataSource = DataSource(
                    name: row[2], kind: try kind(row[3]), directories: directories[id] ?? [],
                    credential: credential(row[4], row[5]), tags: tags[id] ?? [], contact: row[6],
                    sharesDirectories: row[7], subscription: subscription)
                return Stored(id: id, changedAt: row[1], value: dataSource)
            })
    }

    private func directories() throws -> [Int64: [String]] {
        var directories: [Int64: [String]] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT data_source_id, path FROM directories ORDER BY data_source_id, path")
        while let row = try rows.next() {
            directories[row[0], default: []].append(row[1])
        }
        return directories
    }

    private func subscribedUsers(_ names: [Int64: String]) throws -> [Int64: Set<String>] {
        var users: [Int64: Set<String>] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT data_source_id, user_id FROM subscription_users")
        while let row = try rows.next() {
            guard let name = names[row[1]] else { continue }
            users[row[0], default: []].insert(name)
        }
        return users
    }

    private func texts(_ sql: String) throws -> [Int64: Set<String>] {
        var texts: [Int64: Set<String>] = [:]
        let rows = try Row.fetchCursor(database, sql: sql)
        while let row = try rows.next() {
            texts[row[0], default: []].insert(row[1])
        }
        return texts
    }

    private func kind(_ word: String) throws -> DataSource.Kind {
        guard let kind = DataSource.Kind(rawValue: word) else { throw unreadable("data source kind `\(word)`") }
        return kind
    }

    private func credential(_ principal: String?, _ keytab: String?) -> DataSource.Credential? {
        principal.map { DataSource.Credential(principal: $0, keytab: keytab) }
    }

    private func subscription(
        _ word: String, _ condition: String?, _ users: Set<String>, _ groups: Set<String>
    ) throws -> Subscription {
        switch (word, condition) {
        case ("anyone", nil): return .anyone
        case ("individuals", nil): return .individuals(users: users, groups: groups)
        case ("condition", let json?): return .condition(try self.condition(json))
        default: throw unreadable("subscription `\(word)`")
        }
    }

    private func condition(_ json: String) throws -> Condition {
        do {
            return try Condition(json: json)
        } catch {
            throw unreadable("condition `\(json)`")
        }
    }

    private func unreadable(_ what: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown \(what)")
    }
}
