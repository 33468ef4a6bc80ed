import Catalogue
import Foundation
import GRDB

/// One file of the catalogue, opened.
enum CatalogueFile {
    /// Opens a file.
    ///
    /// - Parameter creates: whether it is made, for its owner's eyes only, where there is none.
    /// - Throws: ``CrawlFailure`` if it is no catalogue, or not there; `DatabaseError`.
    static func open(_ path: String, creates: Bool = false) throws -> DatabaseQueue {
        // An empty one in the place of one that somebody took away would be a catalogue without files.
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC | (creates ? O_CREAT : 0), 0o600)
        guard descriptor >= 0 else {
            let advice = errno == ENOENT ? "; crawl the whole data source again" : ""
            throw CrawlFailure(.storage, "cannot open `\(path)`: \(String(cString: strerror(errno)))\(advice)")
        }
        close(descriptor)
        var configuration = Configuration()
        configuration.label = "catalogue"
        configuration.busyMode = .timeout(5)
        // What rows refer to is looked up when they are written; to have SQLite look again costs half as much more.
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            try database.execute(sql: "PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { try CatalogueSchema.prepare($0, path: path) }
        return queue
    }

    static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }

    /// Everything in the file, in the form that decisions need.
    static func load(_ path: String) throws -> FoundFiles {
        let queue = try open(path)
        defer { try? queue.close() }
        return try queue.read { database in
            FoundFiles(table: FileTable(try items(in: database)), credential: try credential(in: database, "main"))
        }
    }

    /// Who crawled last, as the NameNode knew it then.
    ///
    /// - Parameter name: by which the connection knows the file.
    static func credential(in database: Database, _ name: String) throws -> Credential? {
        let json = try String.fetchOne(
            database, sql: "SELECT reader FROM \(name).crawls WHERE reader IS NOT NULL ORDER BY id DESC LIMIT 1")
        return try json.map { try JSONDecoder().decode(CrawlReader.self, from: Data($0.utf8)).credential }
    }

    /// All the files of a database.
    private static func items(in database: Database) throws -> [FileTable.Item] {
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM files") ?? 0
        var items: [FileTable.Item] = []
        items.reserveCapacity(count)
        let statement = try SQLiteStatement(
            database,
            """
            SELECT \(PathBuffer.fileColumns) FROM files f CROSS JOIN directories d ON d.id = f.directory_id
            """)
        var path = PathBuffer()
        try statement.forEachRow { row in
            items.append(path.file(of: row))
        }
        return items
    }
}

/// What a crawl found, in the form that decisions need.
struct FoundFiles: Sendable {
    /// The files of the whole data source, or those of a part with those that are gone from it.
    var table: FileTable
    var credential: Credential?
}

/// The path of one file after the other, without an allocation for each.
struct PathBuffer {
    private var directory: Int64?
    private var bytes: [UInt8] = []
    private var directoryCount = 0

    /// What ``file(of:)`` reads of the tables `directories d` and `files f`.
    static let fileColumns = "d.id, d.path, f.name, f.is_readable, f.modification_time"

    /// The file that a row of ``fileColumns`` is.
    mutating func file(of row: borrowing SQLiteRow) -> FileTable.Item {
        enter(row.integer(0), row, 1)
        let (isReadable, modificationTime) = (row.integer(3) != 0, row.integer(4))
        return withPath(row, 2) { path in
            FileTable.Item(
                path: path, state: isReadable ? .readable : .notReadable, modificationTime: modificationTime)
        }
    }

    /// Begins with the directory of a row, unless it is the same as before.
    mutating func enter(_ id: Int64, _ row: borrowing SQLiteRow, _ pathColumn: Int32) {
        guard directory != id else { return }
        directory = id
        row.withBytes(pathColumn) { path in
            bytes.removeAll(keepingCapacity: true)
            bytes.append(contentsOf: path)
        }
        if bytes != [UInt8(ascii: "/")] { bytes.append(UInt8(ascii: "/")) }
        directoryCount = bytes.count
    }

    /// Calls `body` with the path of the file that a row names.
    mutating func withPath<Result>(
        _ row: borrowing SQLiteRow, _ nameColumn: Int32, _ body: (borrowing Span<UInt8>) -> Result
    ) -> Result {
        bytes.removeSubrange(directoryCount...)
        row.withBytes(nameColumn) { bytes.append(contentsOf: $0) }
        return body(bytes.span)
    }
}
