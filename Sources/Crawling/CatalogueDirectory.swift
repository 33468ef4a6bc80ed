import Foundation

/// Where the files of the catalogue lie: a directory for each data source, in it a file for each crawl.
struct CatalogueDirectory: Sendable {
    let path: String

    /// - Throws: ``CrawlFailure`` if there is no such directory and none can be made.
    init(_ path: String) throws(CrawlFailure) {
        self.path = path
        try Self.make(path)
    }

    var log: String { "\(path)/crawls.sqlite" }

    func file(_ dataSource: UInt32, crawl: Int64) -> String {
        "\(path)/\(dataSource)/crawl-\(crawl).sqlite"
    }

    /// What Hadoop's client wrote during the last run of the crawler.
    func crawlerLog(_ dataSource: UInt32) -> String {
        "\(path)/\(dataSource)/crawler.log"
    }

    func prepare(_ dataSource: UInt32) throws(CrawlFailure) {
        try Self.make("\(path)/\(dataSource)")
    }

    /// Removes what belongs to crawls that are over and not in force.
    ///
    /// - Parameter kept: the crawls of each data source whose files stay.
    func clean(keeping kept: [UInt32: Set<Int64>]) {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for entry in entries {
            guard let dataSource = UInt32(entry) else { continue }
            guard let crawls = kept[dataSource] else {
                try? FileManager.default.removeItem(atPath: "\(path)/\(entry)")
                continue
            }
            let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(entry)")) ?? []
            for file in files where file.hasPrefix("crawl-") {
                guard let crawl = Int64(file.dropFirst(6).prefix { $0.isNumber }), !crawls.contains(crawl)
                else { continue }
                unlink("\(path)/\(entry)/\(file)")
            }
        }
    }

    func size(_ dataSource: UInt32, crawl: Int64) -> Int64 {
        var status = stat()
        return stat(file(dataSource, crawl: crawl), &status) == 0 ? Int64(status.st_size) : 0
    }

    private static func make(_ path: String) throws(CrawlFailure) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw CrawlFailure(.storage, "cannot make the directory `\(path)`: \(String(cString: strerror(errno)))")
    }
}
