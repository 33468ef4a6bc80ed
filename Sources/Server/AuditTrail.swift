import Administration
import Audit
import Foundation
import Glibc
import Logging
import Shipping
import Synchronization

/// The journal's thread and what works on it: the index, the checkpoints, the removal of what is old. And the lock that
/// keeps a second service from writing to the same directory.
struct AuditTrail: Sendable {
    let syncing: Syncing
    let index: AuditIndex
    /// How records show paths; `nil` for whole.
    let privacy: PathPrivacy?
    private let directory: String
    private let retention: Retention
    private let compression: SegmentCompression?
    private let state: TrailState
    private let upkeep = AuditUpkeep()
    private let watch: JournalWatch
    private let shippers: [Shipper]
    /// Whether records are indexed and signed; `false` only to measure what that costs.
    private let indexes: Bool
    private let logger: Logger
    private let lock: Int32

    init(_ configuration: ServiceConfiguration, logger: Logger) throws {
        directory = configuration.auditDirectory
        retention = configuration.auditRetention
        compression = configuration.auditCompression
        try Self.make(directory)
        lock = try Self.lock(directory)
        indexes = configuration.auditExtent == .whole
        self.logger = logger
        syncing = Syncing(interval: Double(configuration.auditSyncInterval) / 1_000)
        watch = JournalWatch(syncing)
        index = try AuditIndex(directory: directory)
        privacy = try configuration.auditPathComponents.map { [directory] in
            try PathPrivacy(whole: $0, directory: directory)
        }
        shippers = try configuration.auditShipments.map { [directory] in
            try Shipper($0, directory: directory, logger: logger)
        }
        state = TrailState(
            try configuration.auditSigningKey.map { [directory] in
                try Checkpointer(directory: directory, key: try CheckpointKey(file: $0))
            })
    }

    /// The last record that anything here knows of: no number up to it is ever given again.
    var lastKnown: UInt64 { max(index.last, state.signed) }

    /// How the sinks are, for who asks.
    var sinkStatus: @Sendable () -> [SinkStatus] {
        { [shippers, syncing] in shippers.map { $0.status(last: syncing.synced) } }
    }

    /// - Parameters:
    ///   - onIndexed: called on the audit thread whenever queries may see more.
    ///   - onRemoval: called on a thread of its own when segments were removed.
    ///   - onSyncFailure: called on the audit thread with the last record that is known to be on disk.
    func start(
        onIndexed: @escaping @Sendable () -> Void, onRemoval: @escaping @Sendable (Retention.Removal) -> Void,
        onSyncFailure: @escaping @Sendable (FileError, UInt64) -> Void
    ) {
        syncing.start { [logger, syncing] failure in
            logger.critical("the audit journal could not be synced", metadata: ["error": "\(failure)"])
            onSyncFailure(failure, syncing.synced)
        } afterSync: { [self] in
            work(isLast: false)
            for shipper in shippers { shipper.wake() }
            onIndexed()
        }
        // What the last process left is on disk for sure after the first sync, and goes on its way then.
        syncing.requestSync()
        for shipper in shippers { shipper.start { [syncing] in syncing.synced } }
        watch.start { [shippers] in
            for shipper in shippers { shipper.look() }
        } onChange: { [logger] trouble in
            if let trouble {
                logger.critical("audit records do not get to the disk", metadata: ["error": "\(trouble)"])
            } else {
                logger.notice("audit records get to the disk again")
            }
        }
        upkeep.start { [self] isStopping in
            if let removal = removeOld() { onRemoval(removal) }
            compressOld(until: isStopping)
        }
    }

    func stop() {
        watch.stop()
        syncing.stop()
        work(isLast: true)
        upkeep.stop()
        // Together: the service manager waits no longer than for one that takes its time.
        for shipper in shippers { shipper.stop() }
        for shipper in shippers { shipper.awaitEnd() }
        close(lock)
    }

