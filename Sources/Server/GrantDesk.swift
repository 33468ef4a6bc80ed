import Administration
import Decision
import Foundation
import Grants
import Logging
import NIOCore
import NIOPosix
import Storage
import Wire

/// Where grants are asked for and ended. Belongs to the event loop.
///
/// A grant is in force once it is on the disk; it ends in memory first, and everywhere at once, then on the disk. A thread
/// of the desk's own does the writing, in order, so that the loop waits for no disk.
final class GrantDesk {
    private static let mostRequestsPerMinute = 600
    /// Milliseconds for which a job gets no other grant, after an administrator has ended one.
    static let keptOut: Int64 = 24 * 3_600_000

    private let options: GrantOptions
    private let store: GrantStore
    private let identity: ClusterIdentity
    private let engine: DecisionEngine
    private let loop: any EventLoop
    private let logger: Logger
    /// Commits the records that are staged.
    private let commit: () -> Void
    private let limits = GrantBook.Limits()
    private var book: GrantBook
    private var requests = Allowance(GrantDesk.mostRequestsPerMinute, "requests for grants")
    /// Ended, and not on the disk yet for want of room or the like.
    private var unsaved: [Grant] = []
    private let writing = NIOThreadPool(numberOfThreads: 1)
    private let reading = NIOThreadPool(numberOfThreads: 1)
    private var timer: Scheduled<Void>?

    /// - Parameter commit: called when records are staged that somebody waits for.
    init(
        _ options: GrantOptions, store: GrantStore, identity: ClusterIdentity, engine: DecisionEngine,
        loop: any EventLoop, logger: Logger, commit: @escaping () -> Void
    ) {
        self.options = options
        self.store = store
        self.identity = identity
        self.engine = engine
        self.loop = loop
        self.logger = logger
        self.commit = commit
        book = GrantBook(limits: limits)
    }

    /// Grants that are live.
    var count: Int { book.count }

    private var now: Grant.Mark { Grant.Mark(engine.now) }

    // MARK: Start and end

    /// Puts in force what was when the service ended, as far as its time and the policies let it.
    ///
    /// - Throws: `StoreError`.
    func start() throws {
        let resumption = GrantResumption(
            store: store, boot: BootIdentity.current, withoutKerberos: options.withoutKerberos)
        let resumed = try resumption.run(into: &book, by: engine)
        engine.install(book.live)
        for grant in resumed.live { engine.stage(GrantRecord(grant, "goes on after a restart of the service")) }
        for grant in resumed.ended { engine.stage(GrantRecord(ended: grant)) }
        commit()
        writing.start()
        reading.start()
        scheduleTick()
    }

    /// Writes what is to be written. Nothing may be asked any more.
    func stop() -> EventLoopFuture<Void> {
        timer?.cancel()
        let (writing, reading) = (writing, reading)
        return writing.runIfActive(eventLoop: loop) {}.always { _ in
            writing.shutdownGracefully { _ in }
            reading.shutdownGracefully { _ in }
        }
    }

    private func scheduleTick() {
        timer = loop.assumeIsolated().scheduleTask(in: .seconds(1)) {
            self.tick()
            self.scheduleTick()
        }
    }

    /// Ends what is over. Decisions do not wait for it: they look at the time by themselves.
    private func tick() {
        let now = now
        let ended =
            book.expire(at: now)
            + book.check(at: engine.snapshot.version, now: now, engine.standing(of:checkedAt:until:))
        if !ended.isEmpty || !unsaved.isEmpty { finish(ended) }
    }

    /// Ends the grants that the policies in force do not allow any more. No question is answered in between.
    func policiesChanged() {
        guard book.count > 0 else { return }
        let version = engine.snapshot.version
        let ended = book.check(at: version, now: now, engine.standing(of:checkedAt:until:))
        finish(ended, checkedAt: version)
    }

    // MARK: Commands

