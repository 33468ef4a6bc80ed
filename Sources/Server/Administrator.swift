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

/// The work behind commands that waits for disks: on threads of its own, never on the event loop.
final class Administrator: Sendable {
    /// A change of policies, and the snapshot to decide by from then on; `nil` if nothing changed.
    struct Application: Sendable {
        var applied: PolicyApplied
        var snapshot: Snapshot?
    }

    private static let longestWaitForIndex: TimeInterval = 30

    private let store: PolicyStore
    private let index: AuditIndex
    private let identity: ClusterIdentity
    private let settings: Settings
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

    /// The policies as they are stored, compiled for deciding.
    func snapshot() throws -> Snapshot {
        let stored = try store.load()
        return Snapshot(
            version: stored.version, settings: settings,
            users: stored.users.map { (UInt32($0.id), $0.changedAt, $0.value) },
            dataSources: stored.dataSources.map { (UInt32($0.id), $0.changedAt, $0.value) },
            ignoredUsers: stored.ignoredUsers, identity: identity)
    }

    /// Applies policy files as one transaction.
    func apply(_ request: PolicyApply, actor: String, on loop: any EventLoop) -> EventLoopFuture<Application> {
        changes.runIfActive(eventLoop: loop) { [self] in
            // Reading policy files takes many times their size; the service should not keep that.
            defer { malloc_trim(0) }
            do {
                let document = try PolicyDocument(
                    reading: request.files.map { SourceFile(name: $0.name, bytes: $0.bytes) })
                return request.dryRun
                    ? try rehearse(document, prune: request.prune)
                    : try apply(document, prune: request.prune, actor: actor)
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
        return Application(applied: applied, snapshot: change.change.isEmpty ? nil : try snapshot())
    }

    private func rehearse(_ document: PolicyDocument, prune: Bool) throws -> Application {
        let stored = try store.load()
        let after = try document.applied(to: stored.policySet, prune: prune, identify: claim)
        let change = PolicyChange(from: stored.policySet, to: after)
        return Application(
            applied: PolicyApplied(version: stored.version, dryRun: true, change: change), snapshot: nil)
    }

    private func claim(_ principal: String) throws -> ClaimedIdentity {
        let configured = try identity.configuredPrincipal(principal)
        return ClaimedIdentity(principalKey: configured.key, shortName: configured.shortNameKey)
    }

    /// What is stored, as one policy file.
    func export(on loop: any EventLoop) -> EventLoopFuture<String> {
        changes.runIfActive(eventLoop: loop) { [store] in try PolicyDocument.write(try store.load().policySet) }
    }

    /// The policy versions, the latest first.
    func history(on loop: any EventLoop) -> EventLoopFuture<[PolicyVersion]> {
        changes.runIfActive(eventLoop: loop) { [store] in try store.history() }
    }

    /// Audit records, once the index holds everything up to a record.
    func query(
        _ query: AuditQuery, upTo sequence: UInt64, on loop: any EventLoop
    ) -> EventLoopFuture<[AuditLine]> {
        queries.runIfActive(eventLoop: loop) { [index] in
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
}
