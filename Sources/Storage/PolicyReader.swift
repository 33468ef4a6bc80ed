import Foundation
import GRDB
import Policy

/// Reads policies in one transaction of the caller's: object by object, or all of them one after the other.
struct PolicyReader {
    let database: Database

    /// The version that the store is at; 0 when nothing was ever applied.
    func version() throws -> UInt64 {
        UInt64(try Int64.fetchOne(database, sql: "SELECT max(version) FROM policy_versions") ?? 0)
    }

    // MARK: One object

    func item(_ key: PolicyName) throws -> PolicyItem? {
        switch key.kind {
        case .group: try named("groups", key.name).map { .group(Group(name: key.name, about: $0[0])) }
        case .attribute: try named("attributes", key.name).map { .attribute(.init(name: key.name, about: $0[0])) }
        case .ignoredUser: try exists(key) ? .ignoredUser(key.name) : nil
        case .user: try user(named: key.name).map { .user($0.value) }
        case .dataSource: try dataSource(named: key.name).map { .dataSource($0) }
        case .purpose: try document(key, Purpose.self).map { .purpose($0) }
        case .tag: try document(key, TagDefinition.self).map { .tag($0) }
        case .project: try document(key, Project.self).map { .project($0) }
        case .globalPolicy: try document(key, GlobalPolicy.self).map { .globalPolicy($0) }
        }
    }

    func exists(_ key: PolicyName) throws -> Bool {
        let (table, filter) = Self.place(of: key.kind)
        return try row("SELECT 1 FROM \(table) WHERE name = ?\(filter)", [key.name]) != nil
    }

    func names(of kind: ObjectKind) throws -> [String] {
        let (table, filter) = Self.place(of: kind)
        return try String.fetchAll(database, sql: "SELECT name FROM \(table) WHERE TRUE\(filter) ORDER BY name")
    }