    /// - Parameter reply: called with the JSON of the command's outcome.
    func perform(_ command: GrantCommand, by party: Party, reply: @escaping ([UInt8]) -> Void) {
        switch command {
        case .issue(let request): issue(request, party, reply)
        case .renew(let id, let handles):
            withAsker(party, isCounted: true, reply) { self.renew(id, handles ?? [], $0, reply) }
        case .release(let id): withAsker(party, reply) { self.release(id, $0, reply) }
        case .list(let filter): withAsker(party, reply) { self.list(filter, $0, reply) }
        case .show(let id): withAsker(party, reply) { self.show(id, $0, reply) }
        case .revoke(let revocation): revoke(revocation, by: party.peer, reply)
        }
    }

    private func issue(
        _ request: GrantRequest, _ party: Party, _ reply: @escaping ([UInt8]) -> Void
    ) {
        guard mayAsk(party, reply) else { return }
        let (identity, options, store, snapshot, now) = (identity, options, store, engine.snapshot, engine.now)
        let mostHandles = limits.handles
        work(on: writing) {
            let order = GrantOrder(
                request: request, asker: GrantAsker(party, snapshot, identity), snapshot: snapshot,
                identity: identity, options: options, mostHandles: mostHandles, now: now)
            let grant = try order.make()
            try store.insert(grant)
            return grant
        } then: { result in
            switch result {
            case .success(let grant): self.putInForce(grant, request, party, reply)
            case .failure(let error): self.refuse(request, party, error, reply)
            }
        }
    }

    /// Puts a grant in force that is on the disk, unless the policies have changed since it was made.
    private func putInForce(
        _ grant: Grant, _ request: GrantRequest, _ party: Party, _ reply: @escaping ([UInt8]) -> Void
    ) {
        do throws(GrantRefusal) {
            guard !engine.mustRefuse else {
                throw GrantRefusal("nothing can be recorded at the moment; try again later")
            }
            try book.add(grant, engine.standing(of: grant), at: engine.snapshot.version)
        } catch {
            var ended = grant
            (ended.state, ended.endedAt, ended.endedBecause) = (.revoked, now.wall, error.description)
            save([ended], checkedAt: nil) { _ in }
            return refuse(request, party, GrantRefused(.denied, error.description, user: grant.user), reply)
        }
        engine.install(book.live)
        // It has been looked at by these policies, and not by those that it was made by alone.
        if grant.policyVersion != engine.snapshot.version {
            save([], checkedAt: engine.snapshot.version) { _ in }
        }
        engine.stage(GrantRecord(issued: grant), verdict: .allow)
        commit()
        guard !engine.mustRefuse else {
            let because = "its issue could not be recorded"
            if let ended = book.end(grant.id, .revoked, because: because, at: now.wall) { finish([ended]) }
            return reply(Self.refusal("the grant is not given: \(because); try again later"))
        }
        logger.debug("grant issued", metadata: ["grant": "\(grant.id)", "user": "\(grant.user)"])
        reply(line(grant))
    }

    private func refuse(
        _ request: GrantRequest, _ party: Party, _ error: any Error, _ reply: @escaping ([UInt8]) -> Void
    ) {
        let refused = error as? GrantRefused ?? GrantRefused(.denied, "\(error)")
        if refused.kind == .role {
            engine.stageEvent(.refusal, actor: party.peer.label, detail: "grant issue: \(refused.words)")
        } else {
            let attempt = GrantAttempt(
                job: request.job.application, principal: request.principal ?? party.account, user: refused.user,
                dataSources: request.dataSources)
            engine.stage(
                GrantRecord(refused: attempt, because: refused.words), verdict: .deny, reason: refused.reason)
        }
        commit()
        reply(Self.refusal(refused.words, refused.kind == .invalid ? .invalid : .failed))
    }

