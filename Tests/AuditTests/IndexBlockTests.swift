import Decision
import Foundation
import RandomNumbers
import Testing

@testable import Audit

@Suite("Blocks of the index")
struct IndexBlockTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Each query finds what looking at every record finds, whether the records are in closed blocks or not, and whether
    /// their segments are compressed or not.
    @Test(arguments: [false, true]) func queriesFindWhatLookingAtEveryRecordFinds(isCompressed: Bool) throws {
        var random = RandomNumbers(for: "index blocks")
        let journal = try Journal(directory: folder.path, bytesPerSegment: 150_000, syncing: Syncing())
        for _ in 0..<6_000 {
            journal.stage(Self.randomRecord(&random))
            if random.below(10) == 0 { try journal.commit() }
        }
        try journal.commit()
        let index = try AuditIndex(directory: folder.path)
        try index.catchUp()
        let all = try folder.records
        #expect(try folder.segments.count > 3)
        while isCompressed, try SegmentCompression(hours: 0).compressOne(in: folder.path, synced: .max, now: .max) {}
        for _ in 0..<300 {
            var query = Self.randomQuery(&random, last: UInt64(all.count))
            let expected = Self.expected(query, of: all)
            #expect(try index.records(query) == expected, "seed \(random.seed): \(query)")
            query.limit = .max
            let counted = try index.report(query).rows
            let reads = Self.expected(query, of: all).filter { $0.head.verdict != nil }
            #expect(counted.reduce(0) { $0 + $1.allowed + $1.denied + $1.native } == UInt64(reads.count))
            #expect(counted.map(\.first).min() == reads.map(\.time).min())
            #expect(counted.map(\.last).max() == reads.map(\.time).max())
            let denied = counted.flatMap(\.denials.values).reduce(0, +)
            #expect(denied == UInt64(reads.count { $0.head.verdict == .deny }))
        }
    }

    /// What a query does not reach because it has enough is not an error, and what it does reach is.
    @Test(arguments: [false, true]) func damageBehindWhatIsAskedForIsNoError(takesOldest: Bool) throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: Syncing())
        for number in 1...20 { try journal.commit("/\(number)") }
        let index = try AuditIndex(directory: folder.path)
        try index.catchUp()
        let segment = Segment.path(in: folder.path, first: 10)
        var bytes = try folder.bytes(of: segment)
        bytes[bytes.count - 1] ^= 1
        try folder.write(bytes, to: segment)
        for _ in 0..<50 {
            var query = AuditQuery(limit: takesOldest ? 9 : 10)
            query.takesOldest = takesOldest
            #expect(try index.records(query).map(\.sequence) == (takesOldest ? Array(1...9) : Array(11...20)))
            query.limit += 1
            let error = try #require(throws: JournalError.self) { try index.records(query) }
            #expect(error.description.contains(segment))
        }
    }

    @Test func blockIsClosedWhenItIsFullAndTheNextOneBegun() throws {
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        let count = IndexBlock.mostPieces * IndexBlock.recordsPerPiece
        for number in 0..<count + 300 {
            var audit = record(0, path: "/data", time: UInt64(number))
            audit.user = number % 7_777 == 0 ? "rare" : "frequent"
            journal.stage(audit)
            if number % 1_000 == 0 { try journal.commit() }
        }
        try journal.commit()
        for _ in 0..<2 {
            let index = try AuditIndex(directory: folder.path)
            #expect(index.last == 0 || index.last == UInt64(count))
            try index.catchUp()
            #expect(index.last == UInt64(count + 300))
            var query = AuditQuery()
            query.user = "rare"
            let rare = stride(from: 0, to: UInt64(count + 300), by: 7_777).map(\.self)
            #expect(try index.records(query).map(\.time) == rare)
            query.user = "frequent"
            query.since = UInt64(count - 2)
            query.until = UInt64(count + 2)
            #expect(try index.records(query).map(\.time) == (count - 2..<count + 2).map { UInt64($0) })
        }
    }

    @Test func indexOfAnEarlierReleaseIsMadeAnew() throws {
        try Journal(directory: folder.path, syncing: Syncing()).commit("/1")
        let made = Process()
        made.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        made.arguments = [
            "python3", "-c",
            "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE record (sequence INTEGER)')",
            "\(folder.path)/index.sqlite",
        ]
        try made.run()
        made.waitUntilExit()
        let index = try AuditIndex(directory: folder.path)
        try index.catchUp()
        #expect(try index.records(AuditQuery()).map(\.path) == ["/1"])
    }

    @Test func recordsOfASegmentThatIsGoneAreGoneFromQueries() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: Syncing())
        for path in ["/1", "/2", "/3"] { try journal.commit(path) }
        let index = try AuditIndex(directory: folder.path)
        try index.catchUp()
        try FileManager.default.removeItem(atPath: Segment.path(in: folder.path, first: 2))
        #expect(try index.records(AuditQuery()).map(\.path) == ["/1", "/3"])
    }

    @Test func damageThatAQueryMeetsIsAnError() throws {
        let journal = try Journal(directory: folder.path, bytesPerSegment: 1, syncing: Syncing())
        for path in ["/1", "/2"] { try journal.commit(path) }
        let index = try AuditIndex(directory: folder.path)
        try index.catchUp()
        let segment = Segment.path(in: folder.path, first: 1)
        var bytes = try folder.bytes(of: segment)
        bytes[bytes.count - 1] ^= 1
        try folder.write(bytes, to: segment)
        let error = try #require(throws: JournalError.self) { try index.records(AuditQuery()) }
        #expect(error.description.contains("`\(segment)` is damaged at byte 72"))
    }

    private static func randomRecord(_ random: inout RandomNumbers) -> AuditRecord {
        var audit = record(0, path: randomPath(&random), time: UInt64(random.below(100_000)))
        audit.user = ["", "alice", "bob", "carol\(random.below(500))"][random.below(4)]
        audit.principal = audit.user.isEmpty ? "" : "\(audit.user)@R"
        audit.shortName = audit.user
        audit.dataSource = ["", "a", "s\(random.below(300))"][random.below(3)]
        audit.grant = random.below(50) == 0 ? "g\(random.below(20))" : ""
        audit.job = ""
        audit.head.verdict = [nil, .allow, .deny, .native][random.below(4)]
        audit.head.reason = [nil, .subscribed, .notSubscribed, .grant][random.below(4)]
        return audit
    }

    /// Components of all lengths, and of characters that take several bytes, so that none ends where words end.
    private static func randomPath(_ random: inout RandomNumbers) -> String {
        (0..<random.below(11)).map { _ in
            "/" + String(repeating: ["a", "ä", "b"][random.below(3)], count: 1 + random.below(10))
        }.joined()
    }

    private static func randomQuery(_ random: inout RandomNumbers, last: UInt64) -> AuditQuery {
        var query = AuditQuery(limit: [1, 10, 100_000][random.below(3)])
        let some = randomRecord(&random)
        if random.below(2) == 0 {
            let components = some.path.split(separator: "/").prefix(1 + random.below(4))
            query.path = components.isEmpty ? "/" : components.map { "/" + $0 }.joined()
        }
        if random.below(3) == 0 { query.user = some.user }
        if random.below(3) == 0 { query.principal = some.principal }
        if random.below(4) == 0 { query.dataSource = some.dataSource }
        if random.below(6) == 0 { query.grant = some.grant }
        if random.below(4) == 0 { query.decision = some.head.verdict?.word }
        if random.below(4) == 0 { query.reason = some.head.reason?.word }
        if random.below(3) == 0 { query.since = some.time }
        if random.below(3) == 0 { query.until = some.time + 20_000 }
        if random.below(3) == 0 { query.after = UInt64(random.below(Int(last) + 10)) }
        query.takesOldest = random.below(2) == 0
        return query
    }

    private static func expected(_ query: AuditQuery, of all: [AuditRecord]) -> [AuditRecord] {
        func fits(_ asked: String?, _ found: String) -> Bool { asked.map { !$0.isEmpty && $0 == found } ?? true }
        let fitting = all.filter { record in
            fits(query.user, record.user) && fits(query.dataSource, record.dataSource)
                && fits(query.grant, record.grant)
                && (fits(query.principal, record.principal) || fits(query.principal, record.shortName))
                && (query.path.map { record.path == $0 || record.path.hasPrefix($0 == "/" ? "/" : "\($0)/") } ?? true)
                && (query.decision.map { $0 == record.head.verdict?.word } ?? true)
                && (query.reason.map { $0 == record.head.reason?.word } ?? true)
                && record.time >= query.since ?? 0 && record.time < query.until ?? .max
                && record.sequence > query.after ?? 0
        }
        return Array(query.takesOldest ? fitting.prefix(query.limit) : fitting.suffix(query.limit))
    }
}
