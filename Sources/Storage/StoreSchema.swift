import GRDB
import StrictYAML

/// The tables of the store, and how a store of an earlier release comes by them.
enum StoreSchema {
    /// Marks the file as a policy store of this product: "Auth" in ASCII.
    static let applicationID: Int32 = 0x4175_7468

    /// The schema version that this release writes, kept in SQLite's `user_version`.
    static var version: Int { migrations.count }

    /// The nth takes a store from version n - 1 to n. Never edited once released.
    private static let migrations = [firstSchema, wholePolicies]

    /// Looks at a database without changing it.
    ///
    /// - Returns: Whether it has this release's tables already; an earlier release's, and none, are to be migrated.
    /// - Throws: `StoreError` when it is not a store, or was written by a later release.
    static func check(_ database: Database, path: String) throws -> Bool {
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if application == 0, found == 0, try isEmpty(database) { return false }
        guard application == applicationID else {
            throw StoreError(.notAStore, path: path, "the database belongs to another program; name another file")
        }
        guard found <= version else {
            let message =
                "it has schema version \(found), written by a later release, and this release knows \(version); "
                + "install that release"
            throw StoreError(.newer, path: path, message)
        }
        return found == version
    }

    /// Brings a checked store to this release's version, in the transaction that the caller has begun, with foreign keys
    /// off. Another process may have been first.
    static func migrate(_ database: Database) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found < version else { return }
        for migration in migrations[found...] {
            try database.execute(sql: migration)
        }
        try database.checkForeignKeys()
        try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
    }

    private static func isEmpty(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
    }

    /// Names are compared byte by byte. References are checked at commit, so that the order of writes has no meaning.
    private static let firstSchema = """
        CREATE TABLE policy_versions (
            version INTEGER PRIMARY KEY,
            time_ms INTEGER NOT NULL,
            actor TEXT NOT NULL,
            summary TEXT NOT NULL,
            change TEXT NOT NULL
        ) STRICT;

        CREATE TABLE groups (name TEXT PRIMARY KEY, about TEXT) STRICT, WITHOUT ROWID;
        CREATE TABLE attributes (name TEXT PRIMARY KEY, about TEXT) STRICT, WITHOUT ROWID;
        CREATE TABLE ignored_users (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

        CREATE TABLE users (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            principal TEXT,
            enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
            changed_at INTEGER NOT NULL REFERENCES policy_versions DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
        CREATE TABLE user_groups (
            user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
            group_name TEXT NOT NULL REFERENCES groups DEFERRABLE INITIALLY DEFERRED,
            PRIMARY KEY (user_id, group_name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX user_groups_by_group ON user_groups (group_name);
        CREATE TABLE user_attributes (
            user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
            attribute_name TEXT NOT NULL REFERENCES attributes DEFERRABLE INITIALLY DEFERRED,
            value TEXT NOT NULL,
            PRIMARY KEY (user_id, attribute_name, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX user_attributes_by_attribute ON user_attributes (attribute_name);

        CREATE TABLE data_sources (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('files', 'table')),
            credential_principal TEXT,
            credential_keytab TEXT CHECK (credential_keytab IS NULL OR credential_principal IS NOT NULL),
            contact TEXT,
            shares_directories INTEGER NOT NULL CHECK (shares_directories IN (0, 1)),
            subscription TEXT NOT NULL CHECK (subscription IN ('anyone', 'individuals', 'condition')),
            condition TEXT CHECK ((condition IS NOT NULL) = (subscription = 'condition')),
            changed_at INTEGER NOT NULL REFERENCES policy_versions DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
        CREATE TABLE directories (
            data_source_id INTEGER NOT NULL REFERENCES data_sources ON DELETE CASCADE,
            path TEXT NOT NULL,
            PRIMARY KEY (data_source_id, path)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE tags (
            data_source_id INTEGER NOT NULL REFERENCES data_sources ON DELETE CASCADE,
            tag TEXT NOT NULL,
            PRIMARY KEY (data_source_id, tag)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE subscription_users (
            data_source_id INTEGER NOT NULL REFERENCES data_sources ON DELETE CASCADE,
            user_id INTEGER NOT NULL REFERENCES users DEFERRABLE INITIALLY DEFERRED,
            PRIMARY KEY (data_source_id, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX subscription_users_by_user ON subscription_users (user_id);
        CREATE TABLE subscription_groups (
            data_source_id INTEGER NOT NULL REFERENCES data_sources ON DELETE CASCADE,
            group_name TEXT NOT NULL REFERENCES groups DEFERRABLE INITIALLY DEFERRED,
            PRIMARY KEY (data_source_id, group_name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX subscription_groups_by_group ON subscription_groups (group_name);
        """

    /// Projects, purposes, tags, global policies; approvals and the other state of users; what every version changed.
    ///
    /// Runs with foreign keys off: a table that is made anew would otherwise take the rows of others with it.
    private static let wholePolicies = """
        ALTER TABLE policy_versions ADD COLUMN what TEXT NOT NULL DEFAULT 'policy apply';
        ALTER TABLE policy_versions DROP COLUMN change;
        CREATE TABLE policy_undo (
            version INTEGER NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            action TEXT NOT NULL,
            before TEXT,
            PRIMARY KEY (version, kind, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE documents (
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            body TEXT NOT NULL,
            changed_at INTEGER NOT NULL,
            PRIMARY KEY (kind, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE mentions (
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            by_kind TEXT NOT NULL,
            by_name TEXT NOT NULL,
            PRIMARY KEY (kind, name, by_kind, by_name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mentions_by_whom ON mentions (by_kind, by_name);
        INSERT INTO documents (kind, name, body, changed_at)
            SELECT DISTINCT 'tag', tag, json_object('name', tag, 'implies', json_array(), 'components', json_array()), 0
            FROM tags;
        INSERT OR IGNORE INTO mentions
            SELECT 'tag', t.tag, 'data-source', d.name FROM tags t JOIN data_sources d ON d.id = t.data_source_id;
        INSERT OR IGNORE INTO mentions
            SELECT 'group', part.atom, 'data-source', d.name FROM data_sources d, json_tree(d.condition) part
            WHERE part.key = 'group';
        INSERT OR IGNORE INTO mentions
            SELECT 'attribute', part.key, 'data-source', d.name FROM data_sources d, json_tree(d.condition) part
            WHERE part.path LIKE '%.attribute';

        ALTER TABLE users ADD COLUMN suspended_until_ms INTEGER;
        ALTER TABLE subscription_users ADD COLUMN until_ms INTEGER;
        ALTER TABLE subscription_groups ADD COLUMN until_ms INTEGER;
        CREATE TABLE data_sources_made_anew (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('files', 'table')),
            credential_principal TEXT,
            credential_keytab TEXT CHECK (credential_keytab IS NULL OR credential_principal IS NOT NULL),
            contact TEXT,
            shares_directories INTEGER NOT NULL CHECK (shares_directories IN (0, 1)),
            subscription TEXT NOT NULL CHECK (subscription IN ('anyone', 'approval', 'condition', 'individuals')),
            condition TEXT CHECK ((condition IS NOT NULL) = (subscription = 'condition')),
            rules TEXT,
            changed_at INTEGER NOT NULL REFERENCES policy_versions DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
        INSERT INTO data_sources_made_anew (id, name, kind, credential_principal, credential_keytab, contact,
            shares_directories, subscription, condition, changed_at)
            SELECT id, name, kind, credential_principal, credential_keytab, contact, shares_directories, subscription,
                condition, changed_at FROM data_sources;
        INSERT OR REPLACE INTO sqlite_sequence (name, seq)
            SELECT 'data_sources_made_anew', seq FROM sqlite_sequence WHERE name = 'data_sources';
        DROP TABLE data_sources;
        ALTER TABLE data_sources_made_anew RENAME TO data_sources;
        CREATE INDEX directories_by_path ON directories (path);

        CREATE TABLE user_projects (
            user_id INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE,
            project TEXT NOT NULL
        ) STRICT;
        CREATE TABLE acknowledgements (
            user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
            project TEXT NOT NULL,
            purpose TEXT NOT NULL,
            time_ms INTEGER NOT NULL,
            PRIMARY KEY (user_id, project, purpose)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE requests (
            user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
            data_source_id INTEGER NOT NULL REFERENCES data_sources ON DELETE CASCADE,
            because TEXT,
            time_ms INTEGER NOT NULL,
            PRIMARY KEY (user_id, data_source_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX requests_by_data_source ON requests (data_source_id);
        CREATE TABLE approvals (
            user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
            data_source_id INTEGER NOT NULL REFERENCES data_sources ON DELETE CASCADE,
            approver TEXT NOT NULL,
            since_ms INTEGER NOT NULL,
            until_ms INTEGER,
            PRIMARY KEY (user_id, data_source_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX approvals_by_data_source ON approvals (data_source_id);
        CREATE TABLE salts (
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            salt BLOB NOT NULL,
            PRIMARY KEY (kind, name)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO salts SELECT 'data-source', name, randomblob(32) FROM data_sources;
        """
}