    func count(of kind: ObjectKind) throws -> Int {
        let (table, filter) = Self.place(of: kind)
        return try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table) WHERE TRUE\(filter)") ?? 0
    }

    private static func place(of kind: ObjectKind) -> (table: String, filter: String) {
        switch kind {
        case .group: ("groups", "")
        case .attribute: ("attributes", "")
        case .user: ("users", "")
        case .ignoredUser: ("ignored_users", "")
        case .dataSource: ("data_sources", "")
        case .purpose, .tag, .project, .globalPolicy: ("documents", " AND kind = '\(kind.rawValue)'")
        }
    }

    private func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(try database.cachedStatement(sql: sql), arguments: arguments)
    }

    private func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> RowCursor {
        try Row.fetchCursor(try database.cachedStatement(sql: sql), arguments: arguments)
    }

    private func named(_ table: String, _ name: String) throws -> Row? {
        try row("SELECT about FROM \(table) WHERE name = ?", [name])
    }

    private func document<Object: Decodable>(_ key: PolicyName, _: Object.Type) throws -> Object? {
        let sql = "SELECT body FROM documents WHERE kind = ? AND name = ?"
        return try row(sql, [key.kind.rawValue, key.name]).map { try StoredJSON.decode(Object.self, from: $0[0]) }
    }

    // MARK: Users

    private static let userColumns = "id, changed_at, name, principal, enabled, suspended_until_ms"

    func user(named name: String) throws -> Stored<User>? {
        let sql = "SELECT \(Self.userColumns) FROM users WHERE name = ?"
        guard let row = try row(sql, [name]) else { return nil }
        var user = Self.user(row)
        let groups = try rows("SELECT group_name FROM user_groups WHERE user_id = ?", [user.id])
        while let row = try groups.next() { user.value.groups.insert(row[0]) }
        let attributes = try rows("SELECT attribute_name, value FROM user_attributes WHERE user_id = ?", [user.id])
        while let row = try attributes.next() { user.value.attributes[row[0], default: []].insert(row[1]) }
        return user
    }

    private static func user(_ row: Row) -> Stored<User> {
        let suspended: Int64? = row[5]
        let user = User(
            name: row[2], principal: row[3], enabled: row[4],
            suspendedUntil: suspended.map { Instant(milliseconds: $0) })
        return Stored(id: row[0], changedAt: row[1], value: user)
    }

    /// Every user in ascending order of ids.
    func eachUser(_ body: (Stored<User>) throws -> Void) throws {
        let users = try rows("SELECT \(Self.userColumns) FROM users ORDER BY id")
        // In the order of their keys, the three go side by side.
        let groups = try rows("SELECT user_id, group_name FROM user_groups ORDER BY user_id")
        let attributes = try rows("SELECT user_id, attribute_name, value FROM user_attributes ORDER BY user_id")
        var group = try groups.next()
        var attribute = try attributes.next()
        while let row = try users.next() {
            var user = Self.user(row)
            while let found = group, (found[0] as Int64) <= user.id {
                user.value.groups.insert(found[1])
                group = try groups.next()
            }
            while let found = attribute, (found[0] as Int64) <= user.id {
                user.value.attributes[found[1], default: []].insert(found[2])
                attribute = try attributes.next()
            }
            try body(user)
        }
    }

    // MARK: Data sources

    private static let sourceColumns = """
        id, changed_at, name, kind, credential_principal, credential_keytab, contact, shares_directories,
        subscription, condition, rules
        """

    func storedDataSource(named name: String) throws -> StoredDataSource? {
        guard let row = try row("SELECT \(Self.sourceColumns) FROM data_sources WHERE name = ?", [name]) else {
            return nil
        }
        return try dataSource(row)
    }

    /// With the users of its roster by name.
    func dataSource(named name: String) throws -> DataSource? {
        guard let stored = try storedDataSource(named: name) else { return nil }
        return try withNames(stored)
    }

    /// Every data source in ascending order of ids.
    func eachDataSource(_ body: (StoredDataSource) throws -> Void) throws {
        let sources = try rows("SELECT \(Self.sourceColumns) FROM data_sources ORDER BY id")
        while let row = try sources.next() { try body(try dataSource(row)) }
    }

    func withNames(_ stored: StoredDataSource) throws -> DataSource {
        var definition = stored.definition
        guard case .individuals(var roster) = definition.subscription else { return definition }
        for (id, until) in stored.subscribedUsers {
            guard let row = try row("SELECT name FROM users WHERE id = ?", [Int64(id)]) else { continue }
            roster.users[row[0]] = until
        }
        definition.subscription = .individuals(roster)
        return definition
    }

    private func dataSource(_ row: Row) throws -> StoredDataSource {
        let id: Int64 = row[0]
        let rules = try (row[10] as String?).map { try StoredJSON.decode(DataSourceRules.self, from: $0) }
        guard let kind = DataSource.Kind(rawValue: row[3]) else {
            throw StoredJSON.unreadable("data source kind `\(row[3] as String)`")
        }
        let credential = (row[4] as String?).map { DataSource.Credential(principal: $0, keytab: row[5]) }
        var source = DataSource(
            name: row[2], kind: kind, directories: [], credential: credential, contact: row[6],
            sharesDirectories: row[7], subscription: try subscription(row[8], row[9], rules, of: id))
        let directories = try rows("SELECT path FROM directories WHERE data_source_id = ? ORDER BY path", [id])
        while let row = try directories.next() { source.directories.append(row[0]) }
        let tags = try rows("SELECT tag FROM tags WHERE data_source_id = ?", [id])
        while let row = try tags.next() { source.tags.insert(row[0]) }
        rules?.put(into: &source)
        return StoredDataSource(
            id: id, changedAt: row[1], definition: source, subscribedUsers: try subscribedUsers(of: id))
    }

    private func subscription(
        _ word: String, _ condition: String?, _ rules: DataSourceRules?, of id: Int64
    ) throws -> Subscription {
        switch (word, condition, rules?.approval) {
        case ("anyone", nil, _): return .anyone
        case ("approval", nil, let terms?): return .approval(terms)
        case ("condition", let json?, _): return .condition(try StoredJSON.decode(Condition.self, from: json))
        case ("individuals", nil, _):
            var roster = Roster()
            let groups = try rows(
                "SELECT group_name, until_ms FROM subscription_groups WHERE data_source_id = ?", [id])
            while let row = try groups.next() { roster.groups[row[0]] = Self.end(row[1]) }
            return .individuals(roster)
        default: throw StoredJSON.unreadable("subscription `\(word)`")
        }
    }

    private func subscribedUsers(of id: Int64) throws -> [(id: UInt32, until: Instant)] {
        var users: [(id: UInt32, until: Instant)] = []
        let found = try rows(
            "SELECT user_id, until_ms FROM subscription_users WHERE data_source_id = ? ORDER BY user_id", [id])
        while let row = try found.next() { users.append((UInt32(row[0] as Int64), Self.end(row[1]))) }
        return users
    }

    private static func end(_ milliseconds: Int64?) -> Instant {
        milliseconds.map { Instant(milliseconds: $0) } ?? .never
    }

    // MARK: All of a kind

    func documents() throws -> StoredDocuments {
        var all = StoredDocuments()
        let found = try rows("SELECT kind, name, body, changed_at FROM documents ORDER BY kind, name")
        while let row = try found.next() {
            let (body, changedAt): (String, UInt64) = (row[2], row[3])
            func stored<Object: Decodable>(_: Object.Type) throws -> Stored<Object> {
                Stored(id: 0, changedAt: changedAt, value: try StoredJSON.decode(Object.self, from: body))
            }
            switch ObjectKind(rawValue: row[0]) {
            case .purpose: all.purposes.append(try stored(Purpose.self))
            case .tag: all.tags.append(try stored(TagDefinition.self))
            case .project: all.projects.append(try stored(Project.self))
            case .globalPolicy: all.globalPolicies.append(try stored(GlobalPolicy.self))
            default: throw StoredJSON.unreadable("kind `\(row[0] as String)`")
            }
        }
        return all
    }

    func ignoredUsers() throws -> [String] {
        try String.fetchAll(database, sql: "SELECT name FROM ignored_users ORDER BY name")
    }

    /// Everything, every kind of object in ascending order of names. For small installations and exports.
    func everything() throws -> PolicySet {
        var items: [PolicyItem] = []
        for (table, isGroup) in [("groups", true), ("attributes", false)] {
            let found = try rows("SELECT name, about FROM \(table)")
            while let row = try found.next() {
                items.append(
                    isGroup
                        ? .group(Group(name: row[0], about: row[1]))
                        : .attribute(AttributeDefinition(name: row[0], about: row[1])))
            }
        }
        try eachUser { items.append(.user($0.value)) }
        try eachDataSource { items.append(.dataSource(try withNames($0))) }
        items += try ignoredUsers().map(PolicyItem.ignoredUser)
        let documents = try documents()
        items += documents.purposes.map { .purpose($0.value) } + documents.tags.map { .tag($0.value) }
        items += documents.projects.map { .project($0.value) }
        items += documents.globalPolicies.map { .globalPolicy($0.value) }
        return PolicySet(items)
    }
}

