import Crawling

/// What an administrator asks about crawls.
package enum CrawlCommand: Sendable, Codable {
    /// Answered by the crawls, ``Crawl``, that do it.
    case recrawl(RecrawlRequest)
    /// Answered by the crawls that wait or run.
    case list
    case show(Int64)
    case cancel(Int64)
    /// Answered by the latest crawls, the latest first.
    case history(dataSource: String?, limit: Int)
    /// Answered by every data source, ``CrawledDataSource``.
    case dataSources

    /// The words of the command line.
    package var words: String {
        switch self {
        case .recrawl: "recrawl"
        case .list: "crawl list"
        case .show: "crawl show"
        case .cancel: "crawl cancel"
        case .history: "crawl history"
        case .dataSources: "datasource list"
        }
    }
}

/// Which data sources to crawl at once.
package struct RecrawlRequest: Sendable, Codable {
    /// Names of data sources; `nil` for all that can be crawled.
    package var names: [String]?
    /// A directory of the one data source named; `nil` for all of it.
    package var path: String?
    /// Whether a crawl that has begun is as good as a new one.
    package var joinsRunning: Bool

    package init(names: [String]?, path: String?, joinsRunning: Bool) {
        self.names = names
        self.path = path
        self.joinsRunning = joinsRunning
    }
}

/// How crawls are, for `status`.
package struct CrawlsStatus: Sendable, Codable {
    package var running: Int
    package var queued: Int
    /// Names of data sources that cannot be crawled. Empty on a healthy system.
    package var unhealthy: [String]
    /// Files of all catalogues, and how many of them the data sources' credentials can read.
    package var files: UInt64
    package var readable: UInt64
    /// Bytes of memory that the catalogue takes.
    package var memory: Int

    package init(_ dataSources: [CrawledDataSource], open: [Crawl]) {
        running = open.count { $0.state == .running }
        queued = open.count - running
        unhealthy = dataSources.filter { $0.unhealthy != nil }.map(\.name)
        files = dataSources.reduce(0) { $0 + $1.files }
        readable = dataSources.reduce(0) { $0 + $1.readable }
        memory = dataSources.reduce(0) { $0 + $1.memory }
    }
}
