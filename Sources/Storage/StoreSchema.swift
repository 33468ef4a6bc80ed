import GRDB
import StrictYAML

/// The tables of the store, and how a store of an earlier release comes by them.
enum StoreSchema {
    /// Marks the file as a policy store of this product: "Auth" in ASCII.
    static let applicationID: Int32 = 0x4175_7468

    /// The schema version that this release writes, kept in SQLite's `user_version`.
    static var version: Int { migrations.count }

    /// The nth takes a store from version n - 1 to n. Never edited once released.
    private static let migrations = [firstSchema]

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

    /// Brings a checked store to this release's version, in the transaction that the caller has begun. Another process
    /// may have been first.
    static func migrate(_ database: Database) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found < version else { return }
        for migration in migrations[found...] {
            try database.execute(sql: migration)
        }
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
}
