import Testing

@testable import Crawling

struct MissedDirectoriesTests {
    private static let start: Int64 = 1_000_000
    private var missed = MissedDirectories()

    private func paths(_ taken: [(dataSource: UInt32, directories: [[UInt8]])]) -> [UInt32: [String]] {
        Dictionary(
            uniqueKeysWithValues: taken.map { taken in
                (taken.dataSource, taken.directories.map { String(decoding: $0, as: UTF8.self) })
            })
    }

    @Test("A burst of misses is one crawl of each directory, a moment after the first")
    mutating func burst() {
        for number in 0..<50 {
            missed.add(Array("/d/\(number % 2)".utf8), of: 1, now: Self.start + Int64(number))
        }
        missed.add(Array("/e".utf8), of: 2, now: Self.start)
        let end = Self.start + MissedDirectories.collecting
        #expect(missed.nextTime == end)
        #expect(missed.take(now: end - 1).isEmpty)
        #expect(paths(missed.take(now: end)) == [1: ["/d/0", "/d/1"], 2: ["/e"]])
        #expect(missed.nextTime == nil)
    }

    @Test("The next crawl of the same data source waits, that of another does not")
    mutating func interval() {
        missed.add(Array("/d/0".utf8), of: 1, now: Self.start)
        let first = Self.start + MissedDirectories.collecting
        #expect(paths(missed.take(now: first)) == [1: ["/d/0"]])
        missed.add(Array("/d/1".utf8), of: 1, now: first)
        missed.add(Array("/e".utf8), of: 2, now: first)
        #expect(paths(missed.take(now: first + MissedDirectories.collecting)) == [2: ["/e"]])
        #expect(missed.nextTime == first + MissedDirectories.interval)
        #expect(paths(missed.take(now: first + MissedDirectories.interval)) == [1: ["/d/1"]])
    }

    @Test("A directory that was just crawled rests")
    mutating func rest() {
        missed.add(Array("/d".utf8), of: 1, now: Self.start)
        let crawled = Self.start + MissedDirectories.collecting
        _ = missed.take(now: crawled)
        missed.add(Array("/d".utf8), of: 1, now: crawled + MissedDirectories.rest - 1)
        #expect(missed.nextTime == nil)
        missed.add(Array("/d".utf8), of: 1, now: crawled + MissedDirectories.rest)
        #expect(missed.nextTime != nil)
    }

    @Test("No more directories are taken at once than may be")
    mutating func most() {
        for number in 0..<2 * MissedDirectories.most { missed.add(Array("/d/\(number)".utf8), of: 1, now: Self.start) }
        let taken = missed.take(now: Self.start + MissedDirectories.collecting)
        #expect(taken.map(\.directories.count) == [MissedDirectories.most])
    }
}
