import Administration
import ArgumentParser

struct CacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache", abstract: "Look into the decision cache, or empty it.",
        subcommands: [Show.self, Flush.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is cached, the youngest first.")

        @Option(help: "Most entries shown.")
        var limit = 100

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let contents = try service.withService { client in
                    try client.perform(.cacheShow(limit: limit), giving: CacheContents.self)
                }
                if service.json { return try Output.json(contents) }
                Output.line(
                    """
                    \(contents.count) decisions cached of at most \(contents.capacity), for \
                    \(Int(contents.timeToLiveSeconds)) s; \(contents.hits) hits, \(contents.evaluations) evaluations, \
                    \(contents.outdated) dropped by changes, \(contents.expired) expired, \(contents.evicted) evicted
                    """)
                for entry in contents.entries {
                    Output.line(
                        """
                        \(entry.user)  \(entry.dataSource)  \(entry.outcome)  \
                        version \(entry.policyVersion)  \(Int(entry.ageSeconds)) s old
                        """)
                }
            }
        }
    }

    struct Flush: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget all cached decisions. Policy changes need no flush.")

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let flushed = try service.withService { try $0.perform(.cacheFlush, giving: Bool.self) }
                if service.json { return try Output.json(flushed) }
                Output.line("the decision cache is empty")
            }
        }
    }
}
