import Administration
import Catalogue
import Crawling
import Decision
import Foundation
import Logging
import NIOCore
import Synchronization
import Wording

/// Where the service and its crawls meet: policies go in, catalogues come out, commands are answered.
///
/// Crawls live on threads of their own; the event loop never waits for them.
final class CrawlDesk: Sendable {
    private let crawls: Crawls
    private let events: EventRelay
    private let steps: AsyncStream<Step>.Continuation

    /// What crawls are told one after the other.
    private enum Step {
        case policies(Snapshot)
        case reached(CheckedContinuation<Void, Never>)
    }

    /// Opens the catalogue.
    ///
    /// - Throws: what keeps it from being opened.
    init(_ options: Crawls.Options, logger: Logger) throws {
        let events = EventRelay()
        self.events = events
        let crawls = try Crawls(options, logger: logger) { events.tell($0) }
        self.crawls = crawls
        let (stream, steps) = AsyncStream.makeStream(of: Step.self)
        self.steps = steps
        Task {
            for await step in stream {
                switch step {
                case .policies(let snapshot): await crawls.update(Self.sources(of: snapshot))
                case .reached(let continuation): continuation.resume()
                }
            }
        }
    }

    /// Loads the catalogue and begins to crawl what is due.
    ///
    /// - Returns: what decisions go by from the start; every event after that goes to the receiver of ``tell(_:)``.
    func start(_ snapshot: Snapshot) async throws -> CatalogueView {
        try await crawls.start(Self.sources(of: snapshot))
    }

    /// - Parameter receiver: called for every event since the start, on any thread.
    func tell(_ receiver: @escaping @Sendable (Crawls.Event) -> Void) {
        events.receive(receiver)
    }

    /// Goes by other policies, soon; what is asked after this is answered by them.
    func update(_ snapshot: Snapshot) {
        steps.yield(.policies(snapshot))
    }

    /// Returns when crawls go by the policies of the last ``update(_:)``.
    private func catchUp() async {
        await withCheckedContinuation { continuation in
            if case .terminated = steps.yield(.reached(continuation)) { continuation.resume() }
        }
    }

    /// Somebody read a file that no crawl saw.
    func missed(_ path: [UInt8], of dataSource: UInt32) {
        Task { await crawls.missed(path, of: dataSource) }
    }

    /// Ends what runs; it goes on with the next start of the service.
    func stop() async {
        steps.finish()
        await crawls.stop()
    }

    // MARK: Commands

    func status(on loop: any EventLoop) -> EventLoopFuture<CrawlsStatus> {
        loop.makeFutureWithTask { [self] in
            await catchUp()
            return CrawlsStatus(await crawls.dataSources(), open: await crawls.open())
        }
    }

    /// The JSON of a command's outcome.
    ///
    /// - Parameter peer: who asks.
    func perform(_ command: CrawlCommand, by peer: Peer, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        switch command {
        case .recrawl(let request):
            result(on: loop) { crawls in
                try await crawls.recrawl(
                    request.names, path: try Self.canonical(request.path), joinsRunning: request.joinsRunning,
                    by: peer.name)
            }
        case .list: result(on: loop) { await $0.open() }
        case .show(let id): result(on: loop) { try await $0.show(id) }
        case .cancel(let id): result(on: loop) { try await $0.cancel(id) }
        case .history(let name, let limit): result(on: loop) { try await $0.history(of: name, limit: limit) }
        case .dataSources: result(on: loop) { await $0.dataSources() }
        }
    }

    private static func canonical(_ path: String?) throws -> String? {
        guard let path else { return nil }
        guard let canonical = CanonicalPath.canonical(Array(path.utf8).span) else {
            throw CommandRefusal(
                .invalid, "\(quoted(path)) is no path in HDFS: begin it with `/`, without `.` and `..`")
        }
        return String(decoding: canonical, as: UTF8.self)
    }

    private func result<Value: Codable & Sendable>(
        on loop: any EventLoop, _ work: @escaping @Sendable (Crawls) async throws -> Value
    ) -> EventLoopFuture<[UInt8]> {
        loop.makeFutureWithTask { [self] in
            await catchUp()
            do {
                return CommandOutcome.done(try await work(crawls)).json
            } catch let refusal as Crawls.Refusal {
                return CommandOutcome<Value>.refused(CommandRefusal(.invalid, refusal.description)).json
            } catch {
                return CommandOutcome<Value>.refused(CommandRefusal(error)).json
            }
        }
    }

    // MARK: Data sources

    /// The data sources of policies as crawls need them.
    static func sources(of snapshot: Snapshot) -> [CrawlSource] {
        let cover = snapshot.cover
        let groups = Dictionary(grouping: cover.entries, by: \.path).mapValues { cover.groups[Int($0[0].group)] }
        return snapshot.allDataSources.sorted().map { index in
            let source = snapshot.dataSources[index]
            let own = source.definition.directories.map { Array($0.utf8) }
            let below = own.flatMap { directory in
                cover.entries(below: directory).filter { !cover.groups[Int($0.group)].contains(index) }
            }
            return CrawlSource(
                id: source.id, name: source.definition.name, directories: source.definition.directories,
                principal: source.definition.credential?.principal, keytab: source.definition.credential?.keytab,
                excluded: below.map { String(decoding: $0.path, as: UTF8.self) },
                sharesDirectories: own.contains { (groups[$0]?.count ?? 0) > 1 })
        }
    }
}

/// Keeps events until somebody wants them.
private final class EventRelay: Sendable {
    private enum State {
        case keeping([Crawls.Event])
        case telling(@Sendable (Crawls.Event) -> Void)
    }

    private let state = Mutex(State.keeping([]))

    func tell(_ event: Crawls.Event) {
        let receiver: (@Sendable (Crawls.Event) -> Void)? = state.withLock { state in
            switch state {
            case .telling(let receiver): return receiver
            case .keeping(let kept):
                state = .keeping(kept + [event])
                return nil
            }
        }
        receiver?(event)
    }

    func receive(_ receiver: @escaping @Sendable (Crawls.Event) -> Void) {
        state.withLock { state in
            if case .keeping(let kept) = state {
                for event in kept { receiver(event) }
            }
            state = .telling(receiver)
        }
    }
}
