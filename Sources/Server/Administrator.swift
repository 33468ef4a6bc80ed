import Administration
import Audit
import Decision
import Foundation
import NIOCore
import NIOPosix
import Policy
import Storage
import StrictYAML
import Synchronization

/// The work behind commands that takes time or waits for disks: on threads of its own, never on the event loop.
///
/// Results come as the JSON that is sent, so that the event loop does not spend its time on writing it.
final class Administrator: Sendable {
    /// A change, and what to decide by from then on; no edition if nothing changed.
    struct Application: Sendable {
        enum Outcome: Sendable {
            case policies(PolicyApplied)
            case state(StateChanged)
        }

        var outcome: Outcome
        var edition: PolicyEdition?
        /// Who made it.
        var actor: String
        /// For the audit record of the change.
        var auditDetail: String
        /// The same, object by object.
        var change: RecordedChange?
    }

    private static let longestWaitForIndex: TimeInterval = 30

    let store: PolicyStore
    private let index: AuditIndex
    let identity: ClusterIdentity
    let settings: Settings
    let clock: ServiceClock
    let edition = Mutex<PolicyEdition?>(nil)
    let ownChanges = Mutex(Allowance(60, "changes"))
    let sparkQuestions = Mutex(Allowance(1_200, "look-ups and reports"))
    /// One thread, so that changes come one after another.
    let changes = NIOThreadPool(numberOfThreads: 1)
    private let queries = NIOThreadPool(numberOfThreads: 2)

    private let auditDirectory: String
    private let privacy: PathPrivacy?
    /// How those are whom audit records are sent to.
    let sinkStatus: @Sendable () -> [SinkStatus]

    init(
        store: PolicyStore, index: AuditIndex, auditDirectory: String, identity: ClusterIdentity, settings: Settings,
        sinkStatus: @escaping @Sendable () -> [SinkStatus] = { [] }, privacy: PathPrivacy? = nil,
        clock: ServiceClock = .system
    ) {
        self.privacy = privacy
        self.sinkStatus = sinkStatus
        self.store = store
        self.index = index
        self.auditDirectory = auditDirectory
        self.identity = identity
        self.settings = settings
        self.clock = clock
        changes.start()
        queries.start()
    }

    func shutDown() async throws {
        try await changes.shutdownGracefully()
        try await queries.shutdownGracefully()
    }

    var lastIndexed: UInt64 { index.last }
    var missingRecords: UInt64 { index.missing }

    // MARK: Policies

    /// What is stored, as one policy file.
    func export(on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: changes) { [store] in try PolicyDocument.write(try store.policies()) }
    }

    /// The policy versions, the latest first.
    func history(limit: Int?, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: changes) { [store] in try store.history(limit: limit) }
    }

    /// What differs between the policies at two versions.
    func difference(from one: UInt64, to other: UInt64, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: changes) { [store] in
            guard let edits = try store.difference(from: one, to: other) else {
                throw CommandRefusal(
                    .invalid, "there is no version \(max(one, other)); the policies are at \(try store.version())")
            }
            return PolicyChange(edits)
        }
    }

    /// Lets go of something large, where it delays no answer.
    func release(_ old: some Sendable) {
        changes.submit { _ in withExtendedLifetime(old) {} }
    }

    // MARK: Audit

    /// Audit records, once the index holds everything up to a record.
    func query(_ query: AuditQuery, upTo sequence: UInt64, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: queries) { [self] in
            try awaitIndex(sequence)
            return try index.records(veiled(query)).map(AuditLine.init)
        }
    }

    /// Who read what, once the index holds everything up to a record.
    func report(_ query: AuditQuery, upTo sequence: UInt64, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: queries) { [self] in
            try awaitIndex(sequence)
            return try index.report(veiled(query))
        }
    }

    /// The query for paths as records show them. One may also be given as it was shown.
    func veiled(_ query: AuditQuery) -> AuditQuery {
        var query = query
        if let privacy, let path = query.path, !path.contains("/~") { query.path = privacy.veiled(path) }
        return query
    }

    func auditStats(last: UInt64, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: queries) { [index, auditDirectory] in
            try AuditStats(directory: auditDirectory, index: index, last: last)
        }
    }

    private func awaitIndex(_ sequence: UInt64) throws {
        guard index.wait(for: sequence, until: Date(timeIntervalSinceNow: Self.longestWaitForIndex)) else {
            throw CommandRefusal(
                .failed,
                """
                the audit index is at record \(index.last), the journal at \(sequence): the index is behind; \
                look at the service's log and try again
                """)
        }
    }

    /// The audit records that the index holds by now, one JSON document each, and the number of the last that was
    /// looked at.
    func follow(
        _ query: AuditQuery, on loop: any EventLoop
    ) -> EventLoopFuture<(items: [[UInt8]], through: UInt64)> {
        queries.runIfActive(eventLoop: loop) { [self] in
            let (records, through) = try index.scan(veiled(query))
            return (try records.map { Array(try JSONEncoder().encode(AuditLine($0))) }, through)
        }
    }

    /// Work for a question that waits for disks or directories, and changes nothing.
    func query<Value: Sendable>(
        on loop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<Value> {
        queries.runIfActive(eventLoop: loop, work)
    }

    // MARK: JSON

    /// The command in a JSON document.
    ///
    /// - Returns: fails with ``CommandRefusal``.
    func command(in document: ByteBuffer, on loop: any EventLoop) -> EventLoopFuture<Command> {
        queries.runIfActive(eventLoop: loop) {
            do {
                return try JSONDecoder().decode(Command.self, from: Data(document.readableBytesView))
            } catch {
                throw CommandRefusal(.invalid, "the command is not understood: \(error)")
            }
        }
    }

    /// The JSON of a command's outcome: what the work gives, or why it was refused.
    ///
    /// - Returns: fails with ``RoleRefusal``, which is to be recorded.
    func result<Value: Codable & Sendable>(
        on loop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: queries, work)
    }

    func result<Value: Codable & Sendable>(
        on loop: any EventLoop, of pool: NIOThreadPool, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<[UInt8]> {
        pool.runIfActive(eventLoop: loop) {
            do {
                return CommandOutcome.done(try work()).json
            } catch let refusal as RoleRefusal {
                throw refusal
            } catch {
                return CommandOutcome<Value>.refused(CommandRefusal(error)).json
            }
        }
    }
}

extension CommandRefusal {
    init(_ error: any Error) {
        self = (error as? CommandRefusal) ?? CommandRefusal(.failed, "\(error)")
    }
}

extension CommandOutcome {
    var json: [UInt8] {
        do {
            return Array(try JSONEncoder().encode(self))
        } catch {
            preconditionFailure("every outcome can be written as JSON: \(error)")
        }
    }
}
