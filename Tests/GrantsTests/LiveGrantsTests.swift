import Testing

@testable import Grants

@Suite struct LiveGrantsTests {
    private func book(_ grants: Grant...) throws -> GrantBook {
        var book = GrantBook()
        for grant in grants { try book.add(grant, .holds(until: .max), at: 1) }
        return book
    }

    @Test func everyPartOfItHasToFit() throws {
        let live = try book(.sample(handles: [handle(1), handle(2)])).live
        #expect(live.fit() == 1)
        #expect(live.fit(handles: [handle(9), handle(2)]) == 1)
        #expect(live.fit("/w/orders") == 1)
        #expect(live.fit(user: 2) == nil)
        #expect(live.fit(handles: [handle(9)]) == nil)
        #expect(live.fit(handles: []) == nil)
        #expect(live.fit(dataSource: 8) == nil)
        #expect(live.fit("/w/ordersX/f") == nil)
        #expect(live.fit("/w/order") == nil)
        #expect(live.fit("/") == nil)
    }

    @Test func timeIsFromTheBeginningToBeforeTheExpiry() throws {
        let live = try book(.sample(delay: 10, lifetime: 100)).live
        for (time, fits) in [(0, false), (9, false), (10, true), (109, true), (110, false), (1_000, false)]
            as [(UInt64, Bool)]
        { #expect((live.fit(at: time) != nil) == fits, "\(time)") }
    }

    @Test func policiesMayEndItEarlier() throws {
        var book = GrantBook()
        try book.add(.sample(lifetime: 100), .holds(until: 50_000_000), at: 1)
        #expect(book.live.fit(at: 49) == 1)
        #expect(book.live.fit(at: 50) == nil)
    }

    @Test func rootCoversEverything() throws {
        let source = Grant.Source(id: 7, name: "all", directories: ["/"])
        let live = try book(.sample(sources: [source])).live
        #expect(live.fit("/") == 1)
        #expect(live.fit("/a/b") == 1)
    }

    @Test func contextNarrowsToTheApplication() throws {
        let live = try book(.sample(), .sample(application: "app-2")).live
        #expect(live.fit(context: "SPARK_TASK_app-1_JId_0") == 1)
        #expect(live.fit(context: "SPARK_TASK_app-2_JId_0") == 2)
        #expect(live.fit(context: "SPARK_TASK_app-3_JId_0") == nil)
        #expect(live.fit(context: "CLI") == 1)
        #expect(live.fit(handles: [], context: "SPARK_TASK_app-1_JId_0") == nil)
    }

    @Test func withoutHandleTheContextHasToNameTheApplication() throws {
        let live = try book(.sample(handles: [])).live
        #expect(live.fit(handles: [], context: "SPARK_TASK_app-1_JId_0") == 1)
        #expect(live.fit(handles: [handle(9)], context: "SPARK_TASK_app-1_JId_0") == 1)
        for context in ["", "CLI", "SPARK_TASK_app-2"] { #expect(live.fit(handles: [], context: context) == nil) }
        #expect(live.fit(user: 2, handles: [], context: "SPARK_TASK_app-1_JId_0") == nil)
    }

    @Test func severalGrantsOfOneJobStandSideBySide() throws {
        let people = Grant.Source(id: 8, name: "people", directories: ["/w/people"])
        let first = Grant.sample()
        var book = try book(first, .sample(sources: [people]))
        #expect(book.live.fit() == 1)
        #expect(book.live.fit("/w/people/f", dataSource: 8) == 2)
        _ = book.end(first.id, .released, because: "", at: 0)
        #expect(book.live.fit() == nil)
        #expect(book.live.fit("/w/people/f", dataSource: 8) == 2)
        #expect(book.live.count == 1)
    }

    @Test func lastEndIsToldToItsUserByItsHandle() throws {
        let grant = Grant.sample()
        var book = try book(grant)
        _ = book.end(grant.id, .revoked, because: "too much", at: 0)
        let evidence = handle(1).bytes
        let claim = GrantClaim(handles: evidence.indices, callerContext: 0..<0)
        let ended = book.live.ended(for: claim, in: evidence.span, user: 1, dataSource: 7)
        #expect(ended?.words == "grant `\(grant.id)` of the job `app-1` has ended: too much")
        #expect(book.live.ended(for: claim, in: evidence.span, user: 2, dataSource: 7) == nil)
        #expect(book.live.ended(for: claim, in: evidence.span, user: 1, dataSource: 8) == nil)
    }

    @Test func endsAreForgottenWhenThereAreMore() throws {
        var limits = GrantBook.Limits()
        limits.ended = 2
        var book = GrantBook(limits: limits)
        for number in 1...3 as ClosedRange<UInt8> {
            let grant = Grant.sample(handles: [handle(number)])
            try book.add(grant, .holds(until: .max), at: 1)
            _ = book.end(grant.id, .expired, because: "", at: 0)
        }
        let known = (1...3 as ClosedRange<UInt8>).map { number in
            let evidence = handle(number).bytes
            let claim = GrantClaim(handles: evidence.indices, callerContext: 0..<0)
            return book.live.ended(for: claim, in: evidence.span, user: 1, dataSource: 7) != nil
        }
        #expect(known == [false, true, true])
    }
}
