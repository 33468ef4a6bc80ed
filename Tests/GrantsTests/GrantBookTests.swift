import Testing

@testable import Grants

@Suite struct GrantBookTests {
    private func refusal<Value>(_ body: () throws -> Value) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func policiesHaveTheLastWord() throws {
        var book = GrantBook()
        #expect(refusal { try book.add(.sample(), .fails(because: "not subscribed"), at: 1) } == "not subscribed")
        #expect(book.count == 0)
        #expect(book.live.fit() == nil)
    }

    @Test func idsDifferAndAreLong() {
        let ids = Set((0..<1_000).map { _ in Grant.newID() })
        #expect(ids.count == 1_000)
        #expect(ids.allSatisfy { $0.count == 32 })
    }

    @Test func renewalsPushTheExpiryAndAreCounted() throws {
        var book = GrantBook()
        let grant = Grant.sample(lifetime: 100, mostRenewals: 2)
        try book.add(grant, .holds(until: .max), at: 1)
        let first = try book.renew(grant.id, adding: [handle(2)], .holds(until: .max), at: 3, now: mark(60))
        #expect(first.renewals == 1)
        #expect(first.policyVersion == 3)
        #expect(first.handles == [handle(1), handle(2)])
        #expect(book.live.fit(handles: [handle(2)], at: 159) != nil)
        #expect(book.live.fit(at: 160) == nil)
        _ = try book.renew(grant.id, adding: [], .holds(until: .max), at: 3, now: mark(70))
        let third = refusal { try book.renew(grant.id, adding: [], .holds(until: .max), at: 3, now: mark(80)) }
        #expect(third?.contains("as often as it may be") == true)
        #expect(book.live.fit(at: 169) != nil)
        #expect(book.live.fit(at: 170) == nil)
    }

    @Test func whatIsOverIsNotRenewed() throws {
        var book = GrantBook()
        let grant = Grant.sample(lifetime: 100)
        try book.add(grant, .holds(until: .max), at: 1)
        let late = refusal { try book.renew(grant.id, adding: [], .holds(until: .max), at: 1, now: mark(100)) }
        #expect(late?.contains("not live any more") == true)
        #expect(refusal { try book.renew("other", adding: [], .holds(until: .max), at: 1, now: mark(0)) } != nil)
    }

    @Test func renewalThatIsRefusedChangesNothing() throws {
        var limits = GrantBook.Limits()
        limits.handles = 2
        var book = GrantBook(limits: limits)
        let grant = Grant.sample(lifetime: 100)
        try book.add(grant, .holds(until: .max), at: 1)
        #expect(refusal { try book.renew(grant.id, adding: [], .fails(because: "no"), at: 2, now: mark(50)) } == "no")
        let many = refusal {
            try book.renew(grant.id, adding: [handle(2), handle(3)], .holds(until: .max), at: 2, now: mark(50))
        }
        #expect(many?.contains("more than 2 handles") == true)
        #expect(book[grant.id] == grant)
        #expect(book.live.fit(at: 99) != nil)
        #expect(book.live.fit(at: 100) == nil)
    }

