import Administration
import CAllocator
import Decision
import Foundation
import NIOCore
import Policy
import Storage
import StrictYAML

/// How policies come into force: read, checked and stored as one transaction, and compiled for deciding.
extension Administrator {
    private static let longestAuditDetail = 60_000
    /// A change of more objects than that is compiled by reading everything anew.
    private static let mostCompiledOneByOne = 20_000

    /// The policies as they are stored, compiled for deciding. Called by one thread at a time.
    ///
    /// Every user and data source counts as changed at this version, so that no decision from before is used: the store
    /// knows when an object was last written, and not when a tag or a global policy last concerned a data source, or
    /// when an acknowledgement ended with its purpose.
    func currentEdition() throws -> PolicyEdition {
        defer { store.releaseMemory() }
        let snapshot = try store.read { stored in
            let version = try stored.version()
            var parts = SnapshotParts(version: version, settings: settings, identity: identity)
            try parts.setUsers { take in
                try stored.eachUser { take(UInt32($0.id), version, $0.value) }
            }
            let documents = try DocumentsInput(stored)
            parts.setPolicies(documents)
            try stored.eachDataSource { parts.put(DataSourceInput($0, changedAt: version)) }
            parts.setProjects(documents)
            parts.setStates(try stored.userStates())
            return parts.snapshot()
        }
        return install(snapshot)
    }

    private func install(_ snapshot: Snapshot) -> PolicyEdition {
        edition.withLock { edition in
            let made = PolicyEdition(snapshot, after: edition)
            edition = made
            return made
        }
    }

    /// The policies in force, which are those that are stored: only this service writes them. If somebody else did, they
    /// are read anew.
    func current() throws -> Snapshot {
        let snapshot = edition.withLock { $0?.snapshot }
        if let snapshot, try store.version() == snapshot.version { return snapshot }
        return try currentEdition().snapshot
    }

    /// The policies after edits that have been stored; what they do not touch is shared with those before.
    private func edition(after snapshot: Snapshot, _ applied: AppliedChange) throws -> PolicyEdition {
        let isLarge = applied.edits.count > Self.mostCompiledOneByOne
        return try edition(after: isLarge ? nil : snapshot, version: applied.version) { parts, stored in
            try parts.put(applied.edits, from: stored)
        }
    }

    /// The policies after the state of one user changed.
    func edition(after snapshot: Snapshot, stateOf user: String, id: Int64, version: UInt64) throws -> PolicyEdition {
        try edition(after: snapshot, version: version) { parts, stored in
            parts.put(state: try stored.userState(of: id), of: user)
        }
    }

    /// - Parameter snapshot: what is changed; `nil` to read everything anew.
    private func edition(
        after snapshot: Snapshot?, version: UInt64, _ change: (inout SnapshotParts, StoredPolicies) throws -> Void
    ) throws -> PolicyEdition {
        do {
            guard let snapshot, version == snapshot.version + 1 else { return try currentEdition() }
            return install(
                try store.read { stored in
                    var parts = SnapshotParts(of: snapshot, version: version, identity: identity)
                    try change(&parts, stored)
                    return parts.snapshot()
                })
        } catch {
            // It is stored, so that the next start goes by it; until then the service would go by what was before.
            throw CommandRefusal(
                .failed,
                """
                version \(version) is stored, but could not be put in force: \(error); see to the store and restart the \
                service: until then it decides by the version before
                """)
        }
    }

    /// Applies policy files as one transaction.
    ///
    /// - Returns: fails with ``CommandRefusal``.
    func apply(_ request: PolicyApply, by peer: Peer, on loop: any EventLoop) -> EventLoopFuture<Application> {
        change(on: loop) { [self] in
            let files = request.files.map { SourceFile(name: $0.name, bytes: Array($0.content)) }
            let document = try PolicyDocument(reading: files)
            let change = Change(
                what: request.prune ? "policy apply --prune" : "policy apply", expected: request.expectVersion,
                dryRun: request.dryRun)
            return try make(change, by: peer) { [self] base in
                try document.edits(of: base, prune: request.prune, identify: claim)
            }
        }
    }

    /// Makes the policies what they were at an earlier version.
    ///
    /// - Returns: fails with ``CommandRefusal``.
    func rollBack(_ request: PolicyRollback, by peer: Peer, on loop: any EventLoop) -> EventLoopFuture<Application> {
        change(on: loop) { [self] in
            let change = Change(
                what: "policy rollback \(request.version)", expected: request.expectVersion, dryRun: request.dryRun)
            return try make(change, by: peer) { [self] base in
                guard let edits = try base.edits(backTo: request.version) else {
                    throw CommandRefusal(.invalid, "there is no version \(request.version) to go back to")
                }
                return try PolicyDocument.checked(edits, of: base, identify: claim)
            }
        }
    }

