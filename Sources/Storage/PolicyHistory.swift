import GRDB
import Policy

/// The versions of the policies, and what they were at each.
struct PolicyHistory {
    /// How many changed objects a line of the history names.
    private static let namedChanges = 8

    let database: Database

    /// All versions, the latest first.
    func versions(limit: Int?) throws -> [PolicyVersion] { try versions(where: "TRUE", after: 0, limit: limit) }

    /// The versions after one that changed policies, and not the state of users, the latest first.
    func policyVersions(after first: UInt64, limit: Int?) throws -> [PolicyVersion] {
        try versions(
            where: "EXISTS (SELECT 1 FROM policy_undo u WHERE u.version = v.version)", after: first, limit: limit)
    }

    private func versions(where filter: String, after first: UInt64, limit: Int?) throws -> [PolicyVersion] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT version, time_ms, actor, what, summary FROM policy_versions v WHERE version > ? AND \(filter)
                ORDER BY version DESC LIMIT ?
                """, arguments: [Int64(clamping: first), limit ?? -1])
        return try rows.map { row in
            PolicyVersion(
                version: row[0], timeMilliseconds: row[1], actor: row[2], what: row[3], summary: row[4],
                changes: try changes(of: row[0]))
        }
    }

    private func changes(of version: Int64) throws -> [String] {
        let statement = try database.cachedStatement(
            sql: "SELECT action, kind, name FROM policy_undo WHERE version = ? LIMIT \(Self.namedChanges)")
        return try Row.fetchAll(statement, arguments: [version]).compactMap { row in
            guard let action = PolicyChange.Action(rawValue: row[0]), let kind = ObjectKind(rawValue: row[1]) else {
                return nil
            }
            return "\(action.mark) \(kind.named(row[2]))"
        }
    }

    /// What differs between two versions; `nil` if one of them does not exist.
    func difference(from one: UInt64, to other: UInt64) throws -> [PolicyEdit]? {
        let reader = PolicyReader(database: database)
        let latest = try reader.version()
        guard one <= latest, other <= latest else { return nil }
        let keys = try Row.fetchAll(
            database, sql: "SELECT DISTINCT kind, name FROM policy_undo WHERE version > ? AND version <= ?",
            arguments: [Int64(min(one, other)), Int64(max(one, other))])
        return try keys.compactMap { row in
            guard let kind = ObjectKind(rawValue: row[0]) else {
                throw StoredJSON.unreadable("kind `\(row[0] as String)`")
            }
            let key = PolicyName(kind: kind, name: row[1])
            let edit = PolicyEdit(
                kind: kind, name: key.name, before: try item(key, at: one, reader),
                after: try item(key, at: other, reader))
            return PolicyChange([edit]).isEmpty ? nil : edit
        }
    }

    /// An object as it was at a version: what it was before the first later version that changed it, or what it is.
    private func item(_ key: PolicyName, at version: UInt64, _ reader: PolicyReader) throws -> PolicyItem? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT before FROM policy_undo WHERE kind = ? AND name = ? AND version > ? ORDER BY version LIMIT 1
                """)
        let row = try Row.fetchOne(statement, arguments: [key.kind.rawValue, key.name, Int64(version)])
        guard let row else { return try reader.item(key) }
        return try (row[0] as String?).map { try StoredJSON.decode(PolicyItem.self, from: $0) }
    }
}