    private func renew(
        _ id: String, _ handles: [String], _ asker: GrantAsker, _ reply: @escaping ([UInt8]) -> Void
    ) {
        let renewed: Grant
        do {
            guard let grant = book[id], asker.owns(grant) else { throw GrantRefusal(Self.none(id)) }
            guard !engine.mustRefuse else {
                throw GrantRefusal("nothing can be recorded at the moment; try again later")
            }
            let added = try GrantHandle.list(handles)
            renewed = try book.renew(
                id, adding: added, engine.standing(of: grant), at: engine.snapshot.version, now: now)
        } catch {
            let words = (error as? GrantRefused)?.words ?? "\(error)"
            if let grant = book[id], asker.owns(grant) {
                engine.stage(GrantRecord(grant, "not renewed: \(words)"), verdict: .deny)
                commit()
            } else {
                recordAttempt("grant renew", id, asker)
            }
            return reply(Self.refusal(words))
        }
        engine.install(book.live)
        let store = store
        work(on: writing) {
            try store.update([renewed])
        } then: { result in
            if case .failure(let error) = result { return reply(Self.refusal("\(error)")) }
            guard self.book[id] != nil else { return reply(Self.refusal(Self.none(id))) }
            self.engine.stage(GrantRecord(renewed: renewed), verdict: .allow)
            self.commit()
            reply(self.line(renewed))
        }
    }

    private func release(_ id: String, _ asker: GrantAsker, _ reply: @escaping ([UInt8]) -> Void) {
        guard let grant = book[id], asker.owns(grant),
            let ended = book.end(id, .released, because: "given up by uid \(asker.party.peer.userID)", at: now.wall)
        else {
            recordAttempt("grant release", id, asker)
            return reply(Self.refusal(Self.none(id)))
        }
        finish([ended]) { failure in
            reply(failure.map { Self.refusal(Self.notKept($0)) } ?? self.line(ended))
        }
    }

    /// Somebody knows the id of a live grant that is not theirs. They learn nothing of it, and it is recorded, as often as
    /// they may ask.
    private func recordAttempt(_ command: String, _ id: String, _ asker: GrantAsker) {
        guard let grant = book[id], !asker.owns(grant), mayAsk(asker.party, { _ in }) else { return }
        engine.stageEvent(
            .refusal, actor: asker.party.peer.label, detail: "\(command): the grant `\(id)` belongs to `\(grant.user)`")
        commit()
    }

    private func revoke(_ revocation: GrantRevocation, by peer: Peer, _ reply: @escaping ([UInt8]) -> Void) {
        guard revocation.id != nil || !revocation.filter.words.isEmpty else {
            return reply(Self.refusal("say which: an id, a user, a job or a data source", .invalid))
        }
        let because = ["revoked by \(peer.label)", revocation.because].compactMap(\.self).joined(separator: ": ")
        let meant = book.grants.filter { grant in
            (revocation.id == nil || revocation.id == grant.id) && revocation.filter.fits(grant)
        }
        if let id = revocation.id, meant.isEmpty { return reply(Self.refusal("there is no live grant `\(id)`")) }
        let now = now
        let ended = meant.compactMap { grant in
            var ended = book.end(grant.id, .revoked, because: because, at: now.wall)
            if revocation.mayAskAgain != true, let grant = ended {
                let until = now.advanced(byMilliseconds: Self.keptOut)
                ended?.keptOutUntil = until.wall
                book.keepOut(grant, until: until.monotonic)
            }
            return ended
        }
        finish(ended) { failure in
            if let failure { return reply(Self.refusal(Self.notKept(failure))) }
            self.lines(ended, reply)
        }
    }

    // MARK: Looking

    private func list(_ filter: GrantFilter, _ asker: GrantAsker, _ reply: @escaping ([UInt8]) -> Void) {
        let live = book.grants.filter { Self.maySee(asker, $0) && filter.fits($0) }
        guard !filter.live else { return lines(live, reply) }
        let store = store
        work(on: reading) {
            try store.ended().filter { Self.maySee(asker, $0) && filter.fits($0) }
        } then: { result in
            switch result {
            case .success(let ended): self.lines(live + ended, reply)
            case .failure(let error): reply(Self.refusal("\(error)"))
            }
        }
    }

