import Decision
import Grants
import Policy
import Testing
import Wire

@testable import Server

@Suite struct GrantStandingTests {
    private func standing(_ snapshot: Snapshot, checkedAt version: UInt64 = 0, until: UInt64 = 0) throws
        -> GrantStanding
    {
        let bench = try GrantBench()
        let grant = bench.grant()
        bench.engine.install(snapshot)
        return bench.engine.standing(of: grant, checkedAt: version, until: until)
    }

    @Test func holdsWhileThePoliciesSayTheSame() throws {
        #expect(try standing(GrantBench.snapshot(version: 6)) == .holds(until: .max))
    }

    @Test func whatHasNotChangedIsNotLookedAtAgain() throws {
        let nobody = GrantBench.snapshot(version: 9, changedAt: 6, subscribers: [])
        #expect(try standing(nobody, checkedAt: 6, until: .max) == .holds(until: .max))
        #expect(try standing(nobody, checkedAt: 5, until: .max) != .holds(until: .max))
        #expect(try standing(nobody, checkedAt: 6, until: 1) != .holds(until: 1), "its time to be looked at has come")
    }

    @Test(arguments: [
        (GrantBench.snapshot(version: 6, subscribers: []), "not-subscribed"),
        (GrantBench.snapshot(version: 6, isEnabled: false), "disabled-user"),
        (GrantBench.snapshot(version: 6, kind: .files), "no table `orders`"),
        (GrantBench.snapshot(version: 6, id: 2), "no table `orders`"),
        (GrantBench.snapshot(version: 6, ignored: ["ann"]), "not the user `ann` any more"),
        (GrantBench.snapshot(version: 6, user: 2), "not the user `ann` any more"),
    ])
    func failsWhenOneOfThemDoesNot(_ snapshot: Snapshot, _ because: String) throws {
        guard case .fails(let words) = try standing(snapshot) else {
            Issue.record("it holds")
            return
        }
        #expect(words.contains(because))
    }

    @Test func readUnderAGrantIsAllowedAndAnyOtherIsNot() throws {
        let bench = try GrantBench()
        #expect(try bench.read().reason == .rawTableRead)
        try bench.book.add(bench.grant(), .holds(until: .max), at: 5)
        bench.engine.install(bench.book.live)
        let answer = try bench.read()
        #expect(answer.verdict == .allow)
        #expect(answer.reason == .grant)
        #expect(answer.dataSource == "orders")
        #expect(try bench.read(handles: []).reason == .rawTableRead)
        #expect(try bench.read(handles: [GrantHandle([UInt8](repeating: 2, count: 32).span)]).reason == .rawTableRead)
    }

    /// Each data source of a directory decides for itself, and the read is one under the grant all the same.
    @Test(arguments: zip([["ann"], []] as [Set<String>], [Verdict.allow, .deny]))
    func grantOfATableDoesNotOpenTheFilesBesideIt(_ subscribers: Set<String>, _ verdict: Verdict) throws {
        let bench = try GrantBench()
        try bench.book.add(bench.grant(), .holds(until: .max), at: 5)
        bench.engine.install(bench.book.live)
        let files = DataSource(
            name: "files", kind: .files, directories: ["/w/orders"],
            subscription: .individuals(users: subscribers, groups: []))
        bench.engine.install(GrantBench.snapshot(version: 6, besides: [(9, 6, files)]))
        #expect(try bench.read().verdict == verdict)
        bench.engine.install(GrantBench.snapshot(version: 7, besides: [(9, 6, files)], catalogue: .required))
        #expect(try bench.read().verdict == (verdict == .allow ? .native : .deny), "no crawl has seen the file")
    }

    /// Rules 1 to 7 come first.
    @Test func disabledUserReadsNothingUnderAGrant() throws {
        let bench = try GrantBench()
        try bench.book.add(bench.grant(), .holds(until: .max), at: 5)
        bench.engine.install(bench.book.live)
        bench.engine.install(GrantBench.snapshot(version: 6, changedAt: 6, isEnabled: false))
        #expect(try bench.read().reason == .disabledUser)
    }
}
