import Administration
import ArgumentParser

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the service is.",
        discussion: "Every counter whose name says that something went wrong is 0 on a healthy system.")

    @OptionGroup var service: ServiceOptions

    @Flag(help: "Print metrics in the text format of Prometheus, for its node exporter's textfile collector.")
    var metrics = false

    func validate() throws {
        if metrics, service.json { throw ValidationError("--metrics and --json exclude each other") }
    }

    func run() async throws {
        try await reportingFailure {
            let status = try service.withService { try $0.perform(.status, giving: Status.self) }
            if service.json { return try Output.json(status) }
            if metrics { return StatusMetrics(status).lines.forEach(Output.line) }
            show(status)
        }
    }

    private func show(_ status: Status) {
        let counters = status.counters
        Output.line("\(status.service), process \(status.processID), policy version \(status.policyVersion)")
        Output.line(
            "\(status.users) users, \(status.dataSources) data sources, \(status.coveredDirectories) covered directories"
        )
        Output.line(
            """
            \(counters.questions) questions: \(counters.allowed) allow, \(counters.denied) deny, \
            \(counters.native) native (\(counters.notProtected) not protected)
            """)
        Output.line(
            """
            audit-unavailable \(counters.auditUnavailable), unaudited \(counters.unaudited), \
            reported by failure mode \(counters.reported), not kept \(counters.notKept), \
            refusals \(counters.refusals), malformed frames \(counters.malformed)
            """)
        Output.line("\(status.connections) connections")
        for watcher in status.watchers {
            let following = watcher.coverVersion == status.coverVersion ? "follows" : "is behind"
            Output.line(
                "  \(watcher.peer) \(following): cover version \(watcher.coverVersion) of \(status.coverVersion)")
        }
        Output.line(
            "audit: record \(status.audit.lastRecord), indexed \(status.audit.lastIndexed), missing \(status.audit.missing)"
        )
        for sink in status.audit.sinks {
            Output.line(
                "  \(sink.sink) \(sink.state): shipped \(sink.shipped), waiting \(sink.waiting)"
                    + (sink.failure.map { ", \($0)" } ?? ""))
        }
        let crawls = status.crawls
        Output.line(
            """
            catalogue: \(crawls.files) files, \(crawls.readable) readable, \(crawls.memory >> 10) KiB; \
            \(crawls.running) crawls running, \(crawls.queued) waiting
            """)
        if !crawls.unhealthy.isEmpty {
            Output.line("not crawled: \(crawls.unhealthy.joined(separator: ", ")); see `authorizer datasource list`")
        }
        if let failure = status.audit.failure { Output.line("audit records cannot be written: \(failure)") }
    }
}
