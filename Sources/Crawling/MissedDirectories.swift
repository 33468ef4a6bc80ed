/// Directories in which somebody opened a file that the catalogue does not have: collected for a moment, so that a
/// burst is one crawl, and each crawled only so often.
///
/// Times are milliseconds since 1970.
struct MissedDirectories {
    /// How long misses are collected before a crawl.
    static let collecting: Int64 = 2_000
    /// How long after a crawl for misses the next one of the same data source waits.
    static let interval: Int64 = 20_000
    /// How long a directory that was just crawled is not crawled again: what is missing there is not to be seen.
    static let rest: Int64 = 60_000
    /// Most directories of one crawl.
    static let most = 200

    private struct Source {
        var pending: Set<[UInt8]> = []
        var nextCrawl: Int64 = 0
        var crawled: [[UInt8]: Int64] = [:]
    }

    private var sources: [UInt32: Source] = [:]

    mutating func add(_ directory: [UInt8], of dataSource: UInt32, now: Int64) {
        var source = sources[dataSource] ?? Source()
        if source.crawled.count > Self.most * 10 { source.crawled = source.crawled.filter { $0.value > now } }
        guard source.pending.count < Self.most, source.crawled[directory] ?? 0 <= now else { return }
        if source.pending.isEmpty { source.nextCrawl = max(source.nextCrawl, now + Self.collecting) }
        source.pending.insert(directory)
        sources[dataSource] = source
    }

    /// Takes the directories of a data source that are to be crawled now.
    mutating func take(now: Int64) -> [(dataSource: UInt32, directories: [[UInt8]])] {
        var taken: [(UInt32, [[UInt8]])] = []
        for (id, source) in sources where !source.pending.isEmpty && source.nextCrawl <= now {
            taken.append((id, source.pending.sorted { $0.lexicographicallyPrecedes($1) }))
            sources[id]!.pending = []
            sources[id]!.nextCrawl = now + Self.interval
            for directory in source.pending { sources[id]!.crawled[directory] = now + Self.rest }
        }
        return taken
    }

    /// When there is something to take; `nil` if nothing is pending.
    var nextTime: Int64? {
        sources.values.filter { !$0.pending.isEmpty }.map(\.nextCrawl).min()
    }

    mutating func remove(_ dataSource: UInt32) {
        sources[dataSource] = nil
    }
}
