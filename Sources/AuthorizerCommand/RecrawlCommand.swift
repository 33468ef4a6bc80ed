import Administration
import ArgumentParser
import Crawling
import Foundation

struct RecrawlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recrawl",
        abstract: "Crawl data sources at once.",
        discussion: """
            What a crawl finds becomes the catalogue when the crawl is done, all at once; until then, and if it fails, \
            the catalogue stays as it is. Ending this command does not end the crawl: see `authorizer crawl cancel`.
            """)

    @Argument(help: "Names of data sources.")
    var names: [String] = []

    @Flag(help: "All data sources that can be crawled.")
    var all = false

    @Option(help: "Only this directory of the data source, with all below it.")
    var path: String?

    @Flag(help: "Be content with a crawl that has begun already, which may have passed what you changed.")
    var join = false

    @Flag(help: "Wait until it is done, and show how far it is. Status 1 if it fails.")
    var wait = false

    @OptionGroup var service: ServiceOptions

    func validate() throws {
        guard all != !names.isEmpty else { throw ValidationError("Name data sources, or give --all.") }
    }

    func run() async throws {
        try await reportingFailure {
            let request = RecrawlRequest(names: all ? nil : names, path: path, joinsRunning: join)
            let ended = try service.withService { client in
                let crawls = try client.perform(.crawl(.recrawl(request)), giving: [Crawl].self)
                guard wait else {
                    try show(crawls)
                    return crawls
                }
                return try waitFor(crawls, client)
            }
            guard ended.allSatisfy({ $0.state != .failed && $0.state != .cancelled }) else {
                throw Failure(.failed, "not everything was crawled; the catalogue of what was not is as it was")
            }
        }
    }

    private func show(_ crawls: [Crawl]) throws {
        if service.json { return try Output.json(crawls) }
        for crawl in crawls {
            Output.line(
                "crawl \(crawl.id) of \(crawl.dataSource): \(crawl.state.rawValue); `authorizer crawl show \(crawl.id)`"
            )
        }
    }

    /// - Returns: the crawls as they ended.
    private func waitFor(_ crawls: [Crawl], _ client: ServiceClient) throws -> [Crawl] {
        let progress = CrawlProgressDisplay(isQuiet: service.json)
        var ended: [Crawl] = []
        for begun in crawls {
            while true {
                let crawl = try client.perform(.crawl(.show(begun.id)), giving: Crawl.self)
                guard crawl.state == .queued || crawl.state == .running else {
                    progress.end()
                    ended.append(crawl)
                    if !service.json { CrawlText.end(of: crawl).forEach(Output.line) }
                    break
                }
                progress.show(crawl)
                Thread.sleep(forTimeInterval: 0.2)
            }
        }
        if service.json { try Output.json(ended) }
        return ended
    }
}

/// Shows how far a crawl is: a bar that changes on a terminal, else a line now and then.
final class CrawlProgressDisplay {
    private static let secondsBetweenLines: TimeInterval = 5

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let isQuiet: Bool
    private var lastLine = Date.distantPast
    private var hasBar = false

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
    }

    func show(_ crawl: Crawl) {
        guard !isQuiet else { return }
        let text = CrawlText.progress(of: crawl, now: Date())
        if isTerminal {
            FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
            hasBar = true
        } else if -lastLine.timeIntervalSinceNow >= Self.secondsBetweenLines {
            lastLine = Date()
            Output.note(text)
        }
    }

    /// Makes room for other lines.
    func end() {
        if hasBar { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        hasBar = false
        lastLine = .distantPast
    }
}
