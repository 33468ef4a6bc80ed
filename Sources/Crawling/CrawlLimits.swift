/// What a crawl may cost HDFS, and how hard it is tried.
package struct CrawlLimits: Sendable {
    /// How many directories are listed at the same time.
    package var threads = 4
    /// Calls to the NameNode in a second; 0 for no limit.
    package var callsPerSecond = 100
    /// How many files of a crawl are compared with HDFS's own answer.
    package var checks = 200
    /// How long calls that fail are tried again, in seconds.
    package var retrySeconds = 600

    package init() {}
}
