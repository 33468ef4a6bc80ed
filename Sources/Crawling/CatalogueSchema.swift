import GRDB

/// The tables of one file of the catalogue: what one crawl of one data source found.
enum CatalogueSchema {
    /// Marks the file as a catalogue of this product: "AuCa" in ASCII.
    static let applicationID: Int32 = 0x4175_4361
    static let version = 1

    /// What became of a directory of a crawl.
    enum DirectoryState: Int64 {
        /// It was found, and is to be listed.
        case waiting = 0
        case listed = 1
        /// The credential may not list it.
        case closed = 2
        /// It was not there any more.
        case gone = 3
        /// Only single files of it were crawled.
        case inPart = 4
    }

    /// - Throws: ``CrawlFailure`` if the file is none of the catalogue, or of another release.
    static func prepare(_ database: Database, path: String) throws {
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if application == 0, found == 0 {
            try database.execute(sql: tables)
            try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
            return
        }
        guard application == applicationID, found == version else {
            throw CrawlFailure(
                .storage, "`\(path)` is no catalogue of this release; remove it and crawl the data source again")
        }
    }

    /// Paths and names are bytes, as HDFS has them. A file is found by its directory and its name.
    private static let tables = """
        CREATE TABLE permissions (
            id INTEGER PRIMARY KEY,
            owner TEXT NOT NULL,
            group_name TEXT NOT NULL,
            mode INTEGER NOT NULL,
            has_acl INTEGER NOT NULL,
            UNIQUE (owner, group_name, mode, has_acl)
        ) STRICT;
        CREATE TABLE directories (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            state INTEGER NOT NULL,
            permission_id INTEGER REFERENCES permissions,
            modification_time INTEGER,
            crawl INTEGER NOT NULL,
            words TEXT
        ) STRICT;
        CREATE INDEX directories_waiting ON directories (id) WHERE state = 0;
        CREATE TABLE files (
            directory_id INTEGER NOT NULL REFERENCES directories,
            name BLOB NOT NULL,
            size INTEGER NOT NULL,
            modification_time INTEGER NOT NULL,
            permission_id INTEGER NOT NULL REFERENCES permissions,
            is_readable INTEGER NOT NULL,
            PRIMARY KEY (directory_id, name)
        ) STRICT, WITHOUT ROWID;
        -- What the components of a directory's path say: `country=DE`, `archive`.
        CREATE TABLE tags (
            directory_id INTEGER NOT NULL REFERENCES directories,
            tag BLOB NOT NULL,
            PRIMARY KEY (directory_id, tag)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE crawls (
            id INTEGER PRIMARY KEY,
            reader TEXT,
            change TEXT
        ) STRICT;
        """
}
