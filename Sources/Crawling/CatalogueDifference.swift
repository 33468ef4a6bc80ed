import Foundation
import GRDB

/// Compares two databases of the catalogue that one connection has open, within a scope.
struct CatalogueDifference {
    let database: Database
    /// The names by which the connection knows them.
    let older: String
    let newer: String
    let scope: CrawlScope

    func change() throws -> CatalogueChange {
        try pair()
        var change = CatalogueChange()
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT count(o.name), total(o.name IS NULL), total(\(Self.differs)), total(\(Self.gained)),
                    total(\(Self.lost)), total(f.is_readable) \(newFiles)
                """,
            arguments: newScope.arguments)!
        let before = try Row.fetchOne(
            database,
            sql: """
                SELECT count(*), total(f.is_readable) FROM \(older).directories d CROSS JOIN \(older).files f ON f.directory_id = d.id
                WHERE \(newScope.sql("d"))
                """,
            arguments: newScope.arguments)!
        func number(_ index: Int) -> UInt64 { UInt64(row[index] as Double) }
        change.gone.count = UInt64((before[0] as Int64) - (row[0] as Int64))
        change.added.count = number(1)
        change.changed.count = number(2)
        change.newlyReadable.count = number(3)
        change.noLongerReadable.count = number(4)
        change.readableMore = Int64(row[5] as Double) - Int64(before[1] as Double)
        try addExamples(to: &change)
        return change
    }

    /// Calls `body` with every file that is gone.
    func forEachGone(_ body: (borrowing SQLiteRow) throws -> Void) throws {
        try goneFiles(limit: -1, body)
    }

    // MARK: Statements

    private static let differs = """
        o.name IS NOT NULL AND (f.size <> o.size OR f.modification_time <> o.modification_time
            OR f.permission_id IS NOT q.newer)
        """
    private static let gained = "o.name IS NOT NULL AND f.is_readable > o.is_readable"
    private static let lost = "o.name IS NOT NULL AND f.is_readable < o.is_readable"

    private var newScope: ScopeCondition { ScopeCondition(scope) }

    /// The new files, each with the old one of the same path.
    private var newFiles: String {
        """
        FROM \(newer).directories n CROSS JOIN \(newer).files f ON f.directory_id = n.id
        LEFT JOIN temp.directory_pairs p ON p.newer = n.id
        LEFT JOIN \(older).files o ON o.directory_id = p.older AND o.name = f.name
        LEFT JOIN temp.permission_pairs q ON q.older = o.permission_id
        WHERE \(newScope.sql("n"))
        """
    }

    /// Finds out which rows of both say the same.
    private func pair() throws {
        try database.execute(
            sql: """
                DROP TABLE IF EXISTS temp.directory_pairs;
                DROP TABLE IF EXISTS temp.permission_pairs;
                CREATE TEMP TABLE directory_pairs (newer INTEGER PRIMARY KEY, older INTEGER NOT NULL);
                CREATE TEMP TABLE permission_pairs (older INTEGER PRIMARY KEY, newer INTEGER NOT NULL);
                INSERT INTO temp.permission_pairs
                    SELECT o.id, n.id FROM \(newer).permissions n JOIN \(older).permissions o
                    USING (owner, group_name, mode, has_acl);
                """)
        try database.execute(
            sql: """
                INSERT INTO temp.directory_pairs
                    SELECT n.id, o.id FROM \(newer).directories n CROSS JOIN \(older).directories o ON o.path = n.path
                    WHERE \(newScope.sql("n"))
                """,
            arguments: newScope.arguments)
    }

    private func addExamples(to change: inout CatalogueChange) throws {
        try addNew("o.name IS NULL", to: &change.added)
        try addNew(Self.differs, to: &change.changed)
        try addNew(Self.gained, to: &change.newlyReadable)
        try addNew(Self.lost, to: &change.noLongerReadable)
        guard change.gone.count > 0 else { return }
        var path = PathBuffer()
        try goneFiles(limit: CatalogueChange.mostExamples) { row in
            path.enter(row.integer(0), row, 1)
            change.gone.examples.append(path.withPath(row, 2, Self.string))
        }
    }

    private func addNew(_ condition: String, to kind: inout CatalogueChange.Kind) throws {
        guard kind.count > 0 else { return }
        let rows = try Row.fetchAll(
            database, sql: "SELECT n.path, f.name \(newFiles) AND (\(condition)) LIMIT \(CatalogueChange.mostExamples)",
            arguments: newScope.arguments)
        kind.examples = rows.map { row in
            let directory = String(decoding: row[0] as Data, as: UTF8.self)
            return (directory == "/" ? "" : directory) + "/" + String(decoding: row[1] as Data, as: UTF8.self)
        }
    }

    private func goneFiles(limit: Int, _ body: (borrowing SQLiteRow) throws -> Void) throws {
        let statement = try SQLiteStatement(
            database,
            """
            SELECT o.id, o.path, f.name
            FROM \(older).directories o CROSS JOIN \(older).files f ON f.directory_id = o.id
            LEFT JOIN \(newer).directories n ON n.path = o.path
            LEFT JOIN \(newer).files g ON g.directory_id = n.id AND g.name = f.name
            WHERE g.name IS NULL AND \(newScope.sql("o")) LIMIT \(limit)
            """)
        for (index, bytes) in newScope.bytes.enumerated() { statement.bind(bytes[...], at: Int32(index + 1)) }
        try statement.forEachRow(body)
    }

    private static func string(_ path: borrowing Span<UInt8>) -> String {
        path.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

/// Which directories a scope holds, in SQL.
struct ScopeCondition {
    /// What its parameters stand for.
    let bytes: [[UInt8]]
    private let template: String

    init(_ scope: CrawlScope) {
        switch scope {
        case .whole, .subtree("/"):
            bytes = []
            template = "TRUE"
        case .directories(let paths):
            bytes = paths.map { Array($0.utf8) }
            template = "@.path IN (\(paths.indices.map { "?\($0 + 1)" }.joined(separator: ", ")))"
        case .subtree(let path):
            let path = Array(path.utf8)
            // From `path/` up to what comes after all that begins so.
            bytes = [path, path + [UInt8(ascii: "/")], path + [UInt8(ascii: "/") + 1]]
            template = "(@.path = ?1 OR (@.path >= ?2 AND @.path < ?3))"
        }
    }

    var arguments: StatementArguments { StatementArguments(bytes.map { Data($0) }) }

    /// - Parameter table: the name of a table of directories.
    func sql(_ table: String) -> String {
        template.replacing("@", with: table)
    }
}