    @Test func grantWithoutHandleGetsNone() throws {
        var book = GrantBook()
        let grant = Grant.sample(handles: [])
        try book.add(grant, .holds(until: .max), at: 1)
        #expect(
            refusal { try book.renew(grant.id, adding: [handle(1)], .holds(until: .max), at: 1, now: mark(0)) } != nil)
    }

    @Test func renewalOfOneThatHasNotBegunDoesNotShortenIt() throws {
        var book = GrantBook()
        let grant = Grant.sample(delay: 500, lifetime: 100)
        try book.add(grant, .holds(until: .max), at: 1)
        let renewed = try book.renew(grant.id, adding: [], .holds(until: .max), at: 1, now: mark(10))
        #expect(renewed.expiresAt == grant.expiresAt)
    }

    @Test func expiryIsByTheMonotonicClock() throws {
        var book = GrantBook()
        let (short, long) = (Grant.sample(lifetime: 100), Grant.sample(lifetime: 200))
        try book.add(short, .holds(until: .max), at: 1)
        try book.add(long, .holds(until: .max), at: 1)
        // The wall clock went back an hour.
        let now = Grant.Mark(monotonic: 100_000_000, wall: -3_600_000)
        let ended = book.expire(at: now)
        #expect(ended.map(\.id) == [short.id])
        #expect(ended.map(\.state) == [.expired])
        #expect(ended.map(\.endedAt) == [-3_600_000])
        #expect(book.grants.map(\.id) == [long.id])
        #expect(book.expire(at: now).isEmpty)
    }

    @Test func whatHasEndedDoesNotEndAgain() throws {
        var book = GrantBook()
        let grant = Grant.sample()
        try book.add(grant, .holds(until: .max), at: 1)
        #expect(book.end(grant.id, .revoked, because: "x", at: 1)?.endedBecause == "x")
        #expect(book.end(grant.id, .released, because: "y", at: 1) == nil)
        #expect(book.expire(at: mark(10_000)).isEmpty)
    }

    @Test func jobWhoseGrantAnAdministratorEndedGetsNoOtherForTheSameTables() throws {
        var book = GrantBook()
        let (ended, beside) = (Grant.sample(), Grant.sample())
        for grant in [ended, beside] { try book.add(grant, .holds(until: .max), at: 1) }
        let end = book.end(ended.id, .revoked, because: "too much", at: 0)
        book.keepOut(try #require(end), until: mark(100).monotonic)
        #expect(book.count == 1, "others go on")
        #expect(refusal { try book.add(.sample(), .holds(until: .max), at: 1) }?.contains("too much") == true)
        let other = Grant.Source(id: 8, name: "people", directories: ["/w/people"])
        let both = Grant.sample(sources: [other] + ended.sources)
        #expect(refusal { try book.add(both, .holds(until: .max), at: 1) } != nil)
        // Another table, job or user is something else, and so is what was in force before a restart.
        try book.add(.sample(sources: [other]), .holds(until: .max), at: 1)
        try book.add(.sample(application: "app-2"), .holds(until: .max), at: 1)
        try book.add(.sample(user: 2), .holds(until: .max), at: 1)
        try book.add(.sample(), .holds(until: .max), at: 1, isOld: true)
        _ = book.expire(at: mark(99))
        #expect(refusal { try book.add(.sample(), .holds(until: .max), at: 1) } != nil)
        _ = book.expire(at: mark(100))
        try book.add(.sample(), .holds(until: .max), at: 1)
    }

    @Test func whatJobsAreKeptOutOfIsBounded() throws {
        var limits = GrantBook.Limits()
        limits.keptOut = 2
        var book = GrantBook(limits: limits)
        let grants = (0..<3).map { Grant.sample(application: "app-\($0)") }
        for (time, grant) in grants.enumerated() { book.keepOut(grant, until: UInt64(time + 1)) }
        let kept = grants.map { grant in refusal { try book.add(grant, .holds(until: .max), at: 1) } != nil }
        #expect(kept == [false, true, true])
    }

    @Test func limitsBoundUsersAndEverybody() throws {
        var limits = GrantBook.Limits()
        (limits.live, limits.liveOfOneUser, limits.sources) = (3, 2, 4)
        var book = GrantBook(limits: limits)
        let first = Grant.sample()
        try book.add(first, .holds(until: .max), at: 1)
        try book.add(.sample(), .holds(until: .max), at: 1)
        let ofOne = refusal { try book.add(.sample(), .holds(until: .max), at: 1) }
        #expect(ofOne?.contains("as many as one user may") == true)
        let sources = (0..<3).map { Grant.Source(id: $0, name: "s\($0)", directories: []) }
        let wide = refusal { try book.add(.sample(user: 2, sources: sources), .holds(until: .max), at: 1) }
        #expect(wide?.contains("as many grants are live") == true)
        try book.add(.sample(user: 2), .holds(until: .max), at: 1)
        #expect(refusal { try book.add(.sample(user: 3), .holds(until: .max), at: 1) } != nil)
        _ = book.end(first.id, .released, because: "", at: 0)
        try book.add(.sample(), .holds(until: .max), at: 1)
        try book.add(.sample(user: 3), .holds(until: .max), at: 1, isOld: true)
        #expect(book.count == 4)
    }

    @Test func checksLookAtWhatMayHaveChangedOnly() throws {
        var book = GrantBook()
        let (old, new) = (Grant.sample(), Grant.sample(user: 2))
        try book.add(old, .holds(until: 50_000_000), at: 1)
        try book.add(new, .holds(until: .max), at: 2)
        var seen: [(String, UInt64, UInt64)] = []
        func look(_ grant: Grant, _ version: UInt64, _ until: UInt64) -> GrantStanding {
            seen.append((grant.user, version, until))
            return .holds(until: until)
        }
        #expect(book.check(at: 2, now: mark(10), look).isEmpty)
        #expect(seen.map(\.0) == ["u1"])
        #expect(book.check(at: 2, now: mark(10), look).isEmpty)
        #expect(seen.count == 1)
        #expect(book.check(at: 2, now: mark(50), look).isEmpty)
        #expect(seen.map(\.0) == ["u1", "u1"])
    }

    @Test func checkThatFailsEndsTheGrantAndNoOther() throws {
        var book = GrantBook()
        let (one, other) = (Grant.sample(), Grant.sample(user: 2))
        try book.add(one, .holds(until: .max), at: 1)
        try book.add(other, .holds(until: .max), at: 1)
        let ended = book.check(at: 2, now: mark(5)) { grant, _, until in
            grant.user == "u1" ? .fails(because: "not subscribed") : .holds(until: until)
        }
        #expect(ended.map(\.id) == [one.id])
        #expect(ended.map(\.state) == [.revoked])
        #expect(ended.map(\.endedBecause) == ["not subscribed"])
        #expect(book.live.fit() == nil)
        #expect(book.live.fit(user: 2) == 2)
    }

    @Test func checkMaySetAnotherBound() throws {
        var book = GrantBook()
        try book.add(.sample(lifetime: 1_000), .holds(until: 50_000_000), at: 1)
        _ = book.check(at: 1, now: mark(50)) { _, _, _ in .holds(until: 80_000_000) }
        #expect(book.live.fit(at: 79) == 1)
        #expect(book.live.fit(at: 80) == nil)
    }
}
