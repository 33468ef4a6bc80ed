import Catalogue
import Foundation
import GRDB

/// How what a crawl found becomes the catalogue.
enum CatalogueApplying {
    /// Compares a crawl of a whole data source with the catalogue in force, and leaves its file ready to take its place.
    ///
    /// - Parameters:
    ///   - staged: path of the crawl's file, which nobody has open.
    ///   - inForce: path of the catalogue in force, where there is one.
    static func finish(staged: String, crawl: Int64, inForce: String?) throws -> CatalogueChange {
        let queue = try CatalogueFile.open(staged)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { database in
            try attach(inForce ?? ":memory:", as: "older", database)
            if inForce == nil { try database.execute(sql: emptyTables) }
            let difference = CatalogueDifference(database: database, older: "older", newer: "main", scope: .whole)
            let change = try difference.change()
            try note(change, reader: nil, crawl: crawl, database)
            try database.execute(sql: "DETACH older; PRAGMA wal_checkpoint(TRUNCATE)")
            return change
        }
    }

    /// Puts a crawl of a part in the place of what the catalogue in force has of that part: all of it, or nothing.
    ///
    /// - Returns: What changed, and all files of the part with those that are gone from it, for ``DataSourceFiles``;
    ///   nothing if it was applied before.
    static func apply(
        staged: String, scope: CrawlScope, crawl: Int64, inForce: String
    ) throws -> (change: CatalogueChange, files: FoundFiles)? {
        let queue = try CatalogueFile.open(inForce)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { database in
            try attach(staged, as: "newer", database)
            var result: (CatalogueChange, FoundFiles)?
            try database.inTransaction(.immediate) {
                guard try !isApplied(crawl, database) else { return .commit }
                let difference = CatalogueDifference(database: database, older: "main", newer: "newer", scope: scope)
                let change = try difference.change()
                let files = FoundFiles(
                    table: FileTable(try items(difference)),
                    credential: try CatalogueFile.credential(in: database, "newer"))
                try replace(scope, database)
                let reader = try String.fetchOne(database, sql: "SELECT reader FROM newer.crawls")
                try note(change, reader: reader, crawl: crawl, database)
                result = (change, files)
                return .commit
            }
            return result
        }
    }

    private static func attach(_ path: String, as name: String, _ database: Database) throws {
        try database.execute(sql: "ATTACH ? AS \(name)", arguments: [path])
    }

    private static func isApplied(_ crawl: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT * FROM main.crawls WHERE id = ?)", arguments: [crawl]) == true
    }

    private static func note(
        _ change: CatalogueChange, reader: String?, crawl: Int64, _ database: Database
    ) throws {
        let json = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT INTO main.crawls (id, reader, change) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET change = excluded.change
                """,
            arguments: [crawl, reader, json])
    }

    private static func items(_ difference: CatalogueDifference) throws -> [FileTable.Item] {
        var items: [FileTable.Item] = []
        var path = PathBuffer()
        try difference.forEachGone { row in
            path.enter(row.integer(0), row, 1)
            items.append(path.withPath(row, 2) { FileTable.Item(path: $0, state: .gone, modificationTime: 0) })
        }
        let condition = ScopeCondition(difference.scope)
        let statement = try SQLiteStatement(
            difference.database,
            """
            SELECT \(PathBuffer.fileColumns)
            FROM newer.directories d CROSS JOIN newer.files f ON f.directory_id = d.id WHERE \(condition.sql("d"))
            """)
        for (index, bytes) in condition.bytes.enumerated() { statement.bind(bytes[...], at: Int32(index + 1)) }
        path = PathBuffer()
        try statement.forEachRow { row in
            items.append(path.file(of: row))
        }
        return items
    }

    private static func replace(_ scope: CrawlScope, _ database: Database) throws {
        let condition = ScopeCondition(scope)
        let directories = "SELECT id FROM main.directories d WHERE \(condition.sql("d"))"
        for table in ["files", "tags"] {
            try database.execute(
                sql: "DELETE FROM main.\(table) WHERE directory_id IN (\(directories))",
                arguments: condition.arguments)
        }
        try database.execute(
            sql: "DELETE FROM main.directories AS d WHERE \(condition.sql("d"))", arguments: condition.arguments)
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO main.permissions (owner, group_name, mode, has_acl)
                    SELECT owner, group_name, mode, has_acl FROM newer.permissions
                """)
        try database.execute(
            sql: """
                INSERT INTO main.directories (path, state, permission_id, modification_time, crawl, words)
                    SELECT d.path, d.state, (\(permission("d.permission_id"))), d.modification_time, d.crawl, d.words
                    FROM newer.directories d WHERE \(condition.sql("d"))
                """,
            arguments: condition.arguments)
        try database.execute(
            sql: """
                INSERT INTO main.files
                    SELECT m.id, f.name, f.size, f.modification_time, (\(permission("f.permission_id"))), f.is_readable
                    FROM newer.directories d CROSS JOIN newer.files f ON f.directory_id = d.id
                    CROSS JOIN main.directories m ON m.path = d.path WHERE \(condition.sql("d"))
                """,
            arguments: condition.arguments)
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO main.tags
                    SELECT m.id, t.tag
                    FROM newer.directories d CROSS JOIN newer.tags t ON t.directory_id = d.id
                    CROSS JOIN main.directories m ON m.path = d.path WHERE \(condition.sql("d"))
                """,
            arguments: condition.arguments)
    }

    /// The id in `main` of what is a permission in `newer`.
    private static func permission(_ id: String) -> String {
        """
        SELECT m.id FROM newer.permissions s JOIN main.permissions m USING (owner, group_name, mode, has_acl)
        WHERE s.id = \(id)
        """
    }

    private static let emptyTables = """
        CREATE TABLE older.permissions (id INTEGER PRIMARY KEY, owner, group_name, mode, has_acl);
        CREATE TABLE older.directories (id INTEGER PRIMARY KEY, path BLOB UNIQUE);
        CREATE TABLE older.files (
            directory_id, name, size, modification_time, permission_id, is_readable, PRIMARY KEY (directory_id, name)
        ) WITHOUT ROWID;
        """
}
