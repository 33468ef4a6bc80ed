import RandomNumbers
import Testing

@testable import Crawling

@Suite struct CrawlQueueTests {
    @Test func oneCrawlOfADataSourceRunsAtATime() {
        var queue = CrawlQueue(mostRunning: 4)
        queue.add(entry(1, source: 1))
        queue.add(entry(2, source: 1, .subtree("/a")))
        queue.add(entry(3, source: 2))
        #expect(queue.next(now: 0)?.id == 1)
        #expect(queue.next(now: 0)?.id == 3)
        #expect(queue.next(now: 0) == nil)
        queue.ended(1)
        #expect(queue.next(now: 0)?.id == 2)
    }

    @Test func noMoreRunThanMay() {
        var queue = CrawlQueue(mostRunning: 1)
        queue.add(entry(1, source: 1))
        queue.add(entry(2, source: 2))
        #expect(queue.next(now: 0)?.id == 1)
        #expect(queue.next(now: 0) == nil)
        #expect(queue.nextStart() == nil)
    }

    @Test func secondRequestJoinsOneThatDoesItAllOrQueuesBehindIt() {
        var queue = CrawlQueue(mostRunning: 1)
        queue.add(entry(1, source: 1))
        #expect(queue.admission(dataSource: 1, scope: .subtree("/a"), joinsRunning: false) == .joined(1))
        #expect(queue.admission(dataSource: 2, scope: .whole, joinsRunning: false) == .new)
        _ = queue.next(now: 0)
        #expect(queue.admission(dataSource: 1, scope: .whole, joinsRunning: true) == .joined(1))
        #expect(queue.admission(dataSource: 1, scope: .whole, joinsRunning: false) == .new)
    }

    @Test func crawlOfAPartStandsForNoOther() {
        var queue = CrawlQueue(mostRunning: 1)
        queue.add(entry(1, source: 1, .subtree("/a/b")))
        #expect(queue.admission(dataSource: 1, scope: .whole, joinsRunning: true) == .new)
        #expect(queue.admission(dataSource: 1, scope: .subtree("/a/bc"), joinsRunning: true) == .new)
        #expect(queue.admission(dataSource: 1, scope: .directories(["/a/b/c"]), joinsRunning: true) == .joined(1))
    }

    @Test func crawlBeginsNotBeforeItsTimeUnlessHurried() {
        var queue = CrawlQueue(mostRunning: 1)
        queue.add(CrawlQueue.Entry(id: 1, dataSource: 1, scope: .whole, notBefore: 100))
        #expect(queue.next(now: 99) == nil)
        #expect(queue.nextStart() == 100)
        queue.hurry(1)
        #expect(queue.next(now: 99)?.id == 1)
    }

    @Test func withdrawnCrawlDoesNotBegin() {
        var queue = CrawlQueue(mostRunning: 1)
        queue.add(entry(1, source: 1))
        let first = queue.withdraw(1)
        let second = queue.withdraw(1)
        #expect(first && !second)
        #expect(queue.next(now: 0) == nil)
    }

    @Test func scheduleSpreadsCrawlsAndRetriesFailedOnesSooner() {
        var random = RandomNumbers(for: "scheduleSpreadsCrawls")
        let schedule = CrawlSchedule(interval: 86_400_000, intervals: ["hot": 3_600_000])
        for _ in 0..<100 {
            let day = schedule.next(after: 0, dataSource: "cold", failures: 0, using: &random)
            #expect((77_760_000...95_040_000).contains(day))
            let hour = schedule.next(after: 0, dataSource: "hot", failures: 0, using: &random)
            #expect((3_240_000...3_960_000).contains(hour))
            let retry = schedule.next(after: 0, dataSource: "cold", failures: 2, using: &random)
            #expect((108_000...132_000).contains(retry))
            let late = schedule.next(after: 0, dataSource: "hot", failures: 60, using: &random)
            #expect(late <= 3_960_000)
        }
    }

    private func entry(_ id: Int64, source: UInt32, _ scope: CrawlScope = .whole) -> CrawlQueue.Entry {
        CrawlQueue.Entry(id: id, dataSource: source, scope: scope, notBefore: 0)
    }
}
