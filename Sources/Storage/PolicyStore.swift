import Foundation
import GRDB
import Policy

/// The policies on disk: one SQLite file, written one version after the other.
///
/// A version is written as a whole or not at all, and is on the disk when ``apply(expecting:actor:now:transform:)``
/// returns. One instance may be used from several threads; several processes may use one file.
package final class PolicyStore: Sendable {
    package struct Options: Sendable {
        /// How long to wait for another process to finish writing, in seconds.
        package var busyTimeout: TimeInterval
        /// How large the file may grow, in pages of 4,096 bytes; `nil` leaves it to the disk.
        package var maximumPages: Int?

        package init(busyTimeout: TimeInterval = 5, maximumPages: Int? = nil) {
            self.busyTimeout = busyTimeout
            self.maximumPages = maximumPages
        }
    }

    package let path: String
    private let queue: DatabaseQueue

    /// Opens the store, and makes an empty one, for its owner's eyes only, where there is no file.
    ///
    /// - Throws: `StoreError`. A file that is not a store, or is one of a later release, is left as it is.
    package init(path: String, options: Options = Options()) throws(StoreError) {
        try StoreFile.prepare(path)
        self.path = path
        queue = try Self.explaining(path) {
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration(options))
            let isCurrent = try queue.read { try StoreSchema.check($0, path: path) }
            try queue.writeWithoutTransaction { try Self.makeDurable($0, path: path) }
            // A store that needs no change is opened without waiting for another process's.
            if !isCurrent { try queue.write { try StoreSchema.migrate($0) } }
            return queue
        }
    }

    /// Everything that is stored, at one version.
    ///
    /// - Throws: `StoreError`.
    package func load() throws(StoreError) -> StoredPolicy {
        try Self.explaining(path) { try queue.read { try PolicyLoader(database: $0).load() } }
    }

    /// The version that the store is at, without reading the policies.
    ///
    /// - Throws: `StoreError`.
    package func version() throws(StoreError) -> UInt64 {
        try Self.explaining(path) { try queue.read { try PolicyLoader.version($0) } }
    }

    /// Replaces what is stored by what `transform` makes of it. All of it or, whatever fails, nothing; when nothing
    /// differs, there is no new version.
    ///
    /// - Parameters:
    ///   - expected: The version that the caller has seen; `nil` when any will do.
    ///   - actor: Who changes the policies, for the history.
    ///   - now: The time, in milliseconds since 1970-01-01 UTC, for the history.
    ///   - transform: Called once, while no other process can write. It must not use this store.
    /// - Returns: The version that the store is at, and what changed.
    /// - Throws: what `transform` throws; `StoreError` otherwise, of kind `versionConflict` when the store is not at
    ///   the version expected.
    @discardableResult
    package func apply(
        expecting expected: UInt64? = nil, actor: String, now: Int64,
        transform: (PolicySet) throws -> PolicySet
    ) throws -> AppliedChange {
        do {
            return try queue.write { database in
                let stored = try PolicyLoader(database: database).load()
                try check(stored.version, is: expected)
                let before = stored.policySet
                let after = try transform(before)
                let change = PolicyChange(from: before, to: after)
                guard !change.isEmpty else { return AppliedChange(version: stored.version, change: change) }
                let version = stored.version + 1
                try record(change, version: version, actor: actor, now: now, database)
                var writer = PolicyRowWriter(database, onto: stored, version: version)
                try writer.write(change, after)
                return AppliedChange(version: version, change: change)
            }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// The versions that were made, the latest first.
    ///
    /// - Parameter limit: How many to tell at most; `nil` for all of them.
    /// - Throws: `StoreError`.
    package func history(limit: Int? = nil) throws(StoreError) -> [PolicyVersion] {
        try Self.explaining(path) {
            try queue.read { database in
                let rows = try Row.fetchCursor(
                    database,
                    sql: "SELECT version, time_ms, actor, summary FROM policy_versions ORDER BY version DESC LIMIT ?",
                    arguments: [limit ?? -1])
                return try Array(
                    rows.map {
                        PolicyVersion(version: $0[0], timeMilliseconds: $0[1], actor: $0[2], summary: $0[3])
                    })
            }
        }
    }

    /// What a version changed; `nil` when there is no such version.
    ///
    /// - Throws: `StoreError`.
    package func change(of version: UInt64) throws(StoreError) -> PolicyChange? {
        try Self.explaining(path) {
            let json = try queue.read { database in
                try String.fetchOne(
                    database, sql: "SELECT change FROM policy_versions WHERE version = ?",
                    arguments: [Int64(clamping: version)])
            }
            return try json.map { try JSONDecoder().decode(PolicyChange.self, from: Data($0.utf8)) }
        }
    }
}

extension PolicyStore {
    private static func configuration(_ options: Options) -> Configuration {
        var configuration = Configuration()
        configuration.label = "policy store"
        configuration.busyMode = .timeout(options.busyTimeout)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            guard let pages = options.maximumPages else { return }
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        return configuration
    }

    /// A version that was applied survives the loss of power; readers and the writer do not wait for each other.
    private static func makeDurable(_ database: Database, path: String) throws {
        guard try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") == "wal" else {
            let message = "its file system has no shared memory, which SQLite's log needs; put it on a local disk"
            throw StoreError(.cannotOpen, path: path, message)
        }
        try database.execute(sql: "PRAGMA synchronous = FULL")
    }

    private static func explaining<Value>(_ path: String, _ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        } catch {
            throw StoreError(.damaged, path: path, "the file is damaged: \(error); restore it from a backup")
        }
    }

    private func check(_ version: UInt64, is expected: UInt64?) throws(StoreError) {
        guard let expected, expected != version else { return }
        let message =
            "the policies are at version \(version) and not at \(expected): somebody else was first; "
            + "nothing was changed, look at their change and apply yours again"
        throw StoreError(.versionConflict, path: path, message)
    }

    private func record(
        _ change: PolicyChange, version: UInt64, actor: String, now: Int64, _ database: Database
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(change), as: UTF8.self)
        try database.execute(
            sql: "INSERT INTO policy_versions (version, time_ms, actor, summary, change) VALUES (?, ?, ?, ?, ?)",
            arguments: [Int64(version), now, actor, change.summary, json])
    }
}
