import Foundation
import GRDB

/// The SQLite database of the index: closed blocks and their postings.
struct IndexStore: Sendable {
    private let queue: DatabaseQueue
    let keys: IndexKeys

    /// - Parameter path: of the database; made anew if it is not there, or is of a release that indexed otherwise.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "audit-index"
        configuration.journalMode = .wal
        configuration.prepareDatabase { db in
            // The journal is the truth: a commit that the machine's death undoes is indexed again.
            try db.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512")
        }
        // SQLite gives the files beside the database the database's own mode, so it is set before they are made.
        close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        chmod(path, 0o600)
        var queue = try DatabaseQueue(path: path, configuration: configuration)
        if try queue.read({ try $0.tableExists("record") }) {
            try queue.close()
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
            queue = try DatabaseQueue(path: path, configuration: configuration)
        }
        try Self.migrator.migrate(queue)
        self.queue = queue
        let seed = try queue.read { try Int64.fetchOne($0, sql: "SELECT seed FROM secret") ?? 0 }
        keys = IndexKeys(seed: UInt64(bitPattern: seed))
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("blocks") { db in
            try db.execute(
                sql: """
                    CREATE TABLE secret (seed INTEGER NOT NULL) STRICT;
                    CREATE TABLE block (
                        id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, version INTEGER NOT NULL,
                        first INTEGER NOT NULL, last INTEGER NOT NULL, "end" INTEGER NOT NULL,
                        earliest INTEGER NOT NULL, latest INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE pieces (block INTEGER PRIMARY KEY, pieces BLOB NOT NULL) STRICT;
                    CREATE TABLE posting (id INTEGER PRIMARY KEY, keys BLOB NOT NULL) STRICT;
                    CREATE TABLE reporter (id INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
                    """)
            let seed = Int64.random(in: .min ... .max)
            try db.execute(sql: "INSERT INTO secret VALUES (?)", arguments: [seed])
        }
        return migrator
    }

    // MARK: Writing

    /// Stores a closed block in one transaction.
    ///
    /// - Parameter reporters: of the block's records: the number of the last event of each.
    func insert(
        _ block: IndexBlock, postings: borrowing IndexPostings, reporters: [UInt64: UInt64]
    ) throws {
        // A noncopyable value cannot be captured, so its rows are made first.
        var rows: [(bucket: Int, postings: [UInt8])] = []
        rows.reserveCapacity(256)
        postings.forEachBucket { rows.append(($0, $1)) }
        try queue.write { db in
            try db.execute(
                sql: "INSERT INTO block VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    Int64(clamping: block.segment), Int64(block.version), Int64(clamping: block.first),
                    Int64(clamping: block.last), Int64(block.end), Int64(bitPattern: block.earliest),
                    Int64(bitPattern: block.latest),
                ])
            let id = db.lastInsertedRowID
            try db.execute(
                sql: "INSERT INTO pieces VALUES (?, ?)", arguments: [id, Data(Self.encoded(block.pieces))])
            let statement = try db.cachedStatement(sql: "INSERT INTO posting VALUES (?, ?)")
            for row in rows {
                try statement.execute(arguments: [id << 8 | Int64(row.bucket), Data(row.postings)])
            }
            for (reporter, last) in reporters {
                try db.execute(
                    sql: """
                        INSERT INTO reporter VALUES (?, ?)
                        ON CONFLICT (id) DO UPDATE SET last = excluded.last
                        """,
                    arguments: [Int64(bitPattern: reporter), Int64(bitPattern: last)])
            }
        }
    }

    /// Forgets the blocks of segments that are gone: all that end before a record.
    func remove(before sequence: UInt64) throws {
        try queue.write { db in
            let newest = try Int64.fetchOne(
                db, sql: "SELECT max(id) FROM block WHERE last < ?", arguments: [Int64(clamping: sequence)])
            guard let newest else { return }
            try db.execute(sql: "DELETE FROM posting WHERE id < ?", arguments: [(newest + 1) << 8])
            try db.execute(sql: "DELETE FROM pieces WHERE block <= ?", arguments: [newest])
            try db.execute(sql: "DELETE FROM block WHERE id <= ?", arguments: [newest])
        }
    }

    private static let bytesPerPiece = 20

    private static func encoded(_ pieces: [IndexBlock.Piece]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pieces.count * bytesPerPiece)
        for piece in pieces {
            withUnsafeBytes(of: piece.offset.littleEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: piece.earliest.littleEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: piece.latest.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    // MARK: Reading

    /// The number of the last record in closed blocks; 0 if there is none.
    func last() throws -> UInt64 {
        try queue.read { UInt64(try Int64.fetchOne($0, sql: "SELECT max(last) FROM block") ?? 0) }
    }

    func reporters() throws -> [UInt64: UInt64] {
        try queue.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT id, last FROM reporter")
            return Dictionary(
                uniqueKeysWithValues: rows.map {
                    (UInt64(bitPattern: $0["id"] as Int64), UInt64(bitPattern: $0["last"] as Int64))
                })
        }
    }

    /// The blocks that may hold records of a query, oldest first, without their pieces.
    func blocks(since: UInt64?, until: UInt64?, after: UInt64?) throws -> [(id: Int64, last: UInt64)] {
        try queue.read { db in
            // Times are stored by their bits; those after the year 292,278,994 are negative, and looked at always.
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT id, last FROM block
                    WHERE last > ? AND (latest >= ? OR latest < 0) AND (earliest <= ? AND earliest >= 0 OR earliest < 0)
                    ORDER BY id
                    """,
                arguments: [
                    Int64(clamping: after ?? 0), Int64(clamping: since ?? 0), Int64(clamping: until ?? .max),
                ])
            var found: [(Int64, UInt64)] = []
            while let row = try rows.next() { found.append((row[0] as Int64, UInt64(row[1] as Int64))) }
            return found
        }
    }

    /// A block, and those of its pieces that hold all of the keys; `nil` if it is gone or none does.
    func block(_ id: Int64, holding keys: [IndexKey]) throws -> (block: IndexBlock, pieces: PieceSet)? {
        try queue.read { db in
            var set = PieceSet.all
            for key in keys {
                let statement = try db.cachedStatement(sql: "SELECT keys FROM posting WHERE id = ?")
                let row = try Row.fetchOne(statement, arguments: [id << 8 | Int64(key.bucket)])
                guard
                    let found = try row?.withUnsafeData(
                        atIndex: 0,
                        { blob in
                            blob.map { data in data.withUnsafeBytes { IndexPostings.pieces(of: key, in: $0) } }
                        }) ?? nil
                else { return nil }
                set.formIntersection(found)
                if set.isEmpty { return nil }
            }
            let statement = try db.cachedStatement(
                sql: """
                    SELECT segment, version, first, last, "end", pieces
                    FROM block JOIN pieces ON pieces.block = block.id WHERE id = ?
                    """)
            guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
            return (Self.block(row), set)
        }
    }

    private static func block(_ row: Row) -> IndexBlock {
        func number(_ index: Int) -> UInt64 { UInt64(row[index] as Int64) }
        let blob = row[5] as Data
        let pieces = blob.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count - bytesPerPiece + 1, by: bytesPerPiece).map { offset in
                IndexBlock.Piece(
                    offset: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)),
                    earliest: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt64.self)),
                    latest: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt64.self)))
            }
        }
        return IndexBlock(
            segment: number(0), version: UInt32(number(1)), first: number(2), last: number(3), end: UInt32(number(4)),
            pieces: pieces)
    }
}
