import Foundation
import GRDB

/// What a crawl has found so far, in a file of its own that nothing decides by.
///
/// Committed now and then, and always up to the same record: a crawl that was killed goes on with the directories that
/// were not listed. Used by one thread.
final class StagedCrawl {
    /// What has been found so far.
    struct Counts: Sendable, Equatable {
        var files: UInt64 = 0
        var readable: UInt64 = 0
        var directories: UInt64 = 0
        /// Directories that the credential may not list.
        var closed: UInt64 = 0
    }

    private static let recordsPerCommit = 50_000

    private(set) var counts = Counts()
    private(set) var reader: CrawlReader?
    private(set) var calls: UInt64 = 0
    private(set) var isComplete = false
    private let queue: DatabaseQueue
    private let crawl: Int64
    private let plan: CrawlPlan
    private var numbers = CrawlerNumbers()

    /// Opens the file of a crawl, and makes it where there is none.
    ///
    /// - Parameters:
    ///   - crawl: the id of the crawl.
    init(path: String, crawl: Int64, plan: CrawlPlan) throws {
        self.crawl = crawl
        self.plan = plan
        queue = try CatalogueFile.open(path, creates: true)
        try queue.write { database in
            try database.execute(sql: "INSERT OR IGNORE INTO crawls (id) VALUES (?)", arguments: [crawl])
            counts = try Self.counts(in: database)
        }
    }

    func close() throws {
        try queue.close()
    }

    /// The directories that have been found and not listed; `nil` if the crawl has not begun.
    func waiting() throws -> [String]? {
        try queue.read { database in
            guard try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT * FROM directories)") == true else {
                return nil
            }
            let paths = try Data.fetchAll(database, sql: "SELECT path FROM directories WHERE state = 0 ORDER BY id")
            return paths.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Notes the directories where a crawl begins.
    func begin(at starts: [String]) throws {
        try queue.write { database in
            for start in starts {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO directories (path, state, crawl) VALUES (?, 0, ?)",
                    arguments: [Data(start.utf8), crawl])
            }
        }
    }

    /// Takes records until there are no more for now.
    ///
    /// - Parameters:
    ///   - next: gives the next record, `nil` at the end of what the crawler writes.
    ///   - onProgress: called every now and then, within a transaction.
    /// - Throws: ``CrawlFailure``, also the one that the crawler told of; what was found until then is kept.
    func take(_ next: () throws -> CrawlRecord?, onProgress: (Counts, CrawlerProgress) throws -> Void) throws {
        var isOver = false
        while !isOver {
            var failure: (any Error)?
            try queue.write { database in
                let writer = try StageWriter(database, crawl: crawl, plan: plan)
                do {
                    isOver = try take(next, writer, onProgress)
                } catch {
                    // Kept up to here, and then told of.
                    failure = error
                }
            }
            if let failure { throw failure }
        }
    }

    private func take(
        _ next: () throws -> CrawlRecord?, _ writer: StageWriter,
        _ onProgress: (Counts, CrawlerProgress) throws -> Void
    ) throws -> Bool {
        for _ in 0..<Self.recordsPerCommit {
            guard let record = try next() else { return true }
            switch record {
            case .reader(let reader):
                self.reader = reader
                try writer.write(reader)
            case .progress(let progress):
                try onProgress(counts, progress)
                // What the administrator has seen is on its way to the disk.
                return false
            case .end(let calls):
                self.calls = calls
                isComplete = true
            case .failure(let failure): throw failure
            default: try writer.write(record, counting: &counts, numbers: &numbers)
            }
        }
        return false
    }

    /// Of directories whose listing is whole: what else is there is listed again.
    private static func counts(in database: Database) throws -> Counts {
        let row = try Row.fetchOne(
            database,
            sql: """
                WITH listed AS (SELECT id FROM directories WHERE state IN (1, 4))
                SELECT (SELECT count(*) FROM listed CROSS JOIN files ON directory_id = id),
                    (SELECT count(*) FROM listed CROSS JOIN files ON directory_id = id WHERE is_readable),
                    (SELECT count(*) FROM listed), (SELECT count(*) FROM directories WHERE state = 2)
                """)!
        func number(_ index: Int) -> UInt64 { UInt64(clamping: row[index] as Int64) }
        return Counts(files: number(0), readable: number(1), directories: number(2), closed: number(3))
    }
}

/// Where a crawl goes.
struct CrawlPlan: Sendable {
    /// The directories of the data source, to which tags are relative.
    var roots: [[UInt8]]
    /// Whether directories in directories are crawled.
    var descends: Bool
    /// Directories that are left out, with all below them: other data sources'.
    var excluded: Set<[UInt8]>
}

/// The rows that the crawler's numbers stand for. They hold for one run of the crawler.
struct CrawlerNumbers {
    /// A directory that is being listed.
    struct OpenDirectory {
        var row: Int64
        var path: [UInt8]
        var adds: Bool
        var counts = StagedCrawl.Counts()
    }

    var permissions: [UInt32: Int64] = [:]
    var directories: [UInt32: OpenDirectory] = [:]
}
