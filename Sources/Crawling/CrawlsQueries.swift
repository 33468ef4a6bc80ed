import Foundation

/// What administrators ask of crawls.
extension Crawls {
    /// Why a request was not carried out.
    package struct Refusal: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Asks for crawls at once.
    ///
    /// - Parameters:
    ///   - names: of data sources; `nil` for all that can be crawled.
    ///   - path: a directory of the one data source that is named; `nil` for all of it.
    ///   - joinsRunning: whether a crawl that has begun is as good; else a new one queues behind it.
    ///   - actor: who asks.
    /// - Returns: the crawls that do it.
    /// - Throws: ``Refusal``.
    package func recrawl(
        _ names: [String]?, path: String?, joinsRunning: Bool, by actor: String
    ) throws -> [Crawl] {
        let named = try names.map { try $0.map(source) } ?? sources.values.filter { obstacle($0) == nil }
        guard !named.isEmpty else { throw Refusal(description: "there is no data source that can be crawled") }
        for source in named {
            if let obstacle = obstacle(source) {
                throw Refusal(description: "data source `\(source.name)` cannot be crawled: \(obstacle)")
            }
        }
        var scope = CrawlScope.whole
        if let path {
            guard named.count == 1 else { throw Refusal(description: "`--path` goes with one data source") }
            guard named[0].directories.contains(where: { CrawlScope.isSame(path, asOrBelow: $0) }) else {
                throw Refusal(
                    description:
                        "`\(path)` is not in data source `\(named[0].name)`: \(named[0].directories.joined(separator: ", "))"
                )
            }
            if !named[0].directories.contains(path) { scope = .subtree(path) }
            if named[0].directories.contains(path), named[0].directories.count > 1 { scope = .subtree(path) }
        }
        let crawls = try named.sorted { $0.name < $1.name }.map { source in
            try add(source, scope, .command, by: actor, joinsRunning: joinsRunning)
        }
        wake()
        return crawls
    }

    /// - Returns: the crawl as it was when this was asked.
    /// - Throws: ``Refusal`` if it is over, or there is none.
    package func cancel(_ id: Int64) throws -> Crawl {
        let crawl = try show(id)
        guard cancelCrawl(id) else {
            throw Refusal(description: "crawl \(id) of `\(crawl.dataSource)` is over: \(crawl.state.rawValue)")
        }
        return crawl
    }

    /// One crawl, over or not.
    package func show(_ id: Int64) throws -> Crawl {
        if let crawl = self[id] { return crawl }
        guard let crawl = try log.crawl(id) else { throw Refusal(description: "there is no crawl \(id)") }
        return crawl
    }

    /// Crawls that wait or run, in the order in which they were asked for.
    package func open() -> [Crawl] {
        (Array(queued.keys) + Array(running.keys)).sorted().compactMap { self[$0] }
    }

    /// The latest crawls first.
    package func history(of name: String?, limit: Int) throws -> [Crawl] {
        try log.history(dataSource: try name.map { try source($0).id }, limit: limit).map { self[$0.id] ?? $0 }
    }

    /// Every data source, by name.
    package func dataSources() -> [CrawledDataSource] {
        sources.values.sorted { $0.name < $1.name }.map { source in
            let state = states[source.id]
            return CrawledDataSource(
                id: source.id, name: source.name, directories: source.directories, principal: source.principal,
                crawlInForce: state?.inForce, crawledAt: state?.crawledAt, files: state?.files ?? 0,
                readable: state?.readable ?? 0, memory: files[source.id]?.byteCount ?? 0,
                disk: state?.inForce.map { directory.size(source.id, crawl: $0) } ?? 0, nextDue: state?.nextDue,
                unhealthy: state?.unhealthy, unhealthySince: state?.unhealthySince)
        }
    }

    private func source(_ name: String) throws -> CrawlSource {
        guard let source = sources.values.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            throw Refusal(description: "there is no data source `\(name)`; `authorizer datasource list` shows them")
        }
        return source
    }
}
