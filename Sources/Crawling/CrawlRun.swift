import Foundation
import Identity

/// One run of the crawler for one crawl, from where the last one got to.
final class CrawlRun: Sendable {
    private let process: CrawlerProcess

    init(
        _ crawl: Crawl, of source: CrawlSource, starts: [String], command: CrawlerCommand, limits: CrawlLimits,
        log: String
    ) throws(CrawlFailure) {
        if let keytab = source.keytab { try Self.check(keytab) }
        let request = CrawlRequest(
            principal: source.keytab == nil ? "" : source.principal ?? "", keytab: source.keytab ?? "",
            threads: limits.threads, callsPerSecond: limits.callsPerSecond,
            checks: source.sharesDirectories ? 0 : limits.checks, retrySeconds: limits.retrySeconds,
            descends: crawl.scope.descends, excluded: source.excluded, starts: starts)
        process = try CrawlerProcess(
            command, user: source.keytab == nil ? source.principal : nil, request: request, log: log)
    }

    private static func check(_ keytab: String) throws(CrawlFailure) {
        do throws(KeytabError) {
            try Keytab.check(keytab)
        } catch {
            throw CrawlFailure(.login, error.description)
        }
    }

    /// Ends it at once; from any thread.
    func cancel() {
        process.end()
    }

    /// Takes everything that the crawler finds.
    ///
    /// - Throws: ``CrawlFailure``, `DatabaseError`.
    func take(
        into staged: StagedCrawl, onProgress: (StagedCrawl.Counts, CrawlerProgress) throws -> Void
    ) throws {
        var decoder = CrawlRecordDecoder()
        do {
            try staged.take(
                {
                    while true {
                        if let record = try decoder.next() { return record }
                        guard process.read(into: &decoder) else { return nil }
                    }
                }, onProgress: onProgress)
        } catch {
            process.end()
            _ = process.wait()
            throw error
        }
        let end = process.wait()
        guard staged.isComplete else {
            let words = process.lastWords
            throw CrawlFailure(
                .crawler, "the crawler ended before its work: \(end)" + (words.isEmpty ? "" : ": \(words)"))
        }
    }
}
