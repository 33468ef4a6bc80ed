import Foundation
import GRDB

/// The statements that write records into the file of a crawl, for one transaction.
struct StageWriter {
    private static let slash = UInt8(ascii: "/")

    private let database: Database
    private let crawl: Int64
    private let plan: CrawlPlan
    private let addFile: SQLiteStatement
    private let addDirectory: SQLiteStatement
    private let directoryRow: SQLiteStatement
    private let removeFiles: SQLiteStatement
    private let addTag: SQLiteStatement

    init(_ database: Database, crawl: Int64, plan: CrawlPlan) throws {
        self.database = database
        self.crawl = crawl
        self.plan = plan
        addFile = try SQLiteStatement(database, "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)")
        addDirectory = try SQLiteStatement(
            database,
            """
            INSERT INTO directories (path, state, permission_id, modification_time, crawl) VALUES (?, 0, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET permission_id = excluded.permission_id,
                modification_time = excluded.modification_time
            """)
        directoryRow = try SQLiteStatement(database, "SELECT id FROM directories WHERE path = ?")
        removeFiles = try SQLiteStatement(database, "DELETE FROM files WHERE directory_id = ?")
        addTag = try SQLiteStatement(database, "INSERT OR IGNORE INTO tags VALUES (?, ?)")
    }

    func write(_ reader: CrawlReader) throws {
        let json = String(decoding: try JSONEncoder().encode(reader), as: UTF8.self)
        try database.execute(sql: "UPDATE crawls SET reader = ? WHERE id = ?", arguments: [json, crawl])
    }

    /// - Throws: ``CrawlFailure`` if the record cannot follow those before it.
    func write(
        _ record: CrawlRecord, counting counts: inout StagedCrawl.Counts, numbers: inout CrawlerNumbers
    ) throws {
        switch record {
        case .permission(let number, let permission): numbers.permissions[number] = try row(of: permission)
        case .directory(let number, let path, let adds):
            let row = try row(ofDirectory: path)
            if !adds { try run(removeFiles, row) }
            numbers.directories[number] = .init(row: row, path: Array(path), adds: adds)
        case .file(let file): try write(file, &numbers)
        case .subdirectory(let number, let name, let permission, let time):
            let parent = try directory(number, numbers)
            guard plan.descends else { return }
            let path = parent.path == [Self.slash] ? [Self.slash] + name : parent.path + [Self.slash] + name
            guard !plan.excluded.contains(path) else { return }
            try add(path[...], permission: try self.permission(permission, numbers), time: time)
        case .directoryEnd(let number):
            let directory = try directory(number, numbers)
            numbers.directories[number] = nil
            try end(directory)
            counts.files += directory.counts.files
            counts.readable += directory.counts.readable
            counts.directories += 1
        case .unlisted(let path, let reason, let words):
            let row = try row(ofDirectory: path)
            try run(removeFiles, row)
            try set(reason == .closed ? .closed : .gone, row, words)
            if reason == .closed { counts.closed += 1 }
        case .reader, .progress, .end, .failure: break
        }
    }

    private func write(_ file: CrawledFile, _ numbers: inout CrawlerNumbers) throws {
        let permission = try permission(file.permission, numbers)
        guard let row = numbers.directories[file.directory]?.row else { throw Self.outOfOrder }
        numbers.directories[file.directory]?.counts.files += 1
        if file.isReadable { numbers.directories[file.directory]?.counts.readable += 1 }
        addFile.bind(row, at: 1)
        addFile.bind(file.name, at: 2)
        addFile.bind(file.size, at: 3)
        addFile.bind(file.modificationTime, at: 4)
        addFile.bind(permission, at: 5)
        addFile.bind(file.isReadable ? 1 : 0, at: 6)
        try addFile.run()
    }

    private func end(_ directory: CrawlerNumbers.OpenDirectory) throws {
        try set(directory.adds ? .inPart : .listed, directory.row, nil)
        guard let root = plan.roots.first(where: { isRoot($0, of: directory.path) }) else { return }
        for component in directory.path.dropFirst(root.count).split(separator: Self.slash) {
            addTag.bind(directory.row, at: 1)
            addTag.bind(component, at: 2)
            try addTag.run()
        }
    }

    private func isRoot(_ root: [UInt8], of path: [UInt8]) -> Bool {
        path.starts(with: root) && (path.count == root.count || root == [Self.slash] || path[root.count] == Self.slash)
    }

    private func set(_ state: CatalogueSchema.DirectoryState, _ row: Int64, _ words: String?) throws {
        try database.cachedStatement(sql: "UPDATE directories SET state = ?, words = ?, crawl = ? WHERE id = ?")
            .execute(arguments: [state.rawValue, words, crawl, row])
    }

    private func row(of permission: FilePermission) throws -> Int64 {
        let values: StatementArguments = [permission.owner, permission.group, permission.mode, permission.hasACL]
        try database.execute(
            sql: "INSERT OR IGNORE INTO permissions (owner, group_name, mode, has_acl) VALUES (?, ?, ?, ?)",
            arguments: values)
        return try Int64.fetchOne(
            database,
            sql: "SELECT id FROM permissions WHERE owner = ? AND group_name = ? AND mode = ? AND has_acl = ?",
            arguments: values)!
    }

    private func permission(_ number: UInt32, _ numbers: CrawlerNumbers) throws -> Int64 {
        guard let row = numbers.permissions[number] else { throw Self.outOfOrder }
        return row
    }

    private func directory(_ number: UInt32, _ numbers: CrawlerNumbers) throws -> CrawlerNumbers.OpenDirectory {
        guard let directory = numbers.directories[number] else { throw Self.outOfOrder }
        return directory
    }

    /// The row of a directory, made if there is none.
    private func row(ofDirectory path: ArraySlice<UInt8>) throws -> Int64 {
        if let row = try find(path) { return row }
        try database.execute(
            sql: "INSERT INTO directories (path, state, crawl) VALUES (?, 0, ?)", arguments: [Data(path), crawl])
        return database.lastInsertedRowID
    }

    private func find(_ path: ArraySlice<UInt8>) throws -> Int64? {
        var row: Int64?
        directoryRow.bind(path, at: 1)
        try directoryRow.forEachRow { row = $0.integer(0) }
        return row
    }

    private func add(_ path: ArraySlice<UInt8>, permission: Int64, time: Int64) throws {
        addDirectory.bind(path, at: 1)
        addDirectory.bind(permission, at: 2)
        addDirectory.bind(time, at: 3)
        addDirectory.bind(crawl, at: 4)
        try addDirectory.run()
    }

    private func run(_ statement: SQLiteStatement, _ row: Int64) throws {
        statement.bind(row, at: 1)
        try statement.run()
    }

    private static let outOfOrder = CrawlFailure(.crawler, "the crawler's records are not in their order")
}
