import Policy
import Testing

@testable import Decision

/// `/sales` with a table inside, a directory of two owners, and `/hr` beside it.
private func office(unmapped: Settings.Unmapped = .native) -> Desk {
    Desk(
        policies(
            settings: Settings(unmapped: unmapped, catalogue: .none),
            users: [
                User(name: "alice"), User(name: "owner"), User(name: "gone", enabled: false),
                User(name: "twin1", principal: "twin/1"), User(name: "twin2", principal: "twin/2"),
            ],
            sources: [
                source("sales", "/sales", owner: "owner@R"),
                source("table", "/sales/table", kind: .table, owner: "owner@R"),
                source("hr", "/hr", owner: "gone@R"), source("hr2", "/hr/deep", owner: "owner@R"),
                source("shared1", "/shared", owner: "owner@R"), source("shared2", "/shared"),
                source("twins", "/twins", owner: "twin"), source("robots", "/robots", owner: "robot@R"),
            ],
            ignored: ["hdfs"]))
}

@Suite("The rules of a move")
struct MoveRulesTests {
    @Test(arguments: [
        // Out of the cover, into another one, out of a deeper one into the one around it, and the cover itself.
        ("/sales/f", "/tmp/f"), ("/sales/f", "/hr/f"), ("/sales/table/f", "/sales/f"), ("/sales/f", "/sales/table/f"),
        ("/sales", "/sales2"), ("/sales/table", "/sales/other"), ("/sales/f", "/salesx"), ("/sales/f", "/"),
        // Only part of two data sources.
        ("/shared/f", "/sales/f"), ("/sales/f", "/shared/f"),
        // As other names say it.
        ("//sales//f", "/tmp/f"), ("/.reserved/raw/sales/f", "/tmp/f"), ("/sales/f", "/sales/.snapshot/../../tmp"),
    ])
    func nobodyElseMovesDataOutOfItsCover(path: String, destination: String) {
        let decision = office().move(path, to: destination, as: "alice@R")
        #expect(decision.verdict == .deny)
        #expect(decision.reason == (destination.contains("..") ? .badPath : .leavesCover))
    }

    @Test(arguments: [("/", "/x"), ("/hr", "/hr/x")])
    func whatHoldsSomethingCoveredIsNotMovedEither(path: String, destination: String) {
        #expect(office().move(path, to: destination, as: "alice@R").outcome == Outcome(.deny, .leavesCover))
    }

    @Test func directoryIsNotMovedToWhereADeeperDataSourceWouldCoverWhatItHolds() {
        #expect(office().move("/hr/x", to: "/hr", as: "alice@R").outcome == Outcome(.deny, .leavesCover))
        let open = Desk(
            policies(
                users: [User(name: "alice")],
                sources: [source("closed", "/d", for: only()), source("open", "/d/new/sub")]))
        #expect(open.move("/d/old", to: "/d/new", as: "alice@R").outcome == Outcome(.deny, .leavesCover))
    }

    @Test(arguments: [
        ("/sales/f", "/sales/g"), ("/sales/f", "/sales/d/e/f"), ("/sales/table/f", "/sales/table/g"),
        ("/shared/f", "/shared/g"), ("/sales//f", "/sales/g/"),
    ])
    func moveWithinTheCoverIsNative(path: String, destination: String) {
        for principal in ["alice@R", "gone@R", "twin@R"] {
            #expect(office().move(path, to: destination, as: principal).verdict == .native)
        }
    }

    @Test(arguments: [("/tmp/a", "/tmp/b"), ("/tmp/a", "/sales/a"), ("/salesx", "/tmp"), ("/tmp/a", "/hr")])
    func moveOfWhatNothingCoversIsNative(path: String, destination: String) {
        for principal in ["alice@R", "nobody@R", "gone@R", ""] {
            let decision = office(unmapped: .deny).move(path, to: destination, as: principal)
            #expect(decision.outcome == Outcome(.native, .notProtected))
        }
    }

    @Test(arguments: [
        ("", "/x"), ("/x", ""), ("a", "/b"), ("/sales/f", "/a/../b"), ("/a/..", "/b"), ("/a", "/.reserved/x"),
    ])
    func pathThatCannotBeMadeCanonicalIsRefused(path: String, destination: String) {
        #expect(office().move(path, to: destination, as: "hdfs@R").outcome == Outcome(.deny, .badPath))
    }

    /// Rules 3, 4 and 7 exempt; rules 5 and 6, which come before 7, do not.
    @Test(
        arguments: [
            ("/sales/f", "hdfs@R", .native, .ignoredUser), ("/sales", "hdfs", .native, .ignoredUser),
            ("/sales/f", "nobody@R", .native, .unmappedUser),
            ("/sales/f", "owner@R", .native, .dataOwner), ("/sales", "owner@R", .native, .dataOwner),
            ("/hr/f", "owner@R", .deny, .leavesCover), ("/hr/deep/f", "owner@R", .native, .dataOwner),
            ("/hr", "owner@R", .deny, .leavesCover), ("/shared/f", "owner@R", .deny, .leavesCover),
            ("/", "owner@R", .deny, .leavesCover),
            ("/sales/f", "twin@R", .deny, .leavesCover), ("/twins/f", "twin", .deny, .leavesCover),
            ("/sales/f", "gone@R", .deny, .leavesCover), ("/hr/f", "gone@R", .deny, .leavesCover),
            ("/robots/f", "robot@R", .native, .unmappedUser), ("/sales/f", "", .deny, .badPrincipal),
        ] as [(String, String, Verdict, Reason)])
    func exemptionsAreThoseOfTheRead(path: String, principal: String, verdict: Verdict, reason: Reason) {
        #expect(office().move(path, to: "/out", as: principal).outcome == Outcome(verdict, reason))
    }

    @Test(arguments: ["nobody@R", "robot@R"])
    func unmappedUserIsNotExemptWhereUnmappedIsDenied(principal: String) {
        let desk = office(unmapped: .deny)
        #expect(desk.move("/robots/f", to: "/out", as: principal).outcome == Outcome(.deny, .leavesCover))
        #expect(desk.move("/robots/f", to: "/robots/g", as: principal).verdict == .native)
    }

    @Test func denialNamesTheDataSourceThatWouldLoseData() {
        let desk = office()
        #expect(desk.dataSource(of: desk.move("/sales/table/f", to: "/x", as: "alice@R")) == "table")
        #expect(desk.dataSource(of: desk.move("/hr", to: "/x", as: "alice@R")) == "hr")
    }
}
