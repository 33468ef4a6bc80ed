import Foundation
import GRDB
import Grants

/// Grants on disk: the file `grants.sqlite`, so that a restart of the service loses none and revives none.
///
/// What a method was asked is on the disk when it returns. One instance may be used from several threads.
package final class GrantStore: Sendable {
    /// A grant that was live when the service ended.
    package struct Kept: Sendable, Equatable {
        package var grant: Grant
        /// The start of the machine that the monotonic clock of the grant's instants counts from.
        package var boot: String

        package init(grant: Grant, boot: String) {
            self.grant = grant
            self.boot = boot
        }
    }

    private static let longestKept: Int64 = 24 * 3_600_000

    private let queue: DatabaseQueue
    private let path: String
    private let boot: String
    private let mostKept: Int

    /// Opens the store, and makes an empty one, for its owner's eyes only, where there is no file.
    ///
    /// - Parameters:
    ///   - boot: names the start of the machine.
    ///   - mostKept: of the grants that have ended; more are kept where several ended in one millisecond.
    /// - Throws: `StoreError`.
    package init(path: String, boot: String, mostKept: Int = 10_000) throws(StoreError) {
        self.path = path
        self.boot = boot
        self.mostKept = mostKept
        queue = try Self.explaining(path) {
            try StoreFile.prepare(path)
            var configuration = Configuration()
            configuration.label = "grants"
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write { try Self.prepare($0, path) }
            return queue
        }
    }

    private static func explaining<Value>(_ path: String, _ body: () throws -> Value) throws(StoreError) -> Value {
        var failure: StoreError
        do {
            return try body()
        } catch let error as StoreError {
            failure = error
        } catch let error as DatabaseError {
            failure = StoreError(error, path: path)
        } catch {
            failure = StoreError(.other, path: path, "\(error)")
        }
        failure.store = "store of grants"
        throw failure
    }

    private static func prepare(_ database: Database, _ path: String) throws {
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if application == 0, version == 0, try !database.tableExists("grants") {
            return try database.execute(sql: tables)
        }
        guard application == applicationID else {
            throw StoreError(.notAStore, path: path, "it holds something else than grants; name another file")
        }
        guard version == 1 else {
            throw StoreError(.newer, path: path, "a later release wrote it; install that release, or name another file")
        }
    }

    /// "AuGr" in ASCII.
    private static let applicationID: Int32 = 0x4175_4772

    private static let tables = """
        CREATE TABLE grants (
            id TEXT PRIMARY KEY,
            state TEXT NOT NULL CHECK (state IN ('live', 'released', 'expired', 'revoked')),
            user_id INTEGER NOT NULL,
            user TEXT NOT NULL,
            principal TEXT NOT NULL,
            nameservice TEXT NOT NULL,
            application TEXT NOT NULL,
            attempt TEXT,
            query TEXT,
            handles BLOB NOT NULL,
            sources TEXT NOT NULL,
            asked_by INTEGER NOT NULL,
            issued_at_ms INTEGER NOT NULL,
            not_before_ns INTEGER NOT NULL,
            not_before_ms INTEGER NOT NULL,
            expires_at_ns INTEGER NOT NULL,
            expires_at_ms INTEGER NOT NULL,
            boot TEXT NOT NULL,
            lifetime_ms INTEGER NOT NULL,
            renewals INTEGER NOT NULL,
            most_renewals INTEGER NOT NULL,
            policy_version INTEGER NOT NULL,
            ended_at_ms INTEGER,
            ended_because TEXT,
            kept_out_until_ms INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX grants_live ON grants (id) WHERE state = 'live';
        CREATE INDEX grants_kept_out ON grants (kept_out_until_ms) WHERE kept_out_until_ms IS NOT NULL;
        CREATE INDEX grants_ended ON grants (ended_at_ms) WHERE state <> 'live';
        CREATE TABLE checked (one INTEGER PRIMARY KEY CHECK (one = 1), policy_version INTEGER NOT NULL) STRICT;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = 1;
        """

    // MARK: Writing

    /// Keeps a new grant, and forgets those that ended more than a day ago, or before too many others.
    ///
    /// - Throws: `StoreError`; nothing is kept then.
    package func insert(_ grant: Grant) throws(StoreError) {
        try writing { [boot, mostKept] database in
            let first = try Int64.fetchOne(
                try database.cachedStatement(
                    sql: """
                        SELECT ended_at_ms FROM grants WHERE state <> 'live' ORDER BY ended_at_ms DESC LIMIT 1 OFFSET ?
                        """), arguments: [mostKept])
            let oldest = max(grant.issuedAt - Self.longestKept, (first ?? .min).advanced(by: 1))
            try database.cachedStatement(
                sql: """
                    DELETE FROM grants
                    WHERE state <> 'live' AND ended_at_ms < ? AND coalesce(kept_out_until_ms, 0) < ?
                    """
            ).execute(arguments: [oldest, grant.issuedAt])
            let columns: KeyValuePairs<String, (any DatabaseValueConvertible)?> = [
                "id": grant.id, "state": grant.state.rawValue, "user_id": grant.userID, "user": grant.user,
                "principal": grant.principal, "nameservice": grant.nameservice,
                "application": grant.job.application, "attempt": grant.job.attempt, "query": grant.job.query,
                "handles": Data(grant.handles.flatMap(\.bytes)),
                "sources": String(decoding: try JSONEncoder().encode(grant.sources), as: UTF8.self),
                "asked_by": grant.askedBy, "issued_at_ms": grant.issuedAt,
                "not_before_ns": Int64(grant.notBefore.monotonic), "not_before_ms": grant.notBefore.wall,
                "expires_at_ns": Int64(grant.expiresAt.monotonic), "expires_at_ms": grant.expiresAt.wall,
                "boot": boot, "lifetime_ms": grant.lifetime, "renewals": grant.renewals,
                "most_renewals": grant.mostRenewals, "policy_version": Int64(grant.policyVersion),
                "ended_at_ms": grant.endedAt, "ended_because": grant.endedBecause,
                "kept_out_until_ms": grant.keptOutUntil,
            ]
            let names = columns.map(\.key).joined(separator: ", ")
            let places = columns.map { _ in "?" }.joined(separator: ", ")
            try database.cachedStatement(sql: "INSERT INTO grants (\(names)) VALUES (\(places))")
                .execute(arguments: StatementArguments(columns.map(\.value)))
        }
    }

    /// Keeps how live grants are by now: their handles, instants and renewals. One that has ended stays as it ended.
    ///
    /// - Throws: `StoreError`; nothing is kept then.
    package func update(_ grants: [Grant]) throws(StoreError) {
        try writing { [boot] database in
            let statement = try database.cachedStatement(
                sql: """
                    UPDATE grants SET handles = ?, not_before_ns = ?, not_before_ms = ?, expires_at_ns = ?,
                        expires_at_ms = ?, boot = ?, renewals = ?, policy_version = ?
                    WHERE id = ? AND state = 'live'
                    """)
            for grant in grants {
                try statement.execute(arguments: [
                    Data(grant.handles.flatMap(\.bytes)), Int64(grant.notBefore.monotonic), grant.notBefore.wall,
                    Int64(grant.expiresAt.monotonic), grant.expiresAt.wall, boot, grant.renewals,
                    Int64(grant.policyVersion), grant.id,
                ])
            }
        }
    }

    /// Keeps that grants have ended.
    ///
    /// - Parameter version: all others that are live were looked at by the policies of this version; `nil` if they were
    ///   not.
    /// - Throws: `StoreError`; nothing is kept then.
    package func end(_ grants: [Grant], checkedAt version: UInt64? = nil) throws(StoreError) {
        try writing { database in
            let statement = try database.cachedStatement(
                sql: """
                    UPDATE grants SET state = ?, ended_at_ms = ?, ended_because = ?, kept_out_until_ms = ?
                    WHERE id = ? AND state = 'live'
                    """)
            for grant in grants {
                try statement.execute(arguments: [
                    grant.state.rawValue, grant.endedAt, grant.endedBecause, grant.keptOutUntil, grant.id,
                ])
            }
            guard let version else { return }
            try database.cachedStatement(
                sql: """
                    INSERT INTO checked (one, policy_version) VALUES (1, ?)
                    ON CONFLICT DO UPDATE SET policy_version = excluded.policy_version
                    """
            ).execute(arguments: [Int64(version)])
        }
    }

    // MARK: Reading

    /// The grants that are live as far as the store knows, the oldest first.
    ///
    /// - Throws: `StoreError`.
    package func live() throws(StoreError) -> [Kept] {
        try grants(where: "state = 'live'")
    }

    /// Those that ended lately, the one that was issued last first.
    ///
    /// - Throws: `StoreError`.
    package func ended() throws(StoreError) -> [Grant] {
        try grants(where: "state <> 'live'").reversed().map(\.grant)
    }

    /// Grants that administrators have ended, whose jobs get no other, in the order in which that ends.
    ///
    /// - Parameter wall: now, in milliseconds since 1970.
    /// - Throws: `StoreError`.
    package func keptOut(at wall: Int64) throws(StoreError) -> [Grant] {
        try grants(where: "kept_out_until_ms > ?", [wall]).map(\.grant)
            .sorted { ($0.keptOutUntil ?? 0) < ($1.keptOutUntil ?? 0) }
    }

    /// - Throws: `StoreError`.
    package func grant(_ id: String) throws(StoreError) -> Grant? {
        try grants(where: "id = ?", [id]).first?.grant
    }

    /// The version of the policies that live grants were looked at last; `nil` if they never were.
    ///
    /// - Throws: `StoreError`.
    package func checkedAt() throws(StoreError) -> UInt64? {
        try Self.explaining(path) {
            try queue.read { try Int64.fetchOne($0, sql: "SELECT policy_version FROM checked") }.map { UInt64($0) }
        }
    }

    private func grants(where filter: String, _ arguments: StatementArguments = []) throws(StoreError) -> [Kept] {
        try Self.explaining(path) {
            try queue.read { database in
                try Row.fetchAll(
                    database, sql: "SELECT * FROM grants WHERE \(filter) ORDER BY issued_at_ms, id",
                    arguments: arguments
                ).map { try self.kept($0) }
            }
        }
    }

    private func kept(_ row: Row) throws -> Kept {
        let (handles, sources): (Data, String) = (row["handles"], row["sources"])
        let (notBefore, expiresAt): (Int64, Int64) = (row["not_before_ns"], row["expires_at_ns"])
        let version: Int64 = row["policy_version"]
        let issuedAt = Grant.Mark(monotonic: UInt64(notBefore), wall: row["issued_at_ms"])
        guard handles.count.isMultiple(of: GrantHandle.byteCount), let state = Grant.State(rawValue: row["state"]),
            let read = try? JSONDecoder().decode([Grant.Source].self, from: Data(sources.utf8))
        else {
            throw StoreError(
                .damaged, path: path, "a grant in it makes no sense; move the file away, all grants are lost then")
        }
        let bytes = Array(handles)
        var grant = Grant(
            id: row["id"], userID: row["user_id"], user: row["user"], principal: row["principal"],
            nameservice: row["nameservice"],
            job: Grant.Job(application: row["application"], attempt: row["attempt"], query: row["query"]),
            handles: stride(from: 0, to: bytes.count, by: GrantHandle.byteCount).map {
                GrantHandle(bytes.span, at: $0)
            },
            sources: read, askedBy: row["asked_by"], now: issuedAt, lifetime: row["lifetime_ms"],
            mostRenewals: row["most_renewals"], policyVersion: UInt64(version))
        grant.notBefore = Grant.Mark(monotonic: UInt64(notBefore), wall: row["not_before_ms"])
        grant.expiresAt = Grant.Mark(monotonic: UInt64(expiresAt), wall: row["expires_at_ms"])
        grant.renewals = row["renewals"]
        grant.state = state
        grant.endedAt = row["ended_at_ms"]
        grant.endedBecause = row["ended_because"]
        grant.keptOutUntil = row["kept_out_until_ms"]
        return Kept(grant: grant, boot: row["boot"])
    }

    private func writing(_ body: (Database) throws -> Void) throws(StoreError) {
        try Self.explaining(path) { try queue.write(body) }
    }
}
