import Decision
import Grants
import Storage
import Testing

@testable import Server

@Suite struct GrantResumptionTests {
    @Test func goesOnWithinOneStartOfTheMachineWhateverTheWallClockDid() throws {
        let bench = try GrantBench()
        let grant = bench.grant()
        try bench.store().insert(grant)
        for wall in [0, 1_000_000, 999_999_999] as [Int64] {
            bench.set(monotonic: 100, wall: wall)
            let resumed = try bench.resume()
            #expect(resumed.live == [grant])
            #expect(resumed.ended.isEmpty)
            #expect(try bench.read().reason == .grant)
        }
        bench.set(monotonic: 121, wall: 1_000_000)
        #expect(try bench.read().reason == .rawTableRead)
        #expect(try bench.resume().ended.map(\.state) == [.expired])
        #expect(try bench.resume() == (live: [], ended: []))
    }

    @Test func wallClockCountsAfterAnotherStartOfTheMachine() throws {
        let bench = try GrantBench()
        try bench.store().insert(bench.grant())
        bench.set(monotonic: 7, wall: 1_000_000 + 20_000)
        let resumed = try bench.resume(boot: "two")
        #expect(resumed.live.map(\.expiresAt) == [Grant.Mark(monotonic: 107_000_000_000, wall: 1_120_000)])
        #expect(try bench.read().reason == .grant)
        bench.set(monotonic: 106, wall: 0)
        #expect(try bench.read().reason == .grant)
        bench.set(monotonic: 107, wall: 0)
        #expect(try bench.read().reason == .rawTableRead)
        // What was moved to the clock of this start is so on the disk.
        bench.set(monotonic: 106, wall: 0)
        #expect(try bench.resume(boot: "two").live.count == 1)
    }

    @Test func whatIsOverByTheWallClockDoesNotComeBack() throws {
        let bench = try GrantBench()
        try bench.store().insert(bench.grant())
        bench.set(monotonic: 1, wall: 1_000_000 + 120_000)
        #expect(try bench.resume(boot: "two").ended.map(\.state) == [.expired])
        bench.set(monotonic: 1, wall: 1_000_000)
        #expect(try bench.resume(boot: "two") == (live: [], ended: []))
    }

    @Test func wallClockThatWentBackAcrossAStartOfTheMachineEndsIt() throws {
        let bench = try GrantBench()
        try bench.store().insert(bench.grant())
        bench.set(monotonic: 1, wall: 999_999)
        let ended = try bench.resume(boot: "two").ended
        #expect(ended.map(\.endedBecause) == ["the wall clock went back while the machine was restarted"])
    }

    @Test func renewedGrantIsNotProlongedByAWallClockThatWentBack() throws {
        let bench = try GrantBench()
        let store = try bench.store()
        var grant = bench.grant()
        try store.insert(grant)
        grant.expiresAt = bench.now.advanced(byMilliseconds: 60_000 + 120_000)
        try store.update([grant])
        // Before the renewal, and after the issue.
        bench.set(monotonic: 1, wall: 1_000_000 + 59_999)
        #expect(try bench.resume(boot: "two").ended.map(\.state) == [.revoked])
    }

    @Test func grantThatHasNotBegunBeginsWhenItShould() throws {
        let bench = try GrantBench()
        try bench.store().insert(bench.grant(delay: 50_000))
        bench.set(monotonic: 1, wall: 1_000_000 + 20_000)
        let live = try bench.resume(boot: "two").live
        #expect(live.map(\.notBefore.monotonic) == [31_000_000_000])
        #expect(try bench.read().reason == .rawTableRead)
        bench.set(monotonic: 31, wall: 0)
        #expect(try bench.read().reason == .grant)
    }

    @Test func policiesOfNowDecide() throws {
        let bench = try GrantBench()
        try bench.store().insert(bench.grant())
        bench.engine.install(GrantBench.snapshot(version: 6, changedAt: 6, subscribers: []))
        let ended = try bench.resume().ended
        #expect(ended.count == 1)
        #expect(ended.first?.endedBecause?.contains("not-subscribed") == true)
        bench.engine.install(GrantBench.snapshot(version: 7, changedAt: 7))
        #expect(try bench.resume() == (live: [], ended: []))
    }

    /// Between two versions that nobody looked at it, one may have ended it.
    @Test func moreThanOneVersionUnseenEndsIt() throws {
        let bench = try GrantBench()
        try bench.store().insert(bench.grant())
        bench.engine.install(GrantBench.snapshot(version: 6))
        #expect(try bench.resume().live.count == 1, "the one that is in force is looked at")
        bench.engine.install(GrantBench.snapshot(version: 7))
        #expect(try bench.resume().live.count == 1, "and that is on the disk")
        bench.engine.install(GrantBench.snapshot(version: 9))
        #expect(try bench.resume().ended.map(\.endedBecause) == ["the policies changed unseen"])
    }

    @Test func withoutATokenItGoesOnOnlyWhereThatIsAllowed() throws {
        let bench = try GrantBench()
        var grant = bench.grant()
        grant.handles = []
        try bench.store().insert(grant)
        #expect(try bench.resume(withoutKerberos: .bindToApplication).live == [grant])
        #expect(try bench.resume().ended.map(\.state) == [.revoked])
    }

    @Test func policiesPutBackFromABackupEndIt() throws {
        let bench = try GrantBench()
        try bench.store().insert(bench.grant())
        bench.engine.install(GrantBench.snapshot(version: 4))
        #expect(try bench.resume().ended.count == 1)
    }
}
