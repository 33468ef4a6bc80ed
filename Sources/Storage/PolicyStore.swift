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
            if !isCurrent { try Self.migrate(queue) }
            return queue
        }
    }

    /// Everything that is stored. For exports and small installations: it is all in memory then.
    ///
    /// - Throws: `StoreError`.
    package func policies() throws(StoreError) -> PolicySet {
        try reading { try $0.everything() }
    }

    /// The version that the store is at, without reading the policies.
    ///
    /// - Throws: `StoreError`.
    package func version() throws(StoreError) -> UInt64 {
        try reading { try $0.version() }
    }

    /// Reads at one version, whatever is written meanwhile.
    ///
    /// - Throws: what the body throws; `StoreError` for what is wrong with the store.
    package func read<Value>(_ body: (StoredPolicies) throws -> Value) throws -> Value {
        do {
            return try queue.read { try body(StoredPolicies(reader: PolicyReader(database: $0))) }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Changes policies. All of it or, whatever fails, nothing; when nothing differs, there is no new version.
    ///
    /// - Parameters:
    ///   - expected: The version that the caller has seen; `nil` when any will do.
    ///   - actor: Who changes the policies, for the history.
    ///   - what: What is done, for the history.
    ///   - now: The time, in milliseconds since 1970-01-01 UTC, for the history.
    ///   - claimants: Who claims a principal or short name, as ``PolicyBase/users(claiming:)``.
    ///   - edits: Called once, while no other process can write. It must not use this store.
    /// - Returns: The version that the store is at, and what changed.
    /// - Throws: what `edits` throws; `StoreError` otherwise, of kind `versionConflict` when the store is not at
    ///   the version expected.
    @discardableResult
    package func change(
        expecting expected: UInt64? = nil, actor: String, what: String, now: Int64,
        claimants: (IdentityClaim) throws -> [String], edits: (StoredBase) throws -> [PolicyEdit]
    ) throws -> AppliedChange {
        try writing { database in
            let reader = PolicyReader(database: database)
            let version = try reader.version()
            try check(version, is: expected, database)
            let edits = try withoutActuallyEscaping(claimants) { claimants in
                try edits(StoredBase(reader: reader, claimants: claimants))
            }
            let change = PolicyChange(edits)
            guard !change.isEmpty else { return AppliedChange(version: version, change: change, edits: []) }
            try record(version + 1, actor: actor, what: what, summary: change.summary, now: now, database)
            var writer = PolicyRowWriter(database, version: version + 1)
            try writer.write(edits)
            return AppliedChange(version: version + 1, change: change, edits: edits)
        }
    }

    /// Finds what a change would be, without making it.
    package func rehearse(
        expecting expected: UInt64? = nil, claimants: (IdentityClaim) throws -> [String],
        edits: (StoredBase) throws -> [PolicyEdit]
    ) throws -> AppliedChange {
        do {
            return try queue.read { database in
                let reader = PolicyReader(database: database)
                let version = try reader.version()
                try check(version, is: expected, database)
                let edits = try withoutActuallyEscaping(claimants) { claimants in
                    try edits(StoredBase(reader: reader, claimants: claimants))
                }
                return AppliedChange(version: version, change: PolicyChange(edits), edits: edits)
            }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Changes the state of users, as one version.
    ///
    /// - Parameter body: called once; gives what was done in words, for the history.
    /// - Returns: the new version.
    /// - Throws: what the body throws, and `StoreError`; nothing is changed then.
    @discardableResult
    package func changeState(
        actor: String, now: Int64, _ body: (UserStateWriter) throws -> String
    ) throws -> UInt64 {
        try writing { database in
            let version = try PolicyReader(database: database).version() + 1
            let what = try body(UserStateWriter(database: database, version: version, now: now))
            try record(version, actor: actor, what: what, summary: "", now: now, database)
            return version
        }
    }

    /// The salt of a data source or project; `nil` if there is no such object. A secret: it goes into no log.
    ///
    /// - Throws: `StoreError`.
    package func salt(of kind: ObjectKind, named name: String) throws(StoreError) -> [UInt8]? {
        try reading { reader in
            let sql = "SELECT salt FROM salts WHERE kind = ? AND name = ?"
            let salt = try Data.fetchOne(
                try reader.database.cachedStatement(sql: sql), arguments: [kind.rawValue, name])
            return salt.map { Array($0) }
        }
    }

    private func writing<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try queue.write(body)
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    private func reading<Value>(_ body: (PolicyReader) throws -> Value) throws(StoreError) -> Value {
        try Self.explaining(path) { try queue.read { try body(PolicyReader(database: $0)) } }
    }
}

/// What is stored, as a reader sees it within one transaction.
package struct StoredPolicies {
    let reader: PolicyReader

    package func version() throws -> UInt64 { try reader.version() }
    package func documents() throws -> StoredDocuments { try reader.documents() }
    package func ignoredUsers() throws -> [String] { try reader.ignoredUsers() }
    package func user(named name: String) throws -> Stored<User>? { try reader.user(named: name) }
    package func dataSource(named name: String) throws -> StoredDataSource? {
        try reader.storedDataSource(named: name)
    }

    /// How many users there are.
    package func userCount() throws -> Int { try reader.count(of: .user) }

    /// Every user in ascending order of ids.
    package func eachUser(_ body: (Stored<User>) throws -> Void) throws { try reader.eachUser(body) }

    /// Every data source in ascending order of ids.
    package func eachDataSource(_ body: (StoredDataSource) throws -> Void) throws {
        try reader.eachDataSource(body)
    }

    /// The state of every user who has some, by the ids of users.
    package func userStates() throws -> [UInt32: UserState] { try UserStateReader(database: reader.database).all() }

    /// The state of one user.
    package func userState(of id: Int64) throws -> UserState {
        try UserStateReader(database: reader.database).state(of: id)
    }
}

extension PolicyStore {
    /// How much of the file SQLite may hold in memory, in KiB, while a change or a reading of everything lasts. By its
    /// default of 2 MiB, pages that are written in no order go to the disk and come back a thousand times.
    private static let pageCacheKiB = 256 << 10

    /// Gives back what a change, or a reading of everything, took.
    package func releaseMemory() {
        queue.releaseMemory()
    }

    private static func configuration(_ options: Options) -> Configuration {
        var configuration = Configuration()
        configuration.label = "policy store"
        configuration.busyMode = .timeout(options.busyTimeout)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -\(pageCacheKiB)")
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

    private static func migrate(_ queue: DatabaseQueue) throws {
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            defer { try? database.execute(sql: "PRAGMA foreign_keys = ON") }
            try database.inTransaction(.immediate) {
                try StoreSchema.migrate(database)
                return .commit
            }
        }
    }

    private func check(_ version: UInt64, is expected: UInt64?, _ database: Database) throws {
        guard let expected, expected != version else { return }
        let since = try PolicyHistory(database: database).policyVersions(after: expected, limit: 5)
        // What users and approvers did since is no change of what an administrator has looked at.
        guard !since.isEmpty || expected > version else { return }
        let changes = since.reversed().map { "\($0.version) by \($0.actor) (\($0.what) \($0.summary))" }
        let made = changes.isEmpty ? "" : ": " + changes.joined(separator: ", ")
        let message =
            "the policies are at version \(version) and not at \(expected): somebody else was first\(made); "
            + "nothing was changed, look at their change and apply yours again"
        throw StoreError(.versionConflict, path: path, message)
    }

    private func record(
        _ version: UInt64, actor: String, what: String, summary: String, now: Int64, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO policy_versions (version, time_ms, actor, what, summary) VALUES (?, ?, ?, ?, ?)",
            arguments: [Int64(version), now, actor, what, summary])
    }
}

extension PolicyStore {
    /// The versions that were made, the latest first.
    ///
    /// - Parameter limit: How many to tell at most; `nil` for all of them.
    /// - Throws: `StoreError`.
    package func history(limit: Int? = nil) throws(StoreError) -> [PolicyVersion] {
        try reading { try PolicyHistory(database: $0.database).versions(limit: limit) }
    }

    /// What differs between the policies at two versions.
    ///
    /// - Returns: `nil` if one of the versions does not exist.
    /// - Throws: `StoreError`.
    package func difference(from one: UInt64, to other: UInt64) throws(StoreError) -> [PolicyEdit]? {
        try reading { try PolicyHistory(database: $0.database).difference(from: one, to: other) }
    }
}

extension StoredBase {
    /// The edits that make the policies what they were at a version; `nil` if there is no such version.
    package func edits(backTo version: UInt64) throws -> [PolicyEdit]? {
        try PolicyHistory(database: reader.database).difference(from: reader.version(), to: version)
    }
}
