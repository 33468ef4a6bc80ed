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
                let batch = try ahead.readBatch(through: limit)
                if !batch.views.isEmpty { try insert(batch) }
                reader = ahead
                missingRecords.store(ahead.missing, ordering: .releasing)
                guard let newest = batch.views.last else { break }
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

    /// One transaction of raw statement steps, with the texts where they lie: a fraction of what a record of strings
    /// costs.
    private func insert(_ batch: JournalBatch) throws {
        try pool.write { db in
            let statement = try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
            for view in batch.views {
                try Self.step(statement.sqliteStatement, view, batch.bytes, db)
                if view.head.reporter != 0 { try Self.note(view.head, db) }
            }
        }
    }

    private static func note(_ head: AuditHead, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO reporter VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET last = excluded.last",
            arguments: [Int64(bitPattern: head.reporter), Int64(bitPattern: head.reporterSequence)])
    }

    private static func step(_ statement: OpaquePointer, _ view: RecordView, _ bytes: [UInt8], _ db: Database) throws {
        let head = view.head
        sqlite3_bind_int64(statement, 1, Int64(clamping: view.sequence))
        sqlite3_bind_int64(statement, 2, Int64(clamping: view.time))
        sqlite3_bind_int64(statement, 3, Int64(head.kind.rawValue))
        sqlite3_bind_int64(statement, 4, Int64(head.operation?.rawValue ?? 0))
        sqlite3_bind_int64(statement, 5, Int64(head.verdict?.rawValue ?? 0))
        sqlite3_bind_int64(statement, 6, Int64(head.reason?.rawValue ?? 0))
        sqlite3_bind_int64(statement, 7, head.wasCached ? 1 : 0)
        sqlite3_bind_int64(statement, 8, Int64(head.failureMode))
        sqlite3_bind_int64(statement, 9, Int64(head.age))
        sqlite3_bind_int64(statement, 10, Int64(clamping: head.policyVersion))
        let result = bytes.withUnsafeBufferPointer { bytes in
            for index in view.texts.indices {
                bind(UnsafeBufferPointer(rebasing: bytes[view.texts[index]]), at: Int32(11 + index), of: statement)
            }
            // The texts are bound where they lie, and let go of before the bytes are.
            defer {
                sqlite3_reset(statement)
                sqlite3_clear_bindings(statement)
            }
            return sqlite3_step(statement)
        }
        guard result == SQLITE_DONE else {
            let code = sqlite3_extended_errcode(db.sqliteConnection)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
        }
    }

    /// Binds a text; one with a NUL, where SQLite's functions would end it, or that is not UTF-8 is repaired first.
    private static func bind(_ text: UnsafeBufferPointer<UInt8>, at index: Int32, of statement: OpaquePointer) {
        guard let start = UnsafeRawPointer(text.baseAddress), !text.isEmpty else {
            sqlite3_bind_text(statement, index, "", 0, transient)
            return
        }
        if text.allSatisfy({ $0 != 0 && $0 < 0x80 }) {
            sqlite3_bind_text(statement, index, start.assumingMemoryBound(to: CChar.self), Int32(text.count), nil)
            return
        }
        let repaired = String(decoding: text, as: UTF8.self).replacing("\0", with: "\u{2400}")
        sqlite3_bind_text(statement, index, repaired, Int32(repaired.utf8.count), transient)
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
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
