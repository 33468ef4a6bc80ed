import Administration
import ArgumentParser
import Crawling

struct CrawlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crawl", abstract: "Look at crawls, or cancel one.",
        discussion: "`authorizer recrawl` begins one.",
        subcommands: [List.self, Show.self, Cancel.self, History.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the crawls that wait or run.")

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let crawls = try service.withService { try $0.perform(.crawl(.list), giving: [Crawl].self) }
                if service.json { return try Output.json(crawls) }
                for crawl in crawls { Output.line(CrawlText.line(of: crawl)) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one crawl: how far it is, or how it ended and what it changed.")

        @Argument(help: "The number of the crawl.")
        var id: Int64

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let crawl = try service.withService { try $0.perform(.crawl(.show(id)), giving: Crawl.self) }
                if service.json { return try Output.json(crawl) }
                CrawlText.details(of: crawl).forEach(Output.line)
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a crawl that waits or runs. The catalogue stays as it is.")

        @Argument(help: "The number of the crawl.")
        var id: Int64

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let crawl = try service.withService { try $0.perform(.crawl(.cancel(id)), giving: Crawl.self) }
                if service.json { return try Output.json(crawl) }
                Output.line("crawl \(crawl.id) of \(crawl.dataSource) ends, without changing the catalogue")
            }
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show crawls, the latest first.")

        @Argument(help: "The name of a data source.")
        var name: String?

        @Option(help: "Most crawls shown.")
        var limit = 20

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let crawls = try service.withService {
                    try $0.perform(.crawl(.history(dataSource: name, limit: limit)), giving: [Crawl].self)
                }
                if service.json { return try Output.json(crawls) }
                for crawl in crawls { Output.line(CrawlText.line(of: crawl)) }
            }
        }
    }
}
