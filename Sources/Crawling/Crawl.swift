/// One crawl, from being asked for to its end.
package struct Crawl: Sendable, Codable, Equatable {
    package enum State: String, Sendable, Codable, CaseIterable {
        case queued
        case running
        /// What it found is the catalogue now.
        case done
        /// The catalogue is as it was.
        case failed
        /// The catalogue is as it was.
        case cancelled
    }

    /// Why it was asked for.
    package enum Cause: String, Sendable, Codable {
        /// The data source is new, or has another credential or other directories.
        case registered
        case schedule
        /// An administrator said so.
        case command
        /// Somebody opened a file that the catalogue does not have.
        case miss
    }

    package var id: Int64
    /// The id of the data source in the policy store, and its name then.
    package var dataSourceID: UInt32
    package var dataSource: String
    package var scope: CrawlScope
    package var cause: Cause
    /// The administrator who asked for it.
    package var requestedBy: String?
    package var state: State
    /// Milliseconds since 1970, as all times here.
    package var queuedAt: Int64
    package var startedAt: Int64?
    package var endedAt: Int64?
    /// How often the crawler was started for it.
    package var runs = 0
    /// Why it was started again, where it had ended by itself: in words, of the last time.
    package var interruption: String?
    package var files: UInt64 = 0
    /// Files that the credential can read.
    package var readable: UInt64 = 0
    /// Directories that were listed.
    package var directories: UInt64 = 0
    /// Directories that the credential may not list.
    package var closed: UInt64 = 0
    /// Calls to the NameNode.
    package var calls: UInt64 = 0
    /// What it changed, when it is done.
    package var change: CatalogueChange?
    /// Why it failed.
    package var failure: CrawlFailure?

    /// Directories that are known and not listed; while it runs.
    package var directoriesToGo: UInt64?
    /// Thousandths of the rate that is used: less than 1,000 after the NameNode pushed back; while it runs.
    package var pace: UInt64?
    /// What it waits for, in words, where the NameNode does not answer as it should; while it runs.
    package var trouble: String?
    /// How many files the last whole crawl of the data source saw.
    package var filesLastTime: UInt64?
    /// How long that took, in milliseconds.
    package var millisecondsLastTime: Int64?
}

/// Where a data source stands with its crawls.
package struct CrawledDataSource: Sendable, Codable, Equatable {
    package var id: UInt32
    package var name: String
    package var directories: [String]
    package var principal: String?
    /// The last crawl whose findings are in force; the catalogue is that of it and of crawls of parts after it.
    package var crawlInForce: Int64?
    /// When that ended, in milliseconds since 1970.
    package var crawledAt: Int64?
    package var files: UInt64 = 0
    package var readable: UInt64 = 0
    /// Bytes of memory that decisions need for it.
    package var memory: Int = 0
    /// Bytes on disk.
    package var disk: Int64 = 0
    /// When the next crawl is due, in milliseconds since 1970.
    package var nextDue: Int64?
    /// What keeps it from being crawled; absent on a healthy data source.
    package var unhealthy: String?
    package var unhealthySince: Int64?
}

/// A data source as crawls need it.
package struct CrawlSource: Sendable, Equatable {
    package var id: UInt32
    package var name: String
    package var directories: [String]
    package var principal: String?
    package var keytab: String?
    /// Directories of other data sources below its own.
    package var excluded: [String]
    /// Another data source covers one of its directories too: HDFS's answers to the credential are those of both.
    package var sharesDirectories: Bool

    package init(
        id: UInt32, name: String, directories: [String], principal: String?, keytab: String?, excluded: [String],
        sharesDirectories: Bool
    ) {
        self.id = id
        self.name = name
        self.directories = directories
        self.principal = principal
        self.keytab = keytab
        self.excluded = excluded
        self.sharesDirectories = sharesDirectories
    }
}
