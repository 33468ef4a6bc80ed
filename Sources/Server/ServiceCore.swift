import Administration
import Audit
import Decision
import Foundation
import Logging
import NIOCore
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
    private var followers: [Follower] = []

    /// A connection that is sent audit records as they come.
    private struct Follower {
        var connection: ServiceConnection
        var request: RequestID
        var query: AuditQuery
        var isReading = false
    }

    init(engine: DecisionEngine, administrator: Administrator, loop: any EventLoop, logger: Logger) {
        self.engine = engine
        self.administrator = administrator
        self.loop = loop
        self.logger = logger
        watchers = Watchers(snapshot: engine.snapshot)
        turn = AnswerTurn(engine: engine, loop: loop) { engine in
            if let failure = engine.auditFailure {
                logger.critical("audit records cannot be written", metadata: ["error": "\(failure)"])
            } else {
                logger.notice("audit records are written again", metadata: ["last": "\(engine.lastRecord)"])
            }
        }
    }

    // MARK: Commands

    /// Carries out the command in a JSON document and sends its result.
    func perform(_ document: ByteBuffer, request: RequestID, for connection: ServiceConnection) {
        let command: Command
        do {
            command = try JSONDecoder().decode(Command.self, from: Data(document.readableBytesView))
        } catch {
            let refusal = CommandRefusal(.invalid, "the command is not understood: \(error)")
            return send(CommandOutcome<Bool>.refused(refusal), request, to: connection)
        }
        logger.debug("command", metadata: ["peer": "\(connection.peer)", "command": "\(command.words)"])
        switch command {
        case .policyApply(let apply): self.apply(apply, request, for: connection)
        case .policyExport: reply(administrator.export(on: loop), request, to: connection)
        case .policyHistory: reply(administrator.history(on: loop), request, to: connection)
        case .check(let check): send(.done(explain(check)), request, to: connection)
        case .cacheShow(let limit): send(.done(cacheContents(limit: limit)), request, to: connection)
        case .cacheFlush: flushCache(request, for: connection)
        case .auditQuery(let query):
            reply(administrator.query(query, upTo: engine.lastRecord, on: loop), request, to: connection)
        case .auditFollow(let query):
            followers.append(Follower(connection: connection, request: request, query: query))
            feedFollowers()
        case .status: send(.done(status()), request, to: connection)
        }
    }

    private func apply(_ apply: PolicyApply, _ request: RequestID, for connection: ServiceConnection) {
        let actor = connection.peer.name
        let answer = administrator.apply(apply, actor: actor, on: loop).assumeIsolated().flatMap {
            outcome -> EventLoopFuture<PolicyApplied> in
            guard let snapshot = outcome.snapshot else { return self.loop.makeSucceededFuture(outcome.applied) }
            self.install(snapshot)
            var applied = outcome.applied
            self.engine.stageEvent(
                .policyChange, actor: actor,
                detail:
                    "policy version \(applied.version): \(applied.change.lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "; "))"
            )
            if !self.engine.commit() || self.engine.auditFailure != nil {
                applied.notAudited = self.engine.auditFailure.map { "\($0)" }
            }
            return self.watchers.late(after: .seconds(2), on: self.loop).assumeIsolated().map { late in
                applied.late = late
                applied.inForceAt = self.watchers.count - late.count
                return applied
            }.nonisolated()
        }.nonisolated()
        reply(answer, request, to: connection)
    }

    private func install(_ snapshot: Snapshot) {
        engine.install(snapshot)
        watchers.install(snapshot)
        logger.notice("policies in force", metadata: ["version": "\(snapshot.version)"])
    }

    private func flushCache(_ request: RequestID, for connection: ServiceConnection) {
        engine.flushCache()
        engine.stageEvent(.administration, actor: connection.peer.name, detail: "cache flush")
        turn.schedule()
        send(.done(true), request, to: connection)
    }

    private func explain(_ check: CheckRequest) -> CheckResult {
        let (decision, explanation, user) = engine.explain(
            principal: Array(check.principal.utf8), path: Array(check.path.utf8))
        let snapshot = engine.snapshot
        return CheckResult(
            principal: check.principal, shortName: engine.shortName(of: check.principal),
            user: user.isEmpty ? nil : user, path: check.path, decision: decision,
            dataSource: decision.dataSource.map { snapshot.dataSources[$0].definition.name },
            message: decision.verdict == .deny ? DenialWords.words(for: decision, in: snapshot) : nil,
            steps: explanation.steps)
    }

    private func cacheContents(limit: Int) -> CacheContents {
        let now = MonotonicClock.nanoseconds
        let snapshot = engine.snapshot
        let users = Dictionary(uniqueKeysWithValues: snapshot.users.map { ($0.id, $0) })
        let sources = Dictionary(uniqueKeysWithValues: snapshot.dataSources.map { ($0.id, $0) })
        let valid = engine.cache.entries(now: now).filter { entry in
            guard let user = users[entry.user], let source = sources[entry.dataSource] else { return false }
            return entry.version >= max(user.changedAt, source.changedAt)
        }
        let youngest = valid.sorted { $0.madeAt > $1.madeAt }.prefix(limit)
        return CacheContents(
            capacity: engine.cache.capacity, timeToLiveSeconds: Double(engine.cache.timeToLive) / 1e9,
            statistics: engine.cache.statistics, count: valid.count,
            entries: youngest.map { entry in
                CacheContents.Entry(
                    user: users[entry.user]!.profile.name, dataSource: sources[entry.dataSource]!.definition.name,
                    isSubscribed: entry.subscribing == .subscribed, policyVersion: entry.version,
                    ageSeconds: Double(now - entry.madeAt) / 1e9)
            })
    }

    private func status() -> Status {
        let snapshot = engine.snapshot
        return Status(
            service: Self.name, processID: ProcessInfo.processInfo.processIdentifier, policyVersion: snapshot.version,
            coverVersion: watchers.coverVersion, users: snapshot.users.count, dataSources: snapshot.dataSources.count,
            coveredDirectories: snapshot.cover.entries.count, connections: connections.count,
            watchers: watchers.status, counters: engine.counters,
            audit: AuditStatus(
                lastRecord: engine.lastRecord, lastIndexed: administrator.lastIndexed,
                missing: administrator.missingRecords,
                failure: engine.auditFailure.map { "\($0)" }))
    }

    // MARK: Following

    /// Sends followers what has been indexed since they were last sent something.
    func feedFollowers() {
        for index in followers.indices where !followers[index].isReading {
            followers[index].isReading = true
            let (connection, request, query) = (
                followers[index].connection, followers[index].request, followers[index].query
            )
            administrator.query(query, upTo: 0, on: loop).assumeIsolated().whenComplete { result in
                self.feed(connection, request, result)
            }
        }
    }

    private func feed(_ connection: ServiceConnection, _ request: RequestID, _ result: Result<[AuditLine], any Error>) {
        guard let index = followers.firstIndex(where: { $0.connection === connection && $0.request == request })
        else { return }
        followers[index].isReading = false
        guard case .success(let lines) = result else {
            followers.remove(at: index)
            if case .failure(let error) = result {
                send(CommandOutcome<Bool>.refused(Self.refusal(error)), request, to: connection)
            }
            return
        }
        guard let last = lines.last else { return }
        followers[index].query.after = last.sequence
        followers[index].query.limit = Int(UInt16.max)
        for line in lines { connection.sendResult(Self.encode(line), request: request, isItem: true) }
        feedFollowers()
    }

    func endFollowing(_ connection: ServiceConnection) {
        followers.removeAll { $0.connection === connection }
    }

    // MARK: Replying

    private func reply<Value: Codable & Sendable>(
        _ answer: EventLoopFuture<Value>, _ request: RequestID, to connection: ServiceConnection
    ) {
        answer.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let value): self.send(.done(value), request, to: connection)
            case .failure(let error):
                self.send(CommandOutcome<Value>.refused(Self.refusal(error)), request, to: connection)
            }
        }
    }

    private func send(
        _ outcome: CommandOutcome<some Codable & Sendable>, _ request: RequestID, to connection: ServiceConnection
    ) {
        connection.sendResult(Self.encode(outcome), request: request)
    }

    private static func refusal(_ error: any Error) -> CommandRefusal {
        (error as? CommandRefusal) ?? CommandRefusal(.failed, "\(error)")
    }

    private static func encode(_ value: some Encodable) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(value))
        } catch {
            preconditionFailure("every result can be written as JSON: \(error)")
        }
    }

    // MARK: The end

    /// Answers what was asked, says goodbye to everybody, and commits the last records.
    func shutDown() {
        for connection in connections.values { connection.sayGoodbye() }
        turn.finish()
    }
}
