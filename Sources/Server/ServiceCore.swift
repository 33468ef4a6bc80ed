import Administration
import Audit
import Crawling
import Decision
import Foundation
import Grants
import Logging
import NIOCore
import Storage
import Wire

/// What the connections of one service share. Belongs to the event loop.
final class ServiceCore {
    static let name = "authorizer \(Version.current)"

    let engine: DecisionEngine
    let turn: AnswerTurn
    let watchers: Watchers
    let logger: Logger
    var connections: [ObjectIdentifier: ServiceConnection] = [:]
    private let loop: any EventLoop
    private let administrator: Administrator
    private let crawls: CrawlDesk
    private let grants: GrantDesk
    /// `nil` where no tickets are taken.
    let tickets: TicketDesk?
    private var followers: [Follower] = []
    private let sparkWatchers = SparkWatchers()

    /// A connection that is sent audit records as they come.
    private struct Follower {
        var connection: ServiceConnection
        var request: RequestID
        var query: AuditQuery
        var isReading = false
    }

    init(
        engine: DecisionEngine, cover: CoverMessage, administrator: Administrator, crawls: CrawlDesk,
        grants: GrantOptions, grantStore: GrantStore, kerberos: KerberosOptions?, loop: any EventLoop, logger: Logger
    ) {
        self.engine = engine
        self.administrator = administrator
        self.crawls = crawls
        self.loop = loop
        self.logger = logger
        watchers = Watchers(cover: cover)
        tickets = kerberos.map { TicketDesk($0, identity: administrator.identity, loop: loop) }
        let turn = AnswerTurn(engine: engine, loop: loop) { engine in
            if let failure = engine.auditFailure {
                logger.critical("audit records cannot be written", metadata: ["error": "\(failure)"])
            } else {
                logger.notice("audit records are written again", metadata: ["last": "\(engine.lastRecord)"])
                engine.stageResumption()
            }
        }
        self.turn = turn
        self.grants = GrantDesk(
            grants, store: grantStore, identity: administrator.identity, engine: engine, loop: loop, logger: logger
        ) { turn.finish() }
    }

    /// Puts grants in force that were when the service ended.
    func start() throws {
        try grants.start()
    }

    // MARK: Commands

    /// Carries out the command in a JSON document and sends its result.
    func perform(_ document: ByteBuffer, request: RequestID, for connection: ServiceConnection) {
        administrator.command(in: document, on: loop).assumeIsolated().whenComplete { result in
            let isAdministrator = connection.roles.contains(.admin)
            switch result {
            case .success(let command) where isAdministrator || command.isForEveryUser:
                self.perform(command, request, for: connection)
            case .failure(let error) where isAdministrator:
                self.send(CommandOutcome<Bool>.refused(CommandRefusal(error)), request, to: connection)
            default: connection.refuseCommand(request)
            }
        }
    }

    private func perform(_ command: Command, _ request: RequestID, for connection: ServiceConnection) {
        logger.debug("command", metadata: ["peer": "\(connection.peer)", "command": "\(command.words)"])
        guard let party = connection.party(giving: command, request) else { return }
        let peer = party.peer
        switch command {
        case .policyApply(let apply):
            finish(administrator.apply(apply, by: peer, on: loop), command, request, connection)
        case .policyRollback(let rollback):
            finish(administrator.rollBack(rollback, by: peer, on: loop), command, request, connection)
        case .state(let change):
            finish(administrator.changeState(change, by: party, on: loop), command, request, connection)
        case .policyExport: reply(administrator.export(on: loop), request, to: connection)
        case .policyHistory(let limit): reply(administrator.history(limit: limit, on: loop), request, to: connection)
        case .policyDiff(let from, let to):
            reply(administrator.difference(from: from, to: to, on: loop), request, to: connection)
        case .projectList(let user):
            reply(
                administrator.projects(of: user, by: party, on: loop), request, to: connection,
                command: command.words)
        case .subscriptionList:
            reply(
                administrator.subscriptions(by: party, on: loop), request, to: connection, command: command.words)
        case .check(let check): send(.done(explain(check)), request, to: connection)
        case .explain(let explain): send(self.explain(explain), request, to: connection)
        case .whoCanRead(let question):
            let readers = Readers(snapshot: engine.snapshot, catalogue: engine.catalogue, now: engine.now)
            reply(administrator.result(on: loop) { try readers.find(question) }, request, to: connection)
        case .cacheShow(let limit): showCache(limit: limit, request, for: connection)
        case .cacheFlush: flushCache(request, for: connection)
        case .auditQuery(let query):
            record(query, command, by: connection)
            reply(administrator.query(query, upTo: engine.lastRecord, on: loop), request, to: connection)
        case .auditReport(let query):
            record(query, command, by: connection)
            reply(administrator.report(query, upTo: engine.lastRecord, on: loop), request, to: connection)
        case .auditStats:
            reply(administrator.auditStats(last: engine.lastRecord, on: loop), request, to: connection)
        case .auditFollow(let query):
            record(query, command, by: connection)
            followers.append(Follower(connection: connection, request: request, query: query))
            feedFollowers()
        case .status: sendStatus(request, to: connection)
        case .grant(let command):
            grants.perform(command, by: party) { connection.sendResult($0, request: request) }
        case .crawl(let command):
            record(command, by: peer)
            reply(crawls.perform(command, by: peer, on: loop), request, to: connection)
        case .spark(let command): perform(command, by: party, request, for: connection)
        }
    }