    private struct Change {
        var what: String
        var expected: UInt64?
        var dryRun: Bool
    }

    private func make(
        _ change: Change, by peer: Peer, _ edits: (StoredBase) throws -> [PolicyEdit]
    ) throws -> Application {
        let snapshot = try current()
        let claimants: (IdentityClaim) throws -> [String] = { [identity] claim in
            if case .shortName(let name) = claim {
                return snapshot.users(claiming: .shortName(identity.shortNameKey(name)))
            }
            return snapshot.users(claiming: claim)
        }
        if change.dryRun {
            let found = try store.rehearse(expecting: change.expected, claimants: claimants, edits: edits)
            let applied = PolicyApplied(version: found.version, dryRun: true, change: found.change)
            return Application(outcome: .policies(applied), actor: "", auditDetail: "")
        }
        let actor = peer.name
        let applied = try store.change(
            expecting: change.expected, actor: actor, what: change.what, now: clock.now().wall.milliseconds,
            claimants: claimants, edits: edits)
        let outcome = PolicyApplied(version: applied.version, dryRun: false, change: applied.change)
        guard !applied.change.isEmpty else {
            return Application(outcome: .policies(outcome), actor: actor, auditDetail: "")
        }
        return Application(
            outcome: .policies(outcome), edition: try edition(after: snapshot, applied), actor: actor,
            auditDetail: Self.detail(applied), change: RecordedChange(applied.change))
    }

    private static func detail(_ applied: AppliedChange) -> String {
        var detail = "policy version \(applied.version):"
        for line in applied.change.lines.lazy {
            guard detail.utf8.count < longestAuditDetail else { break }
            detail += " \(line.trimmingCharacters(in: .whitespaces));"
        }
        return String(decoding: detail.utf8.prefix(longestAuditDetail), as: UTF8.self)
    }

    /// Work that changes something: one after another, and its errors told as refusals.
    func change<Value: Sendable>(
        on loop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<Value> {
        changes.runIfActive(eventLoop: loop) {
            // Reading policy files takes many times their size; the service should not keep that.
            defer { malloc_trim(0) }
            do {
                return try work()
            } catch let errors as DocumentErrors {
                throw CommandRefusal(.invalid, "\(errors)", problems: errors.problems)
            } catch let error as StoreError {
                throw CommandRefusal(.failed, "\(error)")
            }
        }
    }

    private func claim(_ principal: String) throws -> ClaimedIdentity {
        let configured = try identity.configuredPrincipal(principal)
        return ClaimedIdentity(principalKey: configured.key, shortName: configured.shortNameKey)
    }
}

extension SnapshotParts {
    /// Puts what edits changed, as it is stored now.
    fileprivate mutating func put(_ edits: [PolicyEdit], from stored: StoredPolicies) throws {
        var kinds: Set<ObjectKind> = []
        for edit in edits {
            kinds.insert(edit.kind)
            guard edit.kind == .user else { continue }
            if let user = try stored.user(named: edit.name) {
                put(user: user.value, id: UInt32(user.id), changedAt: user.changedAt)
            } else {
                remove(user: edit.name)
            }
        }
        let touchesDocuments = !kinds.isDisjoint(with: [.tag, .globalPolicy, .project, .purpose, .ignoredUser])
        let documents = touchesDocuments ? try DocumentsInput(stored) : nil
        if let documents { setPolicies(documents) }
        for edit in edits where edit.kind == .dataSource {
            if let source = try stored.dataSource(named: edit.name) {
                put(DataSourceInput(source, changedAt: source.changedAt))
            } else {
                remove(dataSource: edit.name)
            }
        }
        if let documents { setProjects(documents) }
        if edits.contains(where: \.endsState) { setStates(try stored.userStates()) }
    }
}

extension PolicyEdit {
    /// Whether what users have said or been given may have ended with it: it goes with deleted data sources and projects,
    /// with purposes that a project loses, and with a purpose's words.
    fileprivate var endsState: Bool {
        switch kind {
        case .project, .purpose: before != nil
        case .dataSource: after == nil
        default: false
        }
    }
}

extension DocumentsInput {
    fileprivate init(_ stored: StoredPolicies) throws {
        let documents = try stored.documents()
        self.init(
            tags: documents.tags.map(\.value),
            projects: documents.projects.map { ($0.changedAt, $0.value) },
            globalPolicies: documents.globalPolicies.map(\.value), ignoredUsers: try stored.ignoredUsers())
    }
}

extension DataSourceInput {
    fileprivate init(_ stored: StoredDataSource, changedAt: UInt64) {
        self.init(
            id: UInt32(stored.id), changedAt: changedAt, definition: stored.definition,
            subscribedUsers: stored.subscribedUsers)
    }
}
