import Decision
import Foundation
import Testing

@testable import Audit

@Suite("Audit queries")
struct AuditQueryTests {
    private let folder: TemporaryFolder
    private let index: AuditIndex

    /// Records of several people, paths and decisions; number n was made at n seconds.
    init() throws {
        folder = try TemporaryFolder()
        let journal = try Journal(directory: folder.path, syncing: Syncing())
        let made: [(principal: String, path: String, Verdict?, Reason?)] = [
            ("alice@R", "/data/a", .allow, .subscribed), ("bob@R", "/data/a/b", .deny, .notSubscribed),
            ("alice@R", "/data/ab", .deny, .notSubscribed), ("hdfs/nn1@R", "/data", .native, .ignoredUser),
            ("root", "", nil, nil), ("alice@R", "/dätä/ä", .allow, .subscribed),
            ("alice@R", "/data/a_/x%", .deny, .rawTableRead),
        ]
        for (number, (principal, path, verdict, reason)) in made.enumerated() {
            var audit = record(0, path: path, time: UInt64(number + 1) * 1_000)
            audit.head = AuditHead(
                kind: verdict == nil ? .policyChange : .decision, verdict: verdict, reason: reason, policyVersion: 1)
            audit.principal = principal
            audit.shortName = String(principal.prefix { $0 != "/" && $0 != "@" })
            audit.user = audit.shortName.capitalized
            audit.dataSource = path.hasPrefix("/data/a") ? "a" : ""
            journal.stage(audit)
        }
        try journal.commit()
        index = try AuditIndex(directory: folder.path)
        try index.catchUp()
    }

    @Test func queryWithoutAFilterFindsEverythingOldestFirst() throws {
        #expect(try found { _ in } == Array(1...7))
    }

    @Test(arguments: [("Alice", [1, 3, 6, 7]), ("alice", []), ("Al", [])])
    func userIsTheWholeName(user: String, expected: [UInt64]) throws {
        #expect(try found { $0.user = user } == expected)
    }

    @Test(arguments: [
        ("alice@R", [1, 3, 6, 7]), ("alice", [1, 3, 6, 7]), ("hdfs/nn1@R", [4]), ("hdfs", [4]), ("R", []),
    ])
    func principalIsAPrincipalOrAShortName(principal: String, expected: [UInt64]) throws {
        #expect(try found { $0.principal = principal } == expected)
    }

    @Test(arguments: [
        ("/data/a", [1, 2]), ("/data/a/b", [2]), ("/data", [1, 2, 3, 4, 7]), ("/", [1, 2, 3, 4, 6, 7]), ("/dat", []),
        ("/dätä", [6]), ("/dätä/ä", [6]), ("/data/a_", [7]), ("/data/_", []), ("/data/%", []), ("/DATA", []),
    ])
    func pathIsItselfAndEverythingBelowByWholeComponents(path: String, expected: [UInt64]) throws {
        #expect(try found { $0.path = path } == expected)
    }

    @Test(arguments: [("a", [1, 2, 3, 7]), ("A", []), ("b", [])])
    func dataSourceIsTheWholeName(dataSource: String, expected: [UInt64]) throws {
        #expect(try found { $0.dataSource = dataSource } == expected)
    }

    @Test(arguments: [("allow", [1, 6]), ("deny", [2, 3, 7]), ("native", [4]), ("none", []), ("", [])])
    func decisionIsAWordOfTheDecisions(decision: String, expected: [UInt64]) throws {
        #expect(try found { $0.decision = decision } == expected)
    }

    @Test(arguments: [("not-subscribed", [2, 3]), ("raw-table-read", [7]), ("policy", []), ("none", [])])
    func reasonIsAWordOfTheReasons(reason: String, expected: [UInt64]) throws {
        #expect(try found { $0.reason = reason } == expected)
    }

    @Test(
        arguments: [
            (3_000, nil, [3, 4, 5, 6, 7]), (3_001, nil, [4, 5, 6, 7]), (nil, 3_000, [1, 2]), (nil, 3_001, [1, 2, 3]),
            (2_000, 4_000, [2, 3]), (.max, nil, []), (nil, .max, Array(1...7)), (4_000, 4_000, []),
        ] as [(UInt64?, UInt64?, [UInt64])])
    func timeIsFromAndBefore(since: UInt64?, until: UInt64?, expected: [UInt64]) throws {
        let found = try found {
            $0.since = since
            $0.until = until
        }
        #expect(found == expected)
    }

    @Test(arguments: [(0, Array(1...7)), (5, [6, 7]), (7, []), (.max, [])] as [(UInt64, [UInt64])])
    func afterIsTheNumberOfARecord(after: UInt64, expected: [UInt64]) throws {
        #expect(try found { $0.after = after } == expected)
    }

    @Test(arguments: [(3, [5, 6, 7]), (1, [7]), (0, []), (-1, []), (7, Array(1...7)), (.max, Array(1...7))])
    func limitGivesTheNewest(limit: Int, expected: [UInt64]) throws {
        #expect(try found { $0.limit = limit } == expected)
    }

    @Test func everythingThatIsSetHasToFit() throws {
        let found = try found {
            $0.user = "Alice"
            $0.path = "/data"
            $0.decision = "deny"
            $0.since = 1_000
            $0.limit = 1
        }
        #expect(found == [7])
    }

    @Test(arguments: ["'", "' OR 1=1 --", "\"", ";", "?"])
    func textIsNeverPartOfTheStatement(text: String) throws {
        #expect(try found { $0.user = text }.isEmpty)
        #expect(try found { $0.path = text }.isEmpty)
    }

    @Test func queryIsTheSameAfterItsWayAsJSON() throws {
        var query = AuditQuery(limit: 5)
        (query.path, query.decision, query.since) = ("/a", "deny", 7)
        #expect(try JSONDecoder().decode(AuditQuery.self, from: JSONEncoder().encode(query)) == query)
    }

    private func found(_ set: (inout AuditQuery) -> Void) throws -> [UInt64] {
        var query = AuditQuery()
        set(&query)
        return try index.records(query).map(\.sequence)
    }
}
