import Testing

@testable import Decision

@Suite("Decision cache")
struct DecisionCacheTests {
    @Test func entryIsReusedUntilTheTimeToLiveIsOver() {
        let counting = CountingCache(timeToLive: 600)
        #expect(!counting.ask(now: 1_000).wasCached)
        #expect(counting.ask(now: 1_000).wasCached)
        let last = counting.ask(now: 1_599)
        #expect(last.wasCached)
        #expect(last.entry.madeAt == 1_000)
        #expect(!counting.ask(now: 1_600).wasCached)
        #expect(counting.evaluations == 2)
        #expect(
            counting.cache.statistics
                == DecisionCache.Statistics(hits: 2, evaluations: 2, expired: 1, outdated: 0, evicted: 0))
    }

    @Test func lookUpDoesNotProlongAnEntry() {
        let counting = CountingCache(timeToLive: 10)
        for now in UInt64(0)..<10 { _ = counting.ask(now: now) }
        #expect(!counting.ask(now: 10).wasCached)
    }

    @Test func timeToLiveOfZeroKeepsNothing() {
        let counting = CountingCache(timeToLive: 0)
        for _ in 0..<3 { #expect(!counting.ask(now: 5).wasCached) }
        #expect(counting.evaluations == 3)
        #expect(counting.valid(now: 5).isEmpty)
    }

    @Test(arguments: [UInt64.max - 601, UInt64.max - 1, UInt64.max])
    func endOfTimeIsATimeLikeAnyOther(start: UInt64) {
        let counting = CountingCache(timeToLive: 600)
        _ = counting.ask(now: start)
        #expect(counting.ask(now: start).wasCached)
        #expect(counting.ask(now: .max).wasCached == (UInt64.max - start < 600))
    }

    @Test func foreverIsATimeToLive() {
        let counting = CountingCache(timeToLive: .max)
        _ = counting.ask(now: 0)
        #expect(counting.ask(now: .max - 1).wasCached)
    }

    @Test func changeAfterAnEntryWasMadeOutdatesIt() {
        let counting = CountingCache(timeToLive: 600)
        _ = counting.ask(changedAt: 3, version: 5, now: 0)
        #expect(counting.ask(changedAt: 3, version: 6, now: 1).wasCached)
        #expect(counting.ask(changedAt: 5, version: 7, now: 1).wasCached)
        let changed = counting.ask(changedAt: 7, version: 7, now: 1)
        #expect(!changed.wasCached)
        #expect(changed.entry.version == 7)
        #expect(counting.cache.statistics.outdated == 1)
    }

    @Test func eachUserAndDataSourceHasAnEntryOfItsOwn() {
        let counting = CountingCache(timeToLive: 600)
        for (user, dataSource) in [(1, 2), (2, 1), (1, 1), (2, 2)] as [(UInt32, UInt32)] {
            #expect(!counting.ask(user: user, dataSource: dataSource, now: 0).wasCached)
        }
        #expect(counting.valid(now: 0).count == 4)
    }

    @Test func manyQuestionsOfOneKeyCostOneEvaluation() {
        let counting = CountingCache(timeToLive: 600)
        for now in UInt64(0)..<500 { _ = counting.ask(now: now) }
        #expect(counting.evaluations == 1)
        #expect(counting.cache.statistics.hits == 499)
    }

    @Test(arguments: [(-1, 8), (0, 8), (1, 8), (8, 8), (9, 16), (1_000, 1_024)])
    func capacityIsAPowerOfTwo(asked: Int, capacity: Int) {
        #expect(DecisionCache(capacity: asked, timeToLive: 1).capacity == capacity)
    }

    @Test func cacheNeverHoldsMoreThanItsCapacity() {
        let counting = CountingCache(capacity: 64, timeToLive: 600)
        for user in UInt32(0)..<1_000 { _ = counting.ask(user: user, now: 0) }
        let held = counting.valid(now: 0).count
        #expect(held <= 64)
        #expect(held + Int(counting.cache.statistics.evicted) == 1_000)
    }

    @Test func fullSetGivesUpTheEntryThatWouldExpireFirst() {
        let counting = CountingCache(capacity: 8, timeToLive: 600)
        let users: [UInt32] = [3, 7, 1, 5, 0, 6, 2, 4]
        for (age, user) in users.enumerated() { _ = counting.ask(user: user, now: UInt64(age)) }
        _ = counting.ask(user: 8, now: 8)
        #expect(Set(counting.valid(now: 8).map(\.user)) == [7, 1, 5, 0, 6, 2, 4, 8])
        _ = counting.ask(user: 9, now: 9)
        #expect(Set(counting.valid(now: 9).map(\.user)) == [1, 5, 0, 6, 2, 4, 8, 9])
        #expect(counting.cache.statistics.evicted == 2)
    }

    @Test func expiredEntryIsReplacedWithoutCountingAsEvicted() {
        let counting = CountingCache(capacity: 8, timeToLive: 10)
        for user in UInt32(0)..<8 { _ = counting.ask(user: user, now: 0) }
        _ = counting.ask(user: 8, now: 10)
        #expect(counting.cache.statistics.evicted == 0)
        #expect(counting.valid(now: 10).map(\.user) == [8])
    }

    @Test func flushForgetsEverything() {
        let counting = CountingCache(timeToLive: 600)
        _ = counting.ask(now: 0)
        counting.cache.removeAll()
        #expect(counting.valid(now: 0).isEmpty)
        #expect(!counting.ask(now: 0).wasCached)
    }

    @Test func whatWasEvaluatedIsWhatIsHeld() {
        let counting = CountingCache(timeToLive: 600)
        for access in [Access(.subscribed, fileRules: 5), Access(.notSubscribed), Access(.purpose, lifetime: 7)] {
            counting.access = access
            counting.cache.removeAll()
            #expect(counting.ask(now: 0).entry.access == access)
            #expect(counting.ask(now: 0).entry.access == access)
        }
    }

    @Test func entryIsNotUsedLongerThanItSaysItself() {
        let counting = CountingCache(timeToLive: 600_000_000_000)
        counting.access = Access(.subscribed, lifetime: 2)
        _ = counting.ask(now: 0)
        #expect(counting.ask(now: 1_999_999_999).wasCached)
        #expect(!counting.ask(now: 2_000_000_000).wasCached)
        #expect(counting.cache.statistics.expired == 1)
        counting.access = Access(.subscribed, lifetime: 0)
        counting.cache.removeAll()
        _ = counting.ask(now: 5)
        #expect(!counting.ask(now: 5).wasCached)
    }

    @Test func anEntryTakesThirtyTwoBytes() {
        #expect(MemoryLayout<DecisionCache.Entry?>.stride == 32)
    }
}

/// A cache and the number of evaluations that it asked for.
private final class CountingCache {
    /// The entries that are not older than the time to live.
    func valid(now: UInt64) -> [DecisionCache.Entry] {
        cache.contents.compactMap { $0 }.filter { now - $0.madeAt < cache.timeToLive }
    }

    var cache: DecisionCache
    var access = Access(.subscribed)
    private(set) var evaluations = 0

    init(capacity: Int = 64, timeToLive: UInt64) {
        cache = DecisionCache(capacity: capacity, timeToLive: timeToLive)
    }

    func ask(
        user: UInt32 = 1, dataSource: UInt32 = 1, changedAt: UInt64 = 1, version: UInt64 = 1, now: UInt64
    ) -> (entry: DecisionCache.Entry, wasCached: Bool) {
        cache.entry(user: user, dataSource: dataSource, changedAt: changedAt, version: version, now: now) {
            evaluations += 1
            return access
        }
    }
}
