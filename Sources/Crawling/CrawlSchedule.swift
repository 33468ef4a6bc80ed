/// When data sources are crawled again. Times are milliseconds since 1970.
package struct CrawlSchedule: Sendable {
    /// Milliseconds between the crawls of a data source that has no interval of its own.
    package var interval: Int64
    /// Milliseconds, by the name of the data source.
    package var intervals: [String: Int64]
    /// How long a failed crawl waits before it is tried again; doubled each time.
    static let firstRetry: Int64 = 60_000
    /// The part of the interval by which a crawl comes earlier or later, so that not all come together.
    static let jitter = 0.1

    package init(interval: Int64, intervals: [String: Int64] = [:]) {
        self.interval = interval
        self.intervals = intervals
    }

    func interval(of dataSource: String) -> Int64 { intervals[dataSource] ?? interval }

    /// When the crawl after one that ended now is due.
    func next(
        after now: Int64, dataSource: String, failures: Int, using random: inout some RandomNumberGenerator
    ) -> Int64 {
        let interval = interval(of: dataSource)
        let wait = failures == 0 ? interval : min(interval, Self.firstRetry << min(failures - 1, 20))
        let spread = Double(wait) * Self.jitter
        return now + wait + Int64(Double.random(in: -spread...spread, using: &random))
    }
}
