import Decision
import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// The index of the journal that queries go to: a SQLite database that can be rebuilt from the journal at any time.
///
/// Written by one thread, beside the hot path; readers never wait for it.
package final class AuditIndex: Sendable {
    private let pool: DatabasePool
    private let directory: String
    private let progress = NSCondition()
    private let lastIndexed: Atomic<UInt64>
    private let missingRecords = Atomic<UInt64>(0)
    private let reader: Mutex<JournalReader>

    /// - Parameter directory: where the journal lies; the index is `index.sqlite` in it.
    package init(directory: String) throws {
        self.directory = directory
        var configuration = Configuration()
        configuration.label = "audit-index"
        configuration.prepareDatabase { db in
            // The journal is the truth: a commit that the machine's death undoes is indexed again.
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        let path = "\(directory)/index.sqlite"
        // SQLite gives the files beside the database the database's own mode, so it is set before they are made.
        close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        chmod(path, 0o600)
        pool = try DatabasePool(path: path, configuration: configuration)
        try Self.migrator.migrate(pool)
        let last = try pool.read { try Int64.fetchOne($0, sql: "SELECT max(sequence) FROM record") ?? 0 }
        lastIndexed = Atomic(UInt64(last))
        reader = Mutex(JournalReader(directory: directory, next: UInt64(last) + 1))
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE record (
                        sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind INTEGER NOT NULL,
                        operation INTEGER NOT NULL, decision INTEGER NOT NULL, reason INTEGER NOT NULL,
                        cached INTEGER NOT NULL, failure_mode INTEGER NOT NULL, age INTEGER NOT NULL,
                        policy_version INTEGER NOT NULL, principal TEXT NOT NULL, short_name TEXT NOT NULL,
                        user TEXT NOT NULL, real_user TEXT NOT NULL, path TEXT NOT NULL, destination TEXT NOT NULL,
                        data_source TEXT NOT NULL, client_address TEXT NOT NULL, caller_context TEXT NOT NULL,
                        detail TEXT NOT NULL
                    ) STRICT;
                    CREATE TABLE reporter (id INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
                    """)
        }
        return migrator
    }

    /// The sequence number of the last record that queries can see.
    package var last: UInt64 { lastIndexed.load(ordering: .acquiring) }

    /// Records before the last indexed one that the journal did not hold any more when they were to be indexed.
    package var missing: UInt64 { missingRecords.load(ordering: .acquiring) }

    /// Indexes what the journal holds by now. Called by one thread at a time.
    ///
    /// - Parameter limit: the sequence number of the last record that is committed.
    package func catchUp(through limit: UInt64 = .max) throws {
        try reader.withLock { reader in
            var ahead = reader
            while true {
                let records = try ahead.read(through: limit)
                if !records.isEmpty { try insert(records) }
                reader = ahead
                missingRecords.store(ahead.missing, ordering: .releasing)
                guard let newest = records.last else { break }
                progress.lock()
                lastIndexed.store(newest.sequence, ordering: .releasing)
                progress.broadcast()
                progress.unlock()
            }
        }
    }

    /// Waits until queries can see a record.
    ///
    /// - Returns: whether they can; `false` once the deadline is over.
    package func wait(for sequence: UInt64, until deadline: Date) -> Bool {
        progress.lock()
        defer { progress.unlock() }
        while last < sequence {
            guard progress.wait(until: deadline) else { return last >= sequence }
        }
        return true
    }

    /// The number of the last event of each reporter that is in the journal.
    package func reporters() throws -> [UInt64: UInt64] {
        try pool.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT id, last FROM reporter")
            return Dictionary(
                uniqueKeysWithValues: rows.map {
                    (UInt64(bitPattern: $0["id"] as Int64), UInt64(bitPattern: $0["last"] as Int64))
                })
        }
    }

    /// Runs a query for the command line.
    package func records(_ query: AuditQuery) throws -> [AuditRecord] {
        try pool.read { db in
            let (sql, arguments) = query.statement
            return try Row.fetchAll(db, sql: sql, arguments: arguments).map(AuditRecord.init(row:))
        }
    }

    /// One transaction of raw statement steps: a third of the cost of one that goes through arguments and records.
    private func insert(_ records: [AuditRecord]) throws {
        try pool.write { db in
            let statement = try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
            for record in records {
                try Self.step(statement.sqliteStatement, record, db)
                if record.head.reporter != 0 {
                    try db.execute(
                        sql: "INSERT INTO reporter VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET last = excluded.last",
                        arguments: [
                            Int64(bitPattern: record.head.reporter), Int64(bitPattern: record.head.reporterSequence),
                        ])
                }
            }
        }
    }

    private static func step(_ statement: OpaquePointer, _ record: AuditRecord, _ db: Database) throws {
        sqlite3_reset(statement)
        let numbers: [Int64] = [
            Int64(clamping: record.sequence), Int64(clamping: record.time), Int64(record.head.kind.rawValue),
            Int64(record.head.operation?.rawValue ?? 0), Int64(record.head.verdict?.rawValue ?? 0),
            Int64(record.head.reason?.rawValue ?? 0), record.head.wasCached ? 1 : 0, Int64(record.head.failureMode),
            Int64(record.head.age), Int64(clamping: record.head.policyVersion),
        ]
        for (index, number) in numbers.enumerated() { sqlite3_bind_int64(statement, Int32(index + 1), number) }
        let texts = [
            record.principal, record.shortName, record.user, record.realUser, record.path, record.destination,
            record.dataSource, record.clientAddress, record.callerContext, record.detail,
        ]
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for (index, text) in texts.enumerated() {
            // SQLite's texts are read up to a NUL only: it stands there as a visible sign.
            let text = text.utf8.contains(0) ? text.replacing("\0", with: "\u{2400}") : text
            let position = Int32(numbers.count + index + 1)
            sqlite3_bind_text(statement, position, text, Int32(text.utf8.count), transient)
        }
        guard sqlite3_step(statement) == SQLITE_DONE else {
            let code = sqlite3_extended_errcode(db.sqliteConnection)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
        }
        sqlite3_reset(statement)
    }
}

extension AuditRecord {
    /// From a row of the index.
    init(row: Row) {
        func number(_ column: String) -> UInt64 { UInt64(bitPattern: row[column] as Int64) }
        func code(_ column: String) -> UInt8 { UInt8(truncatingIfNeeded: row[column] as Int64) }
        self.init(
            sequence: number("sequence"), time: number("time"),
            head: AuditHead(
                kind: AuditKind(rawValue: code("kind")) ?? .administration,
                operation: Operation(rawValue: code("operation")), verdict: Verdict(rawValue: code("decision")),
                reason: Reason(rawValue: code("reason")), wasCached: code("cached") != 0,
                failureMode: code("failure_mode"), policyVersion: number("policy_version"),
                age: UInt32(truncatingIfNeeded: number("age"))),
            principal: row["principal"], shortName: row["short_name"], user: row["user"], realUser: row["real_user"],
            path: row["path"], destination: row["destination"], dataSource: row["data_source"],
            clientAddress: row["client_address"], callerContext: row["caller_context"], detail: row["detail"])
    }
}
