import Administration
import Audit
import Catalogue
import Decision
import Foundation
import NIOCore
import NIOPosix
import Policy
import RandomWorlds
import ReferenceModel
import Storage
import StrictYAML
import Synchronization
import Wire

@testable import Server

/// The service without its sockets: policies go in as the files that administrators write, through the store on disk;
/// questions go in as frames, and answers come out of its cache of 600 seconds. Its clocks are set by hand.
final class Product {
    /// What the product does not do.
    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    private static let administratorPeer = Peer(processID: 1, userID: 0, groupIDs: [0])
    private static let tenMinutes: UInt64 = 600_000_000_000

    private let directory: URL
    private let clock: SettableClock
    private let cacheCapacity: Int
    private var naming: Naming
    private var administrator: Administrator
    private(set) var engine: DecisionEngine
    /// What the policies were at each version that changed them.
    private var history: [(version: UInt64, policies: Policies)] = []

    /// - Parameter cacheCapacity: entries of the decision cache.
    init(_ world: World, _ clock: RandomWorlds.Clock, cacheCapacity: Int) async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        self.clock = SettableClock(clock)
        self.cacheCapacity = cacheCapacity
        naming = world.naming
        administrator = try Self.administrator(directory, world, self.clock)
        engine = try Self.engine(directory, administrator, self.clock, cacheCapacity)
        try await apply(world.policies, isWhole: true)
        history.append((engine.snapshot.version, world.policies))
        try say(world.state)
        engine.install(try administrator.currentEdition().snapshot)
        for (source, crawl) in world.crawls { try install(crawl, of: source) }
    }

    /// Ends the service. It is of no use any more.
    func shutDown() async throws {
        try await administrator.shutDown()
        try FileManager.default.removeItem(at: directory)
    }

    private static func administrator(
        _ directory: URL, _ world: World, _ clock: SettableClock
    ) throws -> Administrator {
        Administrator(
            store: try PolicyStore(path: directory.appending(path: "policy.db").path),
            index: try AuditIndex(directory: directory.path), auditDirectory: directory.path,
            identity: world.naming.identity, settings: Settings(world.settings), clock: clock.serviceClock)
    }

    private static func engine(
        _ directory: URL, _ administrator: Administrator, _ clock: SettableClock, _ cacheCapacity: Int
    ) throws -> DecisionEngine {
        let journal = try Journal(directory: directory.path, syncing: Syncing()) { (path) throws(FileError) in
            try SystemSegmentFile(path: path)
        }
        return DecisionEngine(
            snapshot: try administrator.currentEdition().snapshot,
            cache: DecisionCache(capacity: cacheCapacity, timeToLive: tenMinutes), identity: administrator.identity,
            journal: journal, auditFailureMode: .deny, reporters: [:], clock: clock.serviceClock)
    }

    // MARK: What happens

    /// - Parameters:
    ///   - world: after the step, as the model has it.
    /// - Returns: whether a command was carried out.
    /// - Throws: ``Refusal`` where anything else is refused.
    func take(_ step: Step, _ world: World, _ clock: RandomWorlds.Clock) async throws -> Bool {
        self.clock.set(clock)
        switch step {
        case .wait, .setClock, .ask, .check, .explain, .whoCanRead: break
        case .apply(let edit), .applyAnew(let edit):
            if step == .applyAnew(edit) { try await renewAdministrator(world) }
            try await apply(edit.needsPrune ? world.policies : edit.put, isWhole: edit.needsPrune)
            history.append((engine.snapshot.version, world.policies))
        case .rollBack(let policies):
            guard let version = history.last(where: { $0.policies == policies })?.version else {
                throw Refusal(description: "there never were these policies")
            }
            let rollback = PolicyRollback(version: version, dryRun: false)
            try await finish(administrator.rollBack(rollback, by: Self.administratorPeer, on: loop))
            history.append((engine.snapshot.version, world.policies))
        case .perform(let command): return await perform(command)
        case .crawl(let source, let crawl): try install(crawl, of: source)
        case .restart: try await restart(world)
        case .flushCache: engine.flushCache()
        }
        return true
    }

    private var loop: any EventLoop { MultiThreadedEventLoopGroup.singleton.any() }

    private func apply(_ policies: Policies, isWhole: Bool) async throws {
        let file = PolicyApply.File(name: "policies.yaml", content: Data(policies.yaml.utf8))
        let apply = PolicyApply(files: [file], prune: isWhole, dryRun: false)
        try await finish(administrator.apply(apply, by: Self.administratorPeer, on: loop))
    }

    private func finish(_ change: EventLoopFuture<Administrator.Application>) async throws {
        do {
            if let edition = try await change.get().edition { engine.install(edition.snapshot) }
        } catch let refusal as CommandRefusal {
            throw Refusal(description: refusal.message)
        }
    }

    private func perform(_ command: ReferenceModel.Command) async -> Bool {
        let party = Party(peer: Self.administratorPeer, roles: [.spark, .admin], standing: .uid)
        let change = administrator.changeState(StateRequest(command), by: party, on: loop)
        do {
            try await finish(change)
            return true
        } catch {
            return false
        }
    }

    private func restart(_ world: World) async throws {
        try await renewAdministrator(world)
        engine = try Self.engine(directory, administrator, clock, cacheCapacity)
        for (source, crawl) in world.crawls { try install(crawl, of: source) }
    }

    private func renewAdministrator(_ world: World) async throws {
        try await administrator.shutDown()
        administrator = try Self.administrator(directory, world, clock)
    }

    /// What users and approvers said before.
    private func say(_ state: State) throws {
        func id(ofUser name: Text) throws -> Int64 {
            try administrator.store.read { try $0.user(named: name.description)!.id }
        }
        func id(ofDataSource name: Text) throws -> Int64 {
            try administrator.store.read { try $0.dataSource(named: name.description)!.id }
        }
        var said: [(UserStateWriter) throws -> Void] = []
        for (user, project) in state.currentProject {
            let user = try id(ofUser: user)
            said.append { try $0.act(user, under: project.description) }
        }
        for one in state.acknowledgements {
            let user = try id(ofUser: one.user)
            let acknowledgement = Policy.Acknowledgement(
                project: one.project.description, purpose: one.purpose.description)
            said.append { try $0.acknowledge(user, acknowledgement, withdraw: false) }
        }
        for one in state.requests {
            let (user, source) = (try id(ofUser: one.user), try id(ofDataSource: one.dataSource))
            said.append { try $0.request(user, source, because: nil) }
        }
        for one in state.approvals {
            let (user, source) = (try id(ofUser: one.user), try id(ofDataSource: one.dataSource))
            let until = one.until.map { Policy.Instant(milliseconds: $0) }
            said.append { try $0.approve(user, source, by: "root", until: until) }
        }
        guard !said.isEmpty else { return }
        try administrator.store.changeState(actor: "root", now: 0) { writer in
            for one in said { try one(writer) }
            return "state"
        }
    }

    private func install(_ crawl: Crawl?, of source: Text) throws {
        guard let place = engine.snapshot.dataSource(named: source.description) else {
            throw Refusal(description: "there is no data source `\(source)`")
        }
        engine.install(crawl.map { DataSourceFiles($0) }, of: engine.snapshot.dataSources[place].id)
    }

    // MARK: Questions

    /// Answers the questions as they come from a NameNode's plug-in, which tells permissions where it is told to.
    func ask(_ questions: [ReferenceModel.Question]) throws -> [Wire.Answer] {
        var answers = try exchange(questions.map { ($0, tells: false) })
        let wanted = answers.indices.filter { answers[$0].wantsPermissions }
        guard !wanted.isEmpty else { return answers }
        for (place, answer) in zip(wanted, try exchange(wanted.map { (questions[$0], tells: true) })) {
            answers[place] = answer
        }
        return answers
    }

    private func exchange(_ questions: [(ReferenceModel.Question, tells: Bool)]) throws -> [Wire.Answer] {
        var body = ByteBuffer()
        body.writeInteger(UInt16(questions.count))
        for (question, tells) in questions { body.write(question, tells: tells) }
        var out = Outbox()
        try engine.answer(body.readableBytesUInt8Span, request: 1, into: &out)
        guard engine.commit() else { throw Refusal(description: "the audit records could not be written") }
        var bytes = out.frames.withUnsafeBytes { ByteBuffer(bytes: $0) }
        guard var frame = try bytes.readFrame(), let answers = frame.body.readAnswers() else {
            throw Refusal(description: "no answers came")
        }
        return answers
    }

    func check(_ question: ReferenceModel.Question) -> ReferenceModel.Answer {
        let decision = engine.explain(principal: question.principal.bytes, path: question.path.bytes).decision
        return ReferenceModel.Answer(
            verdict: decision.verdict.word, reason: decision.reason.word,
            dataSource: decision.dataSource.map { engine.snapshot.dataSources[$0].definition.name })
    }

    func explain(_ principal: Text, _ dataSource: Text) -> Snapshot.SourceExplanation? {
        engine.explain(principal: principal.description, dataSource: dataSource.description)
    }

    /// - Returns: `nil` for a path that is none, or that nothing covers.
    func readers(of path: Text) throws -> [(user: Text, verdict: String, reason: String)]? {
        let readers = Readers(snapshot: engine.snapshot, catalogue: engine.catalogue, now: engine.now)
        guard let found = try? readers.find(WhoCanReadRequest(path: path.description, limit: 1_000)) else { return nil }
        guard !found.dataSources.isEmpty else { return nil }
        return found.readers.map { (Text($0.user), $0.decision, $0.reason) }
    }
}

/// The clocks of a service, set by hand.
final class SettableClock: Sendable {
    private let clock: Mutex<RandomWorlds.Clock>

    init(_ clock: RandomWorlds.Clock) {
        self.clock = Mutex(clock)
    }

    func set(_ clock: RandomWorlds.Clock) {
        self.clock.withLock { $0 = clock }
    }

    var serviceClock: ServiceClock {
        ServiceClock { [self] in
            let clock = clock.withLock { $0 }
            return Moment(
                monotonic: UInt64(clock.monotonic) * 1_000_000, wall: Policy.Instant(milliseconds: clock.wall))
        }
    }
}