    private func show(_ id: String, _ asker: GrantAsker, _ reply: @escaping ([UInt8]) -> Void) {
        if let grant = book[id], Self.maySee(asker, grant) { return reply(line(grant)) }
        let store = store
        work(on: reading) {
            try store.grant(id)
        } then: { result in
            switch result {
            case .success(let grant?) where Self.maySee(asker, grant): reply(self.line(grant))
            case .failure(let error): reply(Self.refusal("\(error)"))
            default: reply(Self.refusal(Self.none(id)))
            }
        }
    }

    private static func maySee(_ asker: GrantAsker, _ grant: Grant) -> Bool {
        asker.party.isAdministrator || asker.owns(grant)
    }

    // MARK: Ending

    /// Goes by what has ended in the book, and keeps and records it.
    ///
    /// - Parameter then: called when it is on the disk, or with why it is not.
    private func finish(
        _ ended: [Grant], checkedAt version: UInt64? = nil, then: @escaping ((any Error)?) -> Void = { _ in }
    ) {
        engine.install(book.live)
        save(ended, checkedAt: version) { failure in
            for grant in ended { self.engine.stage(GrantRecord(ended: grant)) }
            if !ended.isEmpty { self.commit() }
            then(failure)
        }
    }

    private func save(_ ended: [Grant], checkedAt version: UInt64?, then: @escaping ((any Error)?) -> Void) {
        let (store, all, isNew) = (store, unsaved + ended, unsaved.isEmpty)
        unsaved = []
        work(on: writing) {
            try store.end(all, checkedAt: version)
        } then: { result in
            guard case .failure(let error) = result else { return then(nil) }
            if isNew { self.logger.error("ended grants are not on the disk", metadata: ["error": "\(error)"]) }
            self.unsaved += all
            then(error)
        }
    }

    // MARK: Askers and answers

    /// - Parameter isCounted: it may be asked so often only.
    private func withAsker(
        _ party: Party, isCounted: Bool = false, _ reply: @escaping ([UInt8]) -> Void,
        _ body: @escaping (GrantAsker) -> Void
    ) {
        if isCounted, !mayAsk(party, reply) { return }
        let (snapshot, identity) = (engine.snapshot, identity)
        work(on: reading) {
            GrantAsker(party, snapshot, identity)
        } then: { result in
            switch result {
            case .success(let asker): body(asker)
            case .failure(let error): reply(Self.refusal("\(error)"))
            }
        }
    }

    /// Every request takes room in the audit, so one user asks for no more than so many.
    private func mayAsk(_ party: Party, _ reply: ([UInt8]) -> Void) -> Bool {
        guard party.roles.isDisjoint(with: [.admin, .gateway]) else { return true }
        do {
            try requests.count(party.account, at: engine.now)
            return true
        } catch {
            reply(Self.refusal("\(error)"))
            return false
        }
    }

    private func work<Value: Sendable>(
        on pool: NIOThreadPool, _ body: @escaping @Sendable () throws -> Value,
        then: @escaping (Result<Value, any Error>) -> Void
    ) {
        pool.runIfActive(eventLoop: loop, body).assumeIsolated().whenComplete(then)
    }

    private func line(_ grant: Grant) -> [UInt8] {
        CommandOutcome.done(GrantLine(grant, now: now.monotonic)).json
    }

    private func lines(_ grants: [Grant], _ reply: @escaping ([UInt8]) -> Void) {
        let now = now.monotonic
        work(on: reading) {
            CommandOutcome.done(grants.map { GrantLine($0, now: now) }).json
        } then: { result in
            switch result {
            case .success(let json): reply(json)
            case .failure(let error): reply(Self.refusal("\(error)"))
            }
        }
    }

    private static func refusal(_ words: String, _ kind: CommandRefusal.Kind = .failed) -> [UInt8] {
        CommandOutcome<Bool>.refused(CommandRefusal(kind, words)).json
    }

    private static func none(_ id: String) -> String {
        "there is no live grant `\(id)` of yours"
    }

    private static func notKept(_ failure: any Error) -> String {
        "it has ended, but that is not on the disk: \(failure); see to the disk before the service is restarted"
    }
}
