import GRDB
import Policy

/// The stored policies, looked up object by object in a transaction of the caller's.
package struct StoredBase: PolicyBase {
    let reader: PolicyReader
    /// Who claims a principal or short name: only the cluster's identity rules can tell.
    let claimants: (IdentityClaim) throws -> [String]

    package func item(_ key: PolicyName) throws -> PolicyItem? { try reader.item(key) }
    package func exists(_ key: PolicyName) throws -> Bool { try reader.exists(key) }
    package func names(of kind: ObjectKind) throws -> [String] { try reader.names(of: kind) }
    package func count(of kind: ObjectKind) throws -> Int { try reader.count(of: kind) }
    package func users(claiming claim: IdentityClaim) throws -> [String] { try claimants(claim) }

    package func objects(naming key: PolicyName, limit: Int) throws -> [PolicyName] {
        var names = try mentions(
            "SELECT by_kind, by_name FROM mentions WHERE kind = ? AND name = ? LIMIT ?",
            [key.kind.rawValue, key.name, limit])
        let queries: [String]
        switch key.kind {
        case .group:
            queries = [
                "SELECT 'user', u.name FROM user_groups m JOIN users u ON u.id = m.user_id WHERE group_name = ? LIMIT ?",
                """
                SELECT 'data-source', d.name FROM subscription_groups m JOIN data_sources d ON d.id = m.data_source_id
                WHERE group_name = ? LIMIT ?
                """,
            ]
        case .attribute:
            queries = [
                """
                SELECT DISTINCT 'user', u.name FROM user_attributes m JOIN users u ON u.id = m.user_id
                WHERE attribute_name = ? LIMIT ?
                """
            ]
        case .user:
            queries = [
                """
                SELECT 'data-source', d.name FROM subscription_users m JOIN data_sources d ON d.id = m.data_source_id
                WHERE m.user_id = (SELECT id FROM users WHERE name = ?) LIMIT ?
                """
            ]
        default: queries = []
        }
        for query in queries { names += try mentions(query, [key.name, limit]) }
        return names
    }

    private func mentions(_ sql: String, _ arguments: StatementArguments) throws -> [PolicyName] {
        let rows = try Row.fetchCursor(try reader.database.cachedStatement(sql: sql), arguments: arguments)
        return try Array(
            rows.compactMap { row in
                ObjectKind(rawValue: row[0]).map { PolicyName(kind: $0, name: row[1]) }
            })
    }

    package func dataSources(at directory: String) throws -> [String] {
        let sql = """
            SELECT d.name FROM directories m JOIN data_sources d ON d.id = m.data_source_id WHERE path = ?
            ORDER BY d.name
            """
        return try String.fetchAll(try reader.database.cachedStatement(sql: sql), arguments: [directory])
    }

    package func taggedDataSources() throws -> [String] {
        let sql = "SELECT DISTINCT d.name FROM tags t JOIN data_sources d ON d.id = t.data_source_id ORDER BY d.name"
        return try String.fetchAll(reader.database, sql: sql)
    }
}
