import Administration
import ArgumentParser

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Explain whether a principal may read a path, rule by rule.",
        discussion: "Looks at the policies afresh, not at cached decisions. Nothing is recorded in the audit.")

    @Argument(help: "As the NameNode has it: alice@EXAMPLE.COM, or a bare name for WebHDFS and proxy users.")
    var principal: String

    @Argument(help: "An absolute HDFS path.")
    var path: String

    @Option(
        name: .customLong("handle"),
        help: "Of a delegation token that the reader shows, 64 hexadecimal digits; may be given more than once.")
    var handles: [String] = []

    @OptionGroup var service: ServiceOptions

    func run() async throws {
        try await reportingFailure {
            let result = try service.withService { client in
                try client.perform(
                    .check(CheckRequest(principal: principal, path: path, handles: handles)), giving: CheckResult.self)
            }
            if service.json { try Output.json(result) } else { show(result) }
            if result.decision == "deny" { throw ExitCode(Failure.Status.denied.rawValue) }
        }
    }

    private func show(_ result: CheckResult) {
        for step in result.steps { Output.line("rule \(step.rule), \(step.title): \(step.words)") }
        Output.line("\(result.decision): \(result.reason), policy version \(result.policyVersion)")
        if let message = result.message { Output.line("the reader is told: \(message)") }
    }
}