    /// Answers a Spark session once what it asked or said is recorded.
    private func perform(
        _ command: SparkCommand, by party: Party, _ request: RequestID, for connection: ServiceConnection
    ) {
        let desk = SparkDesk(
            administrator: administrator, snapshot: engine.snapshot, now: engine.now,
            timeToLive: engine.cacheTimeToLive, party: party)
        desk.perform(command, on: loop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(.watch(let user)):
                self.sparkWatchers.add(connection, request, user: user, version: self.engine.snapshot.version)
            case .success(.answer(let json, let records)):
                for record in records { self.engine.stage(record) }
                if !records.isEmpty { self.turn.finish() }
                if let failure = self.engine.commitFailure, self.engine.refusesUnrecorded {
                    let refusal = CommandRefusal(.failed, "the audit cannot be written: \(failure)")
                    return self.send(CommandOutcome<Bool>.refused(refusal), request, to: connection)
                }
                connection.sendResult(json, request: request)
            case .failure(let error): self.refuse(command.words, because: error, request, connection)
            }
        }
    }

    /// Records that somebody wants crawls to begin or to end.
    private func record(_ command: CrawlCommand, by peer: Peer) {
        guard let detail = command.record else { return }
        engine.stageEvent(.administration, actor: peer.label, detail: detail)
        turn.schedule()
    }

    /// Records who asks the audit for what. The next page of an export is no other question.
    private func record(_ query: AuditQuery, _ command: Command, by connection: ServiceConnection) {
        var question = query
        question.after = nil
        guard connection.lastAuditQuestion != question else { return }
        connection.lastAuditQuestion = question
        let words = ([command.words] + administrator.veiled(query).words).joined(separator: " ")
        engine.stageEvent(.administration, actor: connection.peer.label, detail: words)
        turn.schedule()
    }

    /// Waits for a change, puts it in force, and answers.
    private func finish(
        _ change: EventLoopFuture<Administrator.Application>, _ command: Command, _ request: RequestID,
        _ connection: ServiceConnection
    ) {
        change.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let application): self.finish(application, request, for: connection)
            case .failure(let error): self.refuse(command.words, because: error, request, connection)
            }
        }
    }

    /// Puts a change in force, records that, and answers once the watchers go by it.
    private func finish(
        _ application: Administrator.Application, _ request: RequestID, for connection: ServiceConnection
    ) {
        guard let edition = application.edition else {
            switch application.outcome {
            case .policies(let applied): reply(administrator.result(on: loop) { applied }, request, to: connection)
            case .state(let changed): send(.done(changed), request, to: connection)
            }
            return
        }
        install(edition, changing: application.change)
        engine.stageEvent(
            .policyChange, actor: application.actor, detail: application.auditDetail,
            change: application.change?.json ?? [])
        grants.policiesChanged()
        turn.finish()
        let notAudited = engine.commitFailure.map { "\($0)" }
        switch application.outcome {
        case .state(var changed):
            changed.notAudited = notAudited
            send(.done(changed), request, to: connection)
        case .policies(let applied):
            watchers.late(after: .seconds(2), on: loop).assumeIsolated().whenSuccess { late in
                let inForceAt = self.watchers.count - late.count
                let result = self.administrator.result(on: self.loop) {
                    var applied = applied
                    applied.notAudited = notAudited
                    applied.late = late
                    applied.inForceAt = inForceAt
                    return applied
                }
                self.reply(result, request, to: connection)
            }
        }
    }

    private func install(_ edition: PolicyEdition, changing change: RecordedChange?) {
        administrator.release(engine.install(edition.snapshot))
        watchers.install(edition.cover)
        crawls.update(edition.snapshot)
        sparkWatchers.tell(change, version: edition.snapshot.version)
        logger.notice("policies in force", metadata: ["version": "\(edition.snapshot.version)"])
    }

    /// Goes by what a crawl found, or records that one is over.
    func take(_ event: Crawls.Event) {
        switch event {
        case .catalogue(let dataSource, let principal, let files):
            // A crawl may be over only after its data source has gone, or has come by another credential.
            let source = engine.snapshot.dataSources.first { $0.id == dataSource }
            if let principal, let source, principal != source.definition.credential?.principal { return }
            administrator.release(engine.install(source == nil ? nil : files, of: dataSource))
        case .ended(let crawl):
            engine.stageEvent(.administration, actor: crawl.requestedBy ?? "crawl", detail: crawl.record)
            turn.schedule()
        }
    }

    private func flushCache(_ request: RequestID, for connection: ServiceConnection) {
        engine.flushCache()
        engine.stageEvent(.administration, actor: connection.peer.label, detail: "cache flush")
        turn.schedule()
        send(.done(true), request, to: connection)
    }

    private func explain(_ check: CheckRequest) -> CheckResult {
        let handles = (check.handles ?? []).compactMap { GrantHandle(hex: $0) }
        let (decision, explanation, user) = engine.explain(
            principal: Array(check.principal.utf8), path: Array(check.path.utf8), handles: handles)
        let snapshot = engine.snapshot
        return CheckResult(
            principal: check.principal, shortName: engine.shortName(of: check.principal),
            user: user.isEmpty ? nil : user, path: check.path, decision: decision,
            dataSource: decision.dataSource.map { snapshot.dataSources[$0].definition.name },
            message: decision.verdict == .deny ? DenialWords.words(for: decision, in: snapshot) : nil,
            steps: explanation.steps)
    }

    private func explain(_ request: ExplainRequest) -> CommandOutcome<ExplainResult> {
        guard let found = engine.explain(principal: request.principal, dataSource: request.dataSource) else {
            return .refused(CommandRefusal(.invalid, "there is no data source `\(request.dataSource)`"))
        }
        return .done(
            ExplainResult(
                principal: request.principal, user: found.user.map { engine.snapshot.userName($0) },
                dataSource: request.dataSource, decision: found.verdict, reason: found.reason, words: found.words,
                resolution: found.resolution, policyVersion: engine.snapshot.version))
    }

    private func showCache(limit: Int, _ request: RequestID, for connection: ServiceConnection) {
        let view = CacheView(
            entries: engine.cacheContents, statistics: engine.cacheStatistics,
            timeToLive: engine.cacheTimeToLive, snapshot: engine.snapshot, now: MonotonicClock.nanoseconds)
        reply(administrator.result(on: loop) { view.contents(limit: limit) }, request, to: connection)
    }

    private func sendStatus(_ request: RequestID, to connection: ServiceConnection) {
        crawls.status(on: loop).assumeIsolated().whenSuccess { crawls in
            self.send(.done(self.status(crawls)), request, to: connection)
        }
    }

    private func status(_ crawls: CrawlsStatus) -> Status {
        let snapshot = engine.snapshot
        return Status(
            service: Self.name, processID: ProcessInfo.processInfo.processIdentifier, policyVersion: snapshot.version,
            coverVersion: watchers.cover.version, users: snapshot.userCount,
            dataSources: snapshot.dataSourceCount, coveredDirectories: snapshot.cover.entries.count,
            connections: connections.count, watchers: watchers.status, grants: grants.count,
            counters: engine.counters,
            audit: AuditStatus(
                lastRecord: engine.lastRecord, lastSynced: engine.lastSynced, lastIndexed: administrator.lastIndexed,
                missing: administrator.missingRecords, failure: engine.auditFailure.map { "\($0)" },
                sinks: administrator.sinkStatus()),
            crawls: crawls)
    }

    // MARK: Following

    /// Sends followers what has been indexed since they were last sent something. One that does not take what it was
    /// sent waits.
    func feedFollowers() {
        for index in followers.indices where !followers[index].isReading && followers[index].connection.isWritable {
            followers[index].isReading = true
            let (connection, request) = (followers[index].connection, followers[index].request)
            administrator.follow(followers[index].query, on: loop).assumeIsolated().whenComplete { result in
                self.feed(connection, request, result)
            }
        }
    }

    private func feed(
        _ connection: ServiceConnection, _ request: RequestID,
        _ result: Result<(items: [[UInt8]], through: UInt64), any Error>
    ) {
        guard let index = followers.firstIndex(where: { $0.connection === connection && $0.request == request })
        else { return }
        followers[index].isReading = false
        switch result {
        case .success(let news):
            followers[index].query.after = max(followers[index].query.after ?? 0, news.through)
            followers[index].query.limit = Self.mostFollowedAtOnce
            followers[index].query.takesOldest = true
            guard !news.items.isEmpty else { return }
            for item in news.items { connection.sendResultItem(item, request: request) }
            feedFollowers()
        case .failure(let error):
            followers.remove(at: index)
            send(CommandOutcome<Bool>.refused(CommandRefusal(error)), request, to: connection)
        }
    }

    private static let mostFollowedAtOnce = 1_000

    func endFollowing(_ connection: ServiceConnection) {
        followers.removeAll { $0.connection === connection }
        sparkWatchers.remove(connection)
    }

    /// Records that old segments of the journal were removed.
    func record(_ removal: Retention.Removal) {
        let (first, last) = (removal.records.lowerBound, removal.records.upperBound)
        engine.stageEvent(
            .administration, actor: "authorizer",
            detail:
                "audit records \(first) to \(last) were removed, in \(removal.segments) segments: they were to be kept no longer"
        )
        turn.schedule()
    }

    /// Records that a sync of the journal failed.
    func recordSyncFailure(_ failure: FileError, after synced: UInt64) {
        engine.stageEvent(
            .administration, actor: "authorizer",
            detail: "audit records after \(synced) may not be on disk, up to this one: \(failure)")
        turn.schedule()
    }

    // MARK: Replying

    /// - Parameter words: of the command, for the record where it is more than the peer's role covers.
    private func reply(
        _ result: EventLoopFuture<[UInt8]>, _ request: RequestID, to connection: ServiceConnection,
        command words: String = "command"
    ) {
        result.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let json): connection.sendResult(json, request: request)
            case .failure(let error): self.refuse(words, because: error, request, connection)
            }
        }
    }

    /// Says why a command is not carried out. That a peer asks for what its role does not cover is recorded.
    ///
    /// - Parameter words: of the command.
    private func refuse(
        _ words: String, because error: any Error, _ request: RequestID, _ connection: ServiceConnection
    ) {
        if error is RoleRefusal { connection.recordRefusal("\(words): \(error)") }
        send(CommandOutcome<Bool>.refused(CommandRefusal(error)), request, to: connection)
    }

    /// Sends an outcome that is small.
    private func send(
        _ outcome: CommandOutcome<some Codable & Sendable>, _ request: RequestID, to connection: ServiceConnection
    ) {
        connection.sendResult(outcome.json, request: request)
    }

    // MARK: The end

    /// Answers what was asked, says goodbye to everybody, and commits the last records.
    ///
    /// - Returns: when nothing is to be written any more.
    func shutDown() -> EventLoopFuture<Void> {
        for connection in connections.values { connection.sayGoodbye() }
        turn.finish()
        tickets?.stop()
        return grants.stop()
    }
}