/// What a data source says that has no columns of its own.
struct DataSourceRules: Codable {
    var approval: ApprovalTerms?
    var purposes: Set<String>
    var exceptions: [DataSource.Exception]
    var fileRules: [FileRule]
    var columns: [TableColumn]
    /// Stores of before this was known have none.
    var format: TableFormat?
    var rowFilters: [RowFilter]
    var masks: [Mask]

    /// - Returns: `nil` if the data source says nothing of the kind.
    init?(_ source: DataSource) {
        if case .approval(let terms) = source.subscription { approval = terms }
        purposes = source.purposes
        exceptions = source.exceptions
        fileRules = source.fileRules
        columns = source.columns
        format = source.format
        rowFilters = source.rowFilters
        masks = source.masks
        let saysNothing =
            approval == nil && purposes.isEmpty && exceptions.isEmpty && fileRules.isEmpty && columns.isEmpty
            && format == nil && rowFilters.isEmpty && masks.isEmpty
        if saysNothing { return nil }
    }

    func put(into source: inout DataSource) {
        source.purposes = purposes
        source.exceptions = exceptions
        source.fileRules = fileRules
        source.columns = columns
        source.format = format
        source.rowFilters = rowFilters
        source.masks = masks
    }
}

/// Values as the store keeps them in one column.
enum StoredJSON {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_: Value.Type, from text: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw unreadable("\(Value.self) `\(text.prefix(200))`")
        }
    }

    static func unreadable(_ what: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown \(what)")
    }
}
