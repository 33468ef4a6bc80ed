import GRDB
import Policy

/// Writes the rows that edits touch, and no others, in one transaction of the caller's.
struct PolicyRowWriter {
    let database: Database
    /// The version that the edits make.
    let version: UInt64
    private var userIDs: [String: Int64] = [:]

    init(_ database: Database, version: UInt64) {
        self.database = database
        self.version = version
    }

    mutating func write(_ edits: [PolicyEdit]) throws {
        let ranks = Dictionary(uniqueKeysWithValues: zip(ObjectKind.allCases, 0...))
        // Users come before the data sources that name them, and go after them.
        func rank(_ edit: PolicyEdit) -> Int {
            edit.kind == .user && edit.after == nil ? ranks.count : ranks[edit.kind]!
        }
        for edit in edits.sorted(by: { rank($0) < rank($1) }) {
            try undo(edit)
            switch edit.after ?? edit.before {
            case .group(let group): try named("groups", edit, group.about)
            case .attribute(let attribute): try named("attributes", edit, attribute.about)
            case .ignoredUser: try ignoredUser(edit)
            case .user(let user): try edit.after == nil ? delete("users", edit.name) : write(user, edit)
            case .dataSource(let source): try write(source, edit)
            case .purpose(let purpose): try document(edit, purpose)
            case .tag(let tag): try document(edit, tag)
            case .project(let project): try document(edit, project)
            case .globalPolicy(let policy): try document(edit, policy)
            case nil: break
            }
            try endState(edit)
        }
    }

