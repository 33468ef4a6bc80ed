import Administration
import ArgumentParser
import Crawling

struct DataSourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datasource", abstract: "Look at data sources and what is known of their files.",
        subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every data source: its catalogue, when it is crawled, and what keeps it from being.")

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let sources = try service.withService {
                    try $0.perform(.crawl(.dataSources), giving: [CrawledDataSource].self)
                }
                if service.json { return try Output.json(sources) }
                for source in sources {
                    Output.line("\(source.name)  \(source.directories.joined(separator: " "))  \(state(source))")
                }
            }
        }

        private func state(_ source: CrawledDataSource) -> String {
            var parts: [String] = []
            if let time = source.crawledAt {
                parts.append("\(source.files) files, \(source.readable) readable, crawled \(CrawlText.time(time))")
            } else {
                parts.append("not crawled")
            }
            if let due = source.nextDue { parts.append("next \(CrawlText.time(due))") }
            if let words = source.unhealthy {
                let since = source.unhealthySince.map { " since \(CrawlText.time($0))" } ?? ""
                parts.append("UNHEALTHY\(since): \(CrawlText.printable(words))")
            }
            return parts.joined(separator: "; ")
        }
    }
}
