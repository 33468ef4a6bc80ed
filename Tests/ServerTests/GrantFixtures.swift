import Audit
import Decision
import Grants
import NIOCore
import Policy
import Storage
import Synchronization
import Testing
import Wire

@testable import Server

/// Both clocks, set by hand.
private final class HandClock: Sendable {
    private let current = Mutex(Moment(monotonic: 1_000_000_000, wall: Instant(milliseconds: 1_000_000)))

    var moment: Moment {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

/// An engine on policies with tables, clocks that are set by hand, and a store of grants: what the service has when it
/// starts.
final class GrantBench {
    let directory = TemporaryDirectory()
    let engine: DecisionEngine
    private let clock = HandClock()
    var book = GrantBook()

    static let handle = GrantHandle([UInt8](repeating: 1, count: 32).span)
    static let orders = Grant.Source(id: 1, name: "orders", directories: ["/w/orders"])

    init(version: UInt64 = 5) throws {
        let journal = try Journal(directory: directory.path, syncing: Syncing()) { (path) throws(FileError) in
            try SystemSegmentFile(path: path)
        }
        engine = DecisionEngine(
            snapshot: Self.snapshot(version: version), cache: DecisionCache(capacity: 64, timeToLive: .max),
            identity: Bench.identity, journal: journal, auditFailureMode: .deny, reporters: [:],
            clock: ServiceClock { [clock] in clock.moment })
    }

    /// - Parameter changedAt: the version at which user and table were changed last.
    static func snapshot(
        version: UInt64, changedAt: UInt64 = 1, subscribers: Set<String> = ["ann"], id: UInt32 = 1,
        kind: DataSource.Kind = .table, isEnabled: Bool = true, ignored: [String] = [], user: UInt32 = 1,
        besides others: [(id: UInt32, changedAt: UInt64, DataSource)] = [], catalogue: Settings.Catalogue = .none
    ) -> Snapshot {
        Snapshot(
            version: version, settings: Settings(catalogue: catalogue),
            users: [(user, changedAt, User(name: "ann", principal: "ann@EXAMPLE.COM", enabled: isEnabled))],
            dataSources: [
                (
                    id, changedAt,
                    DataSource(
                        name: "orders", kind: kind, directories: ["/w/orders"],
                        subscription: .individuals(users: subscribers, groups: []))
                )
            ] + others,
            ignoredUsers: ignored, identity: Bench.identity)
    }

    var now: Grant.Mark { Grant.Mark(clock.moment) }

    func set(monotonic seconds: UInt64, wall milliseconds: Int64) {
        clock.moment = Moment(monotonic: seconds * 1_000_000_000, wall: Instant(milliseconds: milliseconds))
    }

    func grant(version: UInt64 = 5, lifetime: Int64 = 120_000, delay: Int64 = 0) -> Grant {
        Grant(
            userID: 1, user: "ann", principal: "ann@EXAMPLE.COM", nameservice: "ns1",
            job: Grant.Job(application: "app-1"), handles: [Self.handle], sources: [Self.orders], askedBy: 1_000,
            now: now, delay: delay, lifetime: lifetime, mostRenewals: 10, policyVersion: version)
    }

    func store(boot: String = "one") throws -> GrantStore {
        try GrantStore(path: "\(directory.path)/grants.sqlite", boot: boot)
    }

    /// What a start of the service finds: the states of what goes on and of what has ended, with the reasons of the
    /// latter.
    func resume(
        boot: String = "one", withoutKerberos: GrantOptions.WithoutKerberos = .deny
    ) throws -> (live: [Grant], ended: [Grant]) {
        book = GrantBook()
        let resumption = GrantResumption(store: try store(boot: boot), boot: boot, withoutKerberos: withoutKerberos)
        let resumed = try resumption.run(into: &book, by: engine)
        engine.install(book.live)
        return resumed
    }

    /// The answer to a read by ann of a file of the table, with the handle.
    func read(handles: [GrantHandle] = [GrantBench.handle]) throws -> Answer {
        var frame = ByteBuffer()
        let question = Question(.read, principal: "ann@EXAMPLE.COM", path: "/w/orders/f", handles: handles)
        frame.writeAsk([question], request: 1)
        var out = Outbox()
        let body = try frame.readFrame()!.body
        try engine.answer(body.readableBytesUInt8Span, request: 1, into: &out)
        #expect(engine.commit())
        var bytes = out.frames.withUnsafeBytes { ByteBuffer(bytes: $0) }
        var answers = try bytes.readFrame()!
        return try #require(answers.body.readAnswers()?.first)
    }
}
