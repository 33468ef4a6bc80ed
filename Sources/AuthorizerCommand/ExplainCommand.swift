import Administration
import ArgumentParser
import Decision

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show which policies apply to a principal at a data source, and what each of them says.",
        discussion: """
            Every policy is shown, whichever fails first, so that the answer can be sent to who was denied. Of a table, \
            also the rows and columns that Spark is to show. Nothing is recorded in the audit.
            """)

    @Argument(help: "As the NameNode has it: alice@EXAMPLE.COM, or a bare name for WebHDFS and proxy users.")
    var principal: String

    @Argument(help: "The name of a data source.")
    var dataSource: String

    @OptionGroup var service: ServiceOptions

    func run() async throws {
        try await reportingFailure {
            let request = ExplainRequest(principal: principal, dataSource: dataSource)
            let result = try service.withService { try $0.perform(.explain(request), giving: ExplainResult.self) }
            if service.json { try Output.json(result) } else { show(result) }
            if result.decision == "deny" { throw ExitCode(Failure.Status.denied.rawValue) }
        }
    }

    private func show(_ result: ExplainResult) {
        if let words = result.words { Output.line(words) }
        for step in result.resolution?.steps ?? [] {
            let mark = step.holds.map { $0 ? "holds" : "FAILS" } ?? "     "
            Output.line("\(mark)  \(step.question.rawValue): \(step.sentence)")
        }
        if let rows = result.resolution?.rows { Output.line("rows: \(rows)") }
        Output.line("\(result.decision): \(result.reason), policy version \(result.policyVersion)")
    }
}

struct WhoCanReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who-can-read", abstract: "List the users who may read a file, with why.",
        discussion: "Looks at every user; with very many it takes some seconds.")

    @Argument(help: "An absolute HDFS path.")
    var path: String

    @Option(help: "Most users listed.")
    var limit = 1_000

    @OptionGroup var service: ServiceOptions

    func run() async throws {
        try await reportingFailure {
            let request = WhoCanReadRequest(path: path, limit: limit)
            let result = try service.withService { try $0.perform(.whoCanRead(request), giving: WhoCanReadResult.self) }
            if service.json { return try Output.json(result) }
            for reader in result.readers {
                Output.line("\(reader.user)  \(reader.decision): \(reader.reason)  \(reader.words)")
            }
            for note in result.notes { Output.line("note: \(note)") }
            let more = result.count > result.readers.count ? ", \(result.readers.count) of them shown" : ""
            Output.line("\(result.count) users\(more), policy version \(result.policyVersion)")
        }
    }
}
