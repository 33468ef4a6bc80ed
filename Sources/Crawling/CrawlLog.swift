import Foundation
import GRDB

/// The crawls that were asked for and what became of them, and which catalogue of each data source is in force: the
/// file `crawls.sqlite`.
final class CrawlLog: Sendable {
    /// What is kept of a data source.
    struct Source: Sendable, Equatable {
        var id: UInt32
        /// What its catalogue depends on besides HDFS; another value calls for another crawl.
        var principal: String?
        var shape: Data
        var inForce: Int64?
        var crawledAt: Int64?
        var milliseconds: Int64?
        var files: UInt64 = 0
        var readable: UInt64 = 0
        var nextDue: Int64?
        var failures = 0
        var unhealthy: String?
        var unhealthySince: Int64?
    }

    /// How many crawls of a data source are kept in the history.
    private static let mostKept = 1_000

    private let queue: DatabaseQueue

    init(path: String) throws {
        Glibc.close(Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        var configuration = Configuration()
        configuration.label = "crawls"
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { try Self.prepare($0, path) }
    }

    private static func prepare(_ database: Database, _ path: String) throws {
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if application == 0, version == 0 { return try database.execute(sql: tables) }
        guard application == applicationID, version == 1 else {
            throw CrawlFailure(
                .storage, "`\(path)` belongs to another program or to a later release; it was left alone")
        }
    }

    /// "AuCr" in ASCII.
    private static let applicationID: Int32 = 0x4175_4372

    private static let tables = """
        CREATE TABLE crawls (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            data_source_id INTEGER NOT NULL,
            state TEXT NOT NULL,
            crawl TEXT NOT NULL
        ) STRICT;
        CREATE INDEX crawls_by_data_source ON crawls (data_source_id, id);
        CREATE INDEX crawls_open ON crawls (id) WHERE state IN ('queued', 'running');
        CREATE TABLE data_sources (
            id INTEGER PRIMARY KEY,
            principal TEXT,
            shape BLOB NOT NULL,
            in_force INTEGER,
            crawled_at INTEGER,
            milliseconds INTEGER,
            files INTEGER NOT NULL,
            readable INTEGER NOT NULL,
            next_due INTEGER,
            failures INTEGER NOT NULL,
            unhealthy TEXT,
            unhealthy_since INTEGER
        ) STRICT;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = 1;
        """

    /// - Throws: ``CrawlFailure`` in the words of SQLite.
    private func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try queue.write(body)
        } catch let error as DatabaseError {
            throw CrawlFailure(error, writing: "the log of crawls")
        }
    }

    // MARK: Crawls

    /// Keeps a new crawl.
    ///
    /// - Returns: its id.
    func add(_ crawl: Crawl) throws -> Int64 {
        try write { database in
            try database.execute(
                sql: "INSERT INTO crawls (data_source_id, state, crawl) VALUES (?, ?, '')",
                arguments: [crawl.dataSourceID, crawl.state.rawValue])
            var crawl = crawl
            crawl.id = database.lastInsertedRowID
            try Self.write(crawl, database)
            try database.execute(
                sql: """
                    DELETE FROM crawls WHERE data_source_id = ? AND state NOT IN ('queued', 'running') AND id <=
                        (SELECT id FROM crawls WHERE data_source_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
                    """,
                arguments: [crawl.dataSourceID, crawl.dataSourceID, Self.mostKept])
            return crawl.id
        }
    }

    /// Keeps what became of a crawl, and with it what that means for its data source: both or neither.
    func update(_ crawl: Crawl, _ source: Source? = nil) throws {
        try write { database in
            try Self.write(crawl, database)
            if let source { try Self.write(source, database) }
        }
    }

    func crawl(_ id: Int64) throws -> Crawl? {
        try queue.read { try Self.crawls($0, "WHERE id = ?", [id]).first }
    }

    /// Crawls that are queued or running, the oldest first.
    func open() throws -> [Crawl] {
        try queue.read { try Self.crawls($0, "WHERE state IN ('queued', 'running') ORDER BY id", []) }
    }

    /// The latest crawls first.
    func history(dataSource: UInt32?, limit: Int) throws -> [Crawl] {
        try queue.read { database in
            guard let dataSource else { return try Self.crawls(database, "ORDER BY id DESC LIMIT ?", [limit]) }
            return try Self.crawls(
                database, "WHERE data_source_id = ? ORDER BY id DESC LIMIT ?", [dataSource, limit])
        }
    }

    private static func crawls(
        _ database: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> [Crawl] {
        try String.fetchAll(database, sql: "SELECT crawl FROM crawls \(condition)", arguments: arguments).map {
            try JSONDecoder().decode(Crawl.self, from: Data($0.utf8))
        }
    }

    private static func write(_ crawl: Crawl, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE crawls SET state = ?, crawl = ? WHERE id = ?",
            arguments: [
                crawl.state.rawValue, String(decoding: try JSONEncoder().encode(crawl), as: UTF8.self), crawl.id,
            ])
    }

    // MARK: Data sources

    func sources() throws -> [UInt32: Source] {
        try queue.read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT * FROM data_sources")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["id"], Source(row: $0)) })
        }
    }

    func update(_ source: Source) throws {
        try update([source])
    }

    /// All of them or none.
    func update(_ sources: [Source]) throws {
        guard !sources.isEmpty else { return }
        try write { database in
            for source in sources { try Self.write(source, database) }
        }
    }

    func remove(source id: UInt32) throws {
        try write { database in
            try database.execute(sql: "DELETE FROM data_sources WHERE id = ?", arguments: [id])
        }
    }

    private static func write(_ source: Source, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO data_sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                source.id, source.principal, source.shape, source.inForce, source.crawledAt, source.milliseconds,
                Int64(source.files), Int64(source.readable), source.nextDue, source.failures, source.unhealthy,
                source.unhealthySince,
            ])
    }
}

extension CrawlLog.Source {
    fileprivate init(row: Row) {
        self.init(
            id: row["id"], principal: row["principal"], shape: row["shape"], inForce: row["in_force"],
            crawledAt: row["crawled_at"], milliseconds: row["milliseconds"],
            files: UInt64(clamping: row["files"] as Int64), readable: UInt64(clamping: row["readable"] as Int64),
            nextDue: row["next_due"], failures: row["failures"], unhealthy: row["unhealthy"],
            unhealthySince: row["unhealthy_since"])
    }
}

extension CrawlSource {
    /// What the catalogue depends on besides the credential: directories by their bytes, each ended by a NUL.
    var shape: Data {
        func bytes(_ paths: [String]) -> [UInt8] {
            paths.map { Array($0.utf8) + [0] }.sorted { $0.lexicographicallyPrecedes($1) }.flatMap(\.self)
        }
        return Data(bytes(directories) + [0] + bytes(excluded))
    }
}
