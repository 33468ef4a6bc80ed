import Administration
import Audit
import CAllocator
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
    /// A change of policies, and what to decide by from then on; `nil` if nothing changed.
    struct Application: Sendable {
        var applied: PolicyApplied
        var edition: PolicyEdition?
        /// Who applied it.
        var actor: String
        /// For the audit record of the change.
        var auditDetail: String
    }

    private static let longestWaitForIndex: TimeInterval = 30
    private static let longestAuditDetail = 60_000

    private let store: PolicyStore
    private let index: AuditIndex
    private let identity: ClusterIdentity
    private let settings: Settings
    private let edition = Mutex<PolicyEdition?>(nil)
    /// One thread, so that changes come one after another.
    private let changes = NIOThreadPool(numberOfThreads: 1)
    private let queries = NIOThreadPool(numberOfThreads: 2)

    init(store: PolicyStore, index: AuditIndex, identity: ClusterIdentity, settings: Settings) {
        self.store = store
        self.index = index
        self.identity = identity
        self.settings = settings
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

    /// The policies as they are stored, compiled for deciding. Called by one thread at a time.
    func currentEdition() throws -> PolicyEdition {
        let stored = try store.load()
        let snapshot = Snapshot(
            version: stored.version, settings: settings,
            users: stored.users.map { (UInt32($0.id), $0.changedAt, $0.value) },
            dataSources: stored.dataSources.map { (UInt32($0.id), $0.changedAt, $0.value) },
            ignoredUsers: stored.ignoredUsers, identity: identity)
        return edition.withLock { edition in
            let made = PolicyEdition(snapshot, after: edition)
            edition = made
            return made
        }
    }

    /// Applies policy files as one transaction.
    ///
    /// - Returns: fails with ``CommandRefusal``.
    func apply(_ request: PolicyApply, by peer: Peer, on loop: any EventLoop) -> EventLoopFuture<Application> {
        changes.runIfActive(eventLoop: loop) { [self] in
            // Reading policy files takes many times their size; the service should not keep that.
            defer { malloc_trim(0) }
            do {
                let document = try PolicyDocument(
                    reading: request.files.map { SourceFile(name: $0.name, bytes: Array($0.content)) })
                return request.dryRun
                    ? try rehearse(document, prune: request.prune)
                    : try apply(document, prune: request.prune, actor: peer.name)
            } catch let errors as DocumentErrors {
                throw CommandRefusal(.invalid, "\(errors)", problems: errors.problems)
            } catch let error as StoreError {
                throw CommandRefusal(.failed, "\(error)")
            }
        }
    }

    private func apply(_ document: PolicyDocument, prune: Bool, actor: String) throws -> Application {
        let change = try store.apply(actor: actor, now: Int64(WallClock.milliseconds)) { stored in
            try document.applied(to: stored, prune: prune, identify: claim)
        }
        let applied = PolicyApplied(version: change.version, dryRun: false, change: change.change)
        guard !change.change.isEmpty else { return Application(applied: applied, actor: actor, auditDetail: "") }
        let lines = change.change.lines.map { $0.trimmingCharacters(in: .whitespaces) }
        let detail = "policy version \(change.version): \(lines.joined(separator: "; "))"
        return Application(
            applied: applied, edition: try currentEdition(), actor: actor,
            auditDetail: String(decoding: detail.utf8.prefix(Self.longestAuditDetail), as: UTF8.self))
    }

    private func rehearse(_ document: PolicyDocument, prune: Bool) throws -> Application {
        let stored = try store.load()
        let after = try document.applied(to: stored.policySet, prune: prune, identify: claim)
        let change = PolicyChange(from: stored.policySet, to: after)
        let applied = PolicyApplied(version: stored.version, dryRun: true, change: change)
        return Application(applied: applied, actor: "", auditDetail: "")
    }

    private func claim(_ principal: String) throws -> ClaimedIdentity {
        let configured = try identity.configuredPrincipal(principal)
        return ClaimedIdentity(principalKey: configured.key, shortName: configured.shortNameKey)
    }

    /// What is stored, as one policy file.
    func export(on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: changes) { [store] in try PolicyDocument.write(try store.load().policySet) }
    }

    /// The policy versions, the latest first.
    func history(on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: changes) { [store] in try store.history() }
    }

    /// Lets go of something large, where it delays no answer.
    func release(_ old: some Sendable) {
        changes.submit { _ in withExtendedLifetime(old) {} }
    }

    // MARK: Audit

    /// Audit records, once the index holds everything up to a record.
    func query(_ query: AuditQuery, upTo sequence: UInt64, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: queries) { [index] in
            guard index.wait(for: sequence, until: Date(timeIntervalSinceNow: Self.longestWaitForIndex)) else {
                throw CommandRefusal(
                    .failed,
                    """
                    the audit index is at record \(index.last), the journal at \(sequence): the index is behind; \
                    look at the service's log and try again
                    """)
            }
            return try index.records(query).map(AuditLine.init)
        }
    }

    /// The audit records that the index holds by now, one JSON document each, and the number of the last that was
    /// looked at.
    func follow(
        _ query: AuditQuery, on loop: any EventLoop
    ) -> EventLoopFuture<(items: [[UInt8]], through: UInt64)> {
        queries.runIfActive(eventLoop: loop) { [index] in
            let (records, through) = try index.scan(query)
            return (try records.map { Array(try JSONEncoder().encode(AuditLine($0))) }, through)
        }
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
    func result<Value: Codable & Sendable>(
        on loop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: queries, work)
    }

    private func result<Value: Codable & Sendable>(
        on loop: any EventLoop, of pool: NIOThreadPool, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<[UInt8]> {
        pool.runIfActive(eventLoop: loop) {
            do {
                return CommandOutcome.done(try work()).json
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
