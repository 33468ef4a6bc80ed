import Administration
import ArgumentParser
import Audit
import Decision
import Foundation

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Ask who read what, and why they could.",
        subcommands: [
            Query.self, Follow.self, AuditReportCommand.self, AuditExportCommand.self, AuditVerifyCommand.self,
            AuditStatsCommand.self, AuditKeyCommand.self,
        ])

    struct Query: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show audit records, oldest first.",
            discussion: "Everything that had been answered when the command was given is seen.")

        @OptionGroup var filter: AuditFilter

        @Option(help: "Most records shown: the newest of those that fit.")
        var limit = 1_000

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                var query = try filter.query()
                query.limit = limit
                let lines = try service.withService { try $0.perform(.auditQuery(query), giving: [AuditLine].self) }
                for line in lines { try AuditPrinter.show(line, asJSON: service.json) }
            }
        }
    }

    struct Follow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show audit records as they come, until interrupted.")

        @OptionGroup var filter: AuditFilter

        @Option(help: "Most earlier records shown first.")
        var last = 10

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                var query = try filter.query()
                query.limit = last
                try service.withService { client in
                    try client.follow(.auditFollow(query), of: AuditLine.self) { line in
                        try AuditPrinter.show(line, asJSON: service.json)
                        return true
                    }
                }
            }
        }
    }
}

/// Which records: everything that is given has to fit.
struct AuditFilter: ParsableArguments {
    @Option(help: "The name of a user.")
    var user: String?

    @Option(help: "A principal or a short name.")
    var principal: String?

    @Option(help: "A path: it and everything below it.")
    var path: String?

    @Option(help: "The name of a data source.")
    var dataSource: String?

    @Option(help: "allow, deny or native.")
    var decision: String?

    @Option(help: "A reason, such as not-subscribed.")
    var reason: String?

    @Option(help: "The number of a grant.")
    var grant: String?

    @Option(help: "A job.")
    var job: String?

    @Option(help: "Records since then: 15m, 2h, 3d, or 2026-03-01T00:00:00Z.")
    var since: String?

    @Option(help: "Records before then.")
    var until: String?

    func query() throws -> AuditQuery {
        var query = AuditQuery()
        query.user = user
        query.principal = principal
        query.path = path
        query.dataSource = dataSource
        query.decision = decision
        query.reason = reason
        query.grant = grant
        query.job = job
        query.since = try since.map { try Self.time($0, option: "since") }
        query.until = try until.map { try Self.time($0, option: "until") }
        return query
    }

    func validate() throws {
        if let decision, Verdict(word: decision) == nil {
            let known = Verdict.allCases.map(\.word).joined(separator: ", ")
            throw ValidationError("--decision is one of \(known), not `\(decision)`")
        }
        if let reason, Reason(word: reason) == nil {
            let known = Reason.allCases.map(\.word).joined(separator: ", ")
            throw ValidationError("--reason is one of \(known), not `\(reason)`")
        }
        if let path, !path.hasPrefix("/") || (path.count > 1 && path.hasSuffix("/")) {
            throw ValidationError("--path is absolute and without a slash at its end, not `\(path)`")
        }
        _ = try since.map { try Self.time($0, option: "since") }
        _ = try until.map { try Self.time($0, option: "until") }
    }

    /// Milliseconds since 1970 of a time in ISO 8601, or of a span before now.
    private static func time(_ text: String, option: String) throws -> UInt64 {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        if let last = text.last, let unit = units[last], let count = Double(text.dropLast()), count >= 0 {
            return UInt64(max(0, (Date().timeIntervalSince1970 - count * unit) * 1_000))
        }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw ValidationError(
                "--\(option) is a span such as 15m, 2h or 3d, or a time such as 2026-03-01T00:00:00Z, not `\(text)`")
        }
        return UInt64(max(0, date.timeIntervalSince1970 * 1_000))
    }
}

/// An audit record as a line.
enum AuditPrinter {
    static func show(_ line: AuditLine, asJSON: Bool) throws {
        if asJSON { return try Output.json(line, pretty: false) }
        Output.line(text(line))
    }

    private static func text(_ line: AuditLine) -> String {
        var words = [line.time, line.decision ?? line.kind]
        func add(_ name: String, _ value: String?) {
            if let value { words.append("\(name)=\(visible(value))") }
        }
        add("reason", line.reason)
        add("operation", line.operation == "read" ? nil : line.operation)
        add("principal", line.principal)
        add("user", line.user)
        add("real-user", line.realUser)
        add("path", line.path)
        add("destination", line.destination)
        add("data-source", line.dataSource)
        add("policy-version", "\(line.policyVersion)")
        if line.cached == true { add("cached", "\(line.ageMilliseconds ?? 0)ms") }
        add("failure-mode", line.failureMode)
        add("client", line.clientAddress)
        add("grant", line.grant)
        add("job", line.job)
        add("detail", line.detail)
        return words.joined(separator: " ")
    }

    /// Quoted where it would be taken apart or would move the cursor.
    static func visible(_ value: String) -> String {
        let isPlain = value.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "\"" }
        return isPlain ? value : value.debugDescription
    }
}
