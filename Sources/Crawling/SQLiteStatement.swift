import GRDB
import GRDBSQLite

/// A prepared statement that is stepped by hand, with bytes bound where they lie: what millions of rows need.
///
/// Belongs to the thread that uses its database.
struct SQLiteStatement {
    private let statement: GRDB.Statement
    private let database: Database

    init(_ database: Database, _ sql: String) throws {
        self.database = database
        statement = try database.makeStatement(sql: sql)
    }

    private var handle: OpaquePointer { statement.sqliteStatement }

    func bind(_ value: Int64, at index: Int32) {
        sqlite3_bind_int64(handle, index, value)
    }

    /// Copies the bytes.
    func bind(_ bytes: ArraySlice<UInt8>, at index: Int32) {
        bytes.withUnsafeBytes { bytes in
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            // An empty blob has no address, and NULL is no blob.
            if let start = bytes.baseAddress {
                sqlite3_bind_blob(handle, index, start, Int32(bytes.count), transient)
            } else {
                sqlite3_bind_zeroblob(handle, index, 0)
            }
        }
    }

    /// Runs a statement that gives no rows.
    ///
    /// - Throws: `DatabaseError`.
    func run() throws {
        defer { sqlite3_reset(handle) }
        guard sqlite3_step(handle) == SQLITE_DONE else { throw error }
    }

    /// Calls `body` for every row.
    ///
    /// - Throws: `DatabaseError`, or what `body` throws.
    func forEachRow(_ body: (borrowing SQLiteRow) throws -> Void) throws {
        defer { sqlite3_reset(handle) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: try body(SQLiteRow(handle: handle))
            case SQLITE_DONE: return
            default: throw error
            }
        }
    }

    private var error: DatabaseError {
        let code = sqlite3_extended_errcode(database.sqliteConnection)
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
    }
}

/// The row that a statement is at.
struct SQLiteRow: ~Copyable {
    fileprivate let handle: OpaquePointer

    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    /// Calls `body` with the bytes of a blob, which lie where SQLite has them.
    func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let start = sqlite3_column_blob(handle, column)
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