    private func execute(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    private func delete(_ table: String, _ name: String) throws {
        try execute("DELETE FROM \(table) WHERE name = ?", [name])
    }

    /// What the object was, for `policy diff` and `policy rollback`.
    private func undo(_ edit: PolicyEdit) throws {
        let action: PolicyChange.Action = edit.before == nil ? .created : edit.after == nil ? .deleted : .changed
        try execute(
            "INSERT INTO policy_undo (version, kind, name, action, before) VALUES (?, ?, ?, ?, ?)",
            [
                Int64(version), edit.kind.rawValue, edit.name, action.rawValue,
                try edit.before.map { try StoredJSON.encode($0) },
            ])
    }

    private func named(_ table: String, _ edit: PolicyEdit, _ about: String?) throws {
        guard edit.after != nil else { return try delete(table, edit.name) }
        try execute(
            "INSERT INTO \(table) (name, about) VALUES (?, ?) ON CONFLICT DO UPDATE SET about = excluded.about",
            [edit.name, about])
    }

    private func ignoredUser(_ edit: PolicyEdit) throws {
        guard edit.after != nil else { return try delete("ignored_users", edit.name) }
        try execute("INSERT INTO ignored_users (name) VALUES (?)", [edit.name])
    }

    private func document(_ edit: PolicyEdit, _ object: some Encodable) throws {
        try mention(edit, except: { _ in false })
        guard edit.after != nil else {
            return try execute(
                "DELETE FROM documents WHERE kind = ? AND name = ?", [edit.kind.rawValue, edit.name])
        }
        try execute(
            """
            INSERT INTO documents (kind, name, body, changed_at) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at
            """, [edit.kind.rawValue, edit.name, try StoredJSON.encode(object), Int64(version)])
    }

    /// Notes what an object names, so that nothing of it is deleted unseen.
    ///
    /// - Parameter except: what other tables hold.
    private func mention(_ edit: PolicyEdit, except: (PolicyName) -> Bool) throws {
        if edit.before != nil {
            try execute(
                "DELETE FROM mentions WHERE by_kind = ? AND by_name = ?", [edit.kind.rawValue, edit.name])
        }
        for key in edit.after?.mentions ?? [] where !except(key) {
            try execute(
                "INSERT INTO mentions (kind, name, by_kind, by_name) VALUES (?, ?, ?, ?)",
                [key.kind.rawValue, key.name, edit.kind.rawValue, edit.name])
        }
    }

    // MARK: Users

    private mutating func write(_ user: User, _ edit: PolicyEdit) throws {
        try execute(
            """
            INSERT INTO users (name, principal, enabled, suspended_until_ms, changed_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET principal = excluded.principal, enabled = excluded.enabled,
                suspended_until_ms = excluded.suspended_until_ms, changed_at = excluded.changed_at
            """, [user.name, user.principal, user.enabled, user.suspendedUntil?.milliseconds, Int64(version)])
        let id = edit.before == nil ? database.lastInsertedRowID : try userID(user.name)
        userIDs[user.name] = id
        var old = User(name: user.name)
        if case .user(let before) = edit.before { old = before }
        for group in old.groups.subtracting(user.groups) {
            try execute("DELETE FROM user_groups WHERE user_id = ? AND group_name = ?", [id, group])
        }
        for group in user.groups.subtracting(old.groups) {
            try execute("INSERT INTO user_groups (user_id, group_name) VALUES (?, ?)", [id, group])
        }
        let (had, has) = (Self.pairs(old), Self.pairs(user))
        for pair in had.subtracting(has) {
            try execute(
                "DELETE FROM user_attributes WHERE user_id = ? AND attribute_name = ? AND value = ?",
                [id, pair.name, pair.value])
        }
        for pair in has.subtracting(had) {
            try execute(
                "INSERT INTO user_attributes (user_id, attribute_name, value) VALUES (?, ?, ?)",
                [id, pair.name, pair.value])
        }
    }

    private struct AttributeValue: Hashable {
        var name: String
        var value: String
    }

    private static func pairs(_ user: User) -> Set<AttributeValue> {
        Set(user.attributes.flatMap { name, values in values.map { AttributeValue(name: name, value: $0) } })
    }

    /// - Returns: an id that no user has, where there is no such user: the database refuses it.
    private mutating func userID(_ name: String) throws -> Int64 {
        if let id = userIDs[name] { return id }
        let statement = try database.cachedStatement(sql: "SELECT id FROM users WHERE name = ?")
        let id = try Int64.fetchOne(statement, arguments: [name]) ?? -1
        userIDs[name] = id
        return id
    }

    // MARK: Data sources

    private mutating func write(_ source: DataSource, _ edit: PolicyEdit) throws {
        try mention(edit) { [source] key in source.subscription.namesInRoster(key) }
        guard edit.after != nil else { return try delete("data_sources", edit.name) }
        try execute(
            """
            INSERT INTO data_sources (name, kind, credential_principal, credential_keytab, contact,
                shares_directories, subscription, condition, rules, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET kind = excluded.kind, credential_principal = excluded.credential_principal,
                credential_keytab = excluded.credential_keytab, contact = excluded.contact,
                shares_directories = excluded.shares_directories, subscription = excluded.subscription,
                condition = excluded.condition, rules = excluded.rules, changed_at = excluded.changed_at
            """,
            [
                source.name, source.kind.rawValue, source.credential?.principal, source.credential?.keytab,
                source.contact, source.sharesDirectories, source.subscription.word, source.subscription.conditionJSON,
                try DataSourceRules(source).map { try StoredJSON.encode($0) }, Int64(version),
            ])
        var old: DataSource?
        if case .dataSource(let before) = edit.before { old = before }
        let id: Int64
        if old == nil {
            id = database.lastInsertedRowID
        } else {
            let statement = try database.cachedStatement(sql: "SELECT id FROM data_sources WHERE name = ?")
            id = try Int64.fetchOne(statement, arguments: [source.name]) ?? -1
        }
        try texts("directories", "path", of: id, Self.bytes(old?.directories ?? []), Self.bytes(source.directories))
        try texts("tags", "tag", of: id, Self.bytes(old?.tags ?? []), Self.bytes(source.tags))
        try roster(of: id, old?.subscription.roster ?? Roster(), source.subscription.roster)
    }

    /// Texts by their bytes: what Unicode takes for the same may be two directories.
    private static func bytes(_ texts: some Sequence<String>) -> [[UInt8]: String] {
        Dictionary(texts.map { (Array($0.utf8), $0) }) { first, _ in first }
    }

    private func texts(
        _ table: String, _ column: String, of id: Int64, _ old: [[UInt8]: String], _ new: [[UInt8]: String]
    ) throws {
        for (bytes, text) in old where new[bytes] == nil {
            try execute("DELETE FROM \(table) WHERE data_source_id = ? AND \(column) = ?", [id, text])
        }
        for (bytes, text) in new where old[bytes] == nil {
            try execute("INSERT INTO \(table) (data_source_id, \(column)) VALUES (?, ?)", [id, text])
        }
    }

    private mutating func roster(of id: Int64, _ old: Roster, _ new: Roster) throws {
        // The ids are looked up in statements of their own: as arguments, they would copy all that are known.
        for name in old.users.keys where new.users[name] == nil {
            let user = try userID(name)
            try execute("DELETE FROM subscription_users WHERE data_source_id = ? AND user_id = ?", [id, user])
        }
        for (name, until) in new.users where old.users[name] != until {
            let user = try userID(name)
            try execute(
                """
                INSERT INTO subscription_users (data_source_id, user_id, until_ms) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET until_ms = excluded.until_ms
                """, [id, user, Self.column(until)])
        }
        for name in old.groups.keys where new.groups[name] == nil {
            try execute("DELETE FROM subscription_groups WHERE data_source_id = ? AND group_name = ?", [id, name])
        }
        for (name, until) in new.groups where old.groups[name] != until {
            try execute(
                """
                INSERT INTO subscription_groups (data_source_id, group_name, until_ms) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET until_ms = excluded.until_ms
                """, [id, name, Self.column(until)])
        }
    }

    private static func column(_ until: Instant) -> Int64? { until == .never ? nil : until.milliseconds }

    // MARK: What goes with an object

    private func endState(_ edit: PolicyEdit) throws {
        switch (edit.before, edit.after) {
        case (nil, .dataSource), (nil, .project):
            try execute(
                "INSERT INTO salts (kind, name, salt) VALUES (?, ?, randomblob(32))", [edit.kind.rawValue, edit.name])
        case (.dataSource, nil):
            try execute("DELETE FROM salts WHERE kind = ? AND name = ?", [edit.kind.rawValue, edit.name])
        case (.project, nil):
            try execute("DELETE FROM salts WHERE kind = ? AND name = ?", [edit.kind.rawValue, edit.name])
            try execute("DELETE FROM user_projects WHERE project = ?", [edit.name])
            try execute("DELETE FROM acknowledgements WHERE project = ?", [edit.name])
        case (.project(let before), .project(let after)):
            for purpose in before.purposes.subtracting(after.purposes) {
                try execute("DELETE FROM acknowledgements WHERE project = ? AND purpose = ?", [edit.name, purpose])
            }
        case (.purpose(let before), let after):
            if case .purpose(let after) = after, after.about == before.about { return }
            try execute("DELETE FROM acknowledgements WHERE purpose = ?", [edit.name])
        default: break
        }
    }
}

extension Subscription {
    fileprivate var word: String {
        switch self {
        case .anyone: "anyone"
        case .approval: "approval"
        case .condition: "condition"
        case .individuals: "individuals"
        }
    }

    /// What the column `condition` says.
    fileprivate var conditionJSON: String? {
        guard case .condition(let condition) = self else { return nil }
        return condition.json
    }

    fileprivate var roster: Roster {
        guard case .individuals(let roster) = self else { return Roster() }
        return roster
    }

    fileprivate func namesInRoster(_ key: PolicyName) -> Bool {
        switch key.kind {
        case .user: roster.users[key.name] != nil
        case .group: roster.groups[key.name] != nil
        default: false
        }
    }
}