    /// Signs what is on disk, and indexes what is committed.
    private func work(isLast: Bool) {
        guard indexes else { return }
        report("audit records are indexed", \.isIndexing) {
            // What is signed has to be on disk: a checkpoint of records that the machine took with it looks like theft.
            let end = try index.catchUp(through: syncing.synced)
            state.note(end.boundaries)
            if state.isNew(segment: end.boundaries.last?.sequence) { upkeep.wake() }
            report("audit checkpoints are written", \.isSigning) {
                if end.last.sequence <= syncing.synced { try state.sign(end, isLast: isLast) }
            }
            state.note(try index.catchUp(through: syncing.committed).boundaries)
        }
    }

    private func removeOld() -> Retention.Removal? {
        var removal: Retention.Removal?
        report("old audit segments are removed", \.isRemoving) {
            // What is left has to begin behind a record that is signed.
            let signed = state.signedThrough.map { $0 + 1 } ?? .max
            let needed = shippers.reduce(min(index.last, signed)) { min($0, $1.shipped + 1) }
            removal = try retention.apply(in: directory, needed: needed, now: WallClock.milliseconds)
            guard let removal else { return }
            try index.forget(through: removal.records.upperBound)
            try state.forgetCheckpoints(before: removal.records.upperBound + 1)
        }
        return removal
    }

    private func compressOld(until isStopping: () -> Bool) {
        guard let compression else { return }
        report("audit segments are compressed", \.isCompressing) {
            while !isStopping(),
                try compression.compressOne(in: directory, synced: syncing.synced, now: WallClock.milliseconds)
            {}
        }
    }

    /// Does something that has to go on working; tells when it begins to fail and when it works again.
    private func report(
        _ what: String, _ works: WritableKeyPath<TrailState.Health, Bool> & Sendable, _ body: () throws -> Void
    ) {
        do {
            try body()
            if !state.exchange(works, with: true) { logger.notice("\(what) again") }
        } catch {
            let worked = state.exchange(works, with: false)
            if worked { logger.error("\(what): not at the moment", metadata: ["error": "\(error)"]) }
        }
    }

    private static func make(_ directory: String) throws {
        guard mkdir(directory, 0o700) != 0, errno != EEXIST else { return }
        throw FileError(call: "mkdir", path: directory, code: errno)
    }

    private static func lock(_ directory: String) throws -> Int32 {
        let path = "\(directory)/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(call: "open", path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw JournalError(
                "another service writes to the audit directory `\(directory)`; stop it, or name another directory")
        }
        return descriptor
    }
}

/// What the audit thread remembers from one round to the next.
private final class TrailState: Sendable {
    struct Health {
        var isIndexing = true
        var isSigning = true
        var isRemoving = true
        var isCompressing = true
    }

    private struct Signing: ~Copyable, Sendable {
        var checkpointer: Checkpointer?
    }

    private let signing: Mutex<Signing>
    private let health = Mutex(Health())
    private let segment = Mutex<UInt64?>(nil)

    init(_ checkpointer: consuming Checkpointer?) {
        signing = Mutex(Signing(checkpointer: checkpointer))
    }

    var signed: UInt64 {
        signing.withLock { $0.checkpointer?.last ?? 0 }
    }

    /// The number of the last record that is signed; `nil` where nothing is.
    var signedThrough: UInt64? {
        signing.withLock { $0.checkpointer?.last }
    }

    func note(_ boundaries: [(sequence: UInt64, hash: RecordHash)]) {
        signing.withLock { $0.checkpointer?.note(boundaries) }
    }

    func sign(_ end: AuditIndex.End, isLast: Bool) throws {
        try signing.withLock { try $0.checkpointer?.sign(upTo: end.last, isLast: isLast) }
    }

    func exchange(_ key: WritableKeyPath<Health, Bool> & Sendable, with value: Bool) -> Bool {
        health.withLock { health in
            defer { health[keyPath: key] = value }
            return health[keyPath: key]
        }
    }

    func forgetCheckpoints(before first: UInt64) throws {
        try signing.withLock { try $0.checkpointer?.forget(before: first) }
    }

    /// Whether the segment, known by the record before it, is another than the last time.
    func isNew(segment: UInt64?) -> Bool {
        self.segment.withLock { known in
            defer { known = segment }
            return known != segment
        }
    }
}
