import Catalogue

/// What the crawler tells, in the order in which it tells it. `docs/crawl.md` has the bytes.
enum CrawlRecord {
    /// Who crawls, as the NameNode knows them: the first record.
    case reader(CrawlReader)
    /// Owner, group and mode that later records name by a number.
    case permission(number: UInt32, FilePermission)
    /// The listing of a directory begins. What an earlier listing of it by this crawl said does not count.
    ///
    /// - Parameter adds: the records are about single files of the directory; what else is known of it stays.
    case directory(number: UInt32, path: ArraySlice<UInt8>, adds: Bool)
    case file(CrawledFile)
    /// A directory of a directory, listed later.
    case subdirectory(directory: UInt32, name: ArraySlice<UInt8>, permission: UInt32, modificationTime: Int64)
    case directoryEnd(number: UInt32)
    /// A directory that was not listed, and why not.
    case unlisted(path: ArraySlice<UInt8>, UnlistedReason, words: String)
    case progress(CrawlerProgress)
    /// Everything was crawled: the last record.
    case end(calls: UInt64)
    /// Not everything was crawled: the last record.
    case failure(CrawlFailure)
}

/// Who crawls, as the NameNode knows them.
package struct CrawlReader: Sendable, Codable, Equatable {
    package var shortName: String
    package var groups: [String]
    package var isSuperuser: Bool

    var credential: Credential {
        Credential(
            shortName: Array(shortName.utf8), groups: Set(groups.map { Array($0.utf8) }), isSuperuser: isSuperuser)
    }
}

struct FilePermission: Hashable {
    var owner: String
    var group: String
    /// Nine permission bits and the sticky bit.
    var mode: UInt32
    var hasACL: Bool
}

struct CrawledFile {
    var directory: UInt32
    var name: ArraySlice<UInt8>
    /// Bytes.
    var size: Int64
    /// Milliseconds since 1970.
    var modificationTime: Int64
    var permission: UInt32
    var isReadable: Bool
}

enum UnlistedReason: UInt8 {
    /// The credential may not list it.
    case closed = 1
    /// It is not there.
    case gone = 2
}

struct CrawlerProgress {
    var directoriesToGo: UInt32
    /// Calls to the NameNode so far.
    var calls: UInt64
    /// Thousandths of the rate that is used: less than 1,000 after the NameNode pushed back.
    var pace: UInt32
    /// What the NameNode last pushed back with, while that slows the crawl; else empty.
    var trouble: String
}

/// Why a crawl failed.
package struct CrawlFailure: Error, Sendable, Codable, Equatable, CustomStringConvertible {
    package enum Kind: UInt8, Sendable, Codable {
        /// The credential could not log in.
        case login = 1
        /// HDFS did not answer as it should, for too long.
        case hdfs = 2
        /// What was computed from owner, group, mode and ACL is not what HDFS itself says.
        case disagreement = 3
        /// The crawler itself: it cannot be started, ended without a word, or was asked for something wrong.
        case crawler = 4
        /// The catalogue could not be written.
        case storage = 5
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}
