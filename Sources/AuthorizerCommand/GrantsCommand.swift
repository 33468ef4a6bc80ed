import Administration
import ArgumentParser
import Audit
import Grants
import Policy
import Wording

struct GrantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Short-lived permissions for one Spark job to read the files of tables.",
        discussion: "Spark's plug-in asks for them by itself; see docs/grants.md.",
        subcommands: [Issue.self, Renew.self, Release.self, List.self, Show.self, Revoke.self])

    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ask for a grant.")

        @Option(name: .customLong("data-source"), help: "The name of a table; may be given more than once.")
        var dataSources: [String]

        @Option(help: "The nameservice of the NameNode.")
        var nameservice: String

        @Option(
            name: .customLong("handle"),
            help: "Of a delegation token of the job, 64 hexadecimal digits; may be given more than once.")
        var handles: [String] = []

        @Option(help: "The id of the Spark application.")
        var application: String

        @Option(help: "The attempt of the application.")
        var attempt: String?

        @Option(help: "The id of the query.")
        var query: String?

        @Option(help: "For whom, where you have the role `gateway`. [default: the principal of your uid]")
        var principal: String?

        @Option(help: "From when on: 2026-12-01T00:00:00Z. [default: now]")
        var notBefore: String?

        @OptionGroup var service: ServiceOptions

        func validate() throws {
            if let notBefore, let fault = Instant.fault(in: notBefore) { throw ValidationError(fault) }
        }

        func run() async throws {
            try await reportingFailure {
                let request = GrantRequest(
                    principal: principal, nameservice: nameservice, handles: handles,
                    job: Grant.Job(application: application, attempt: attempt, query: query), dataSources: dataSources,
                    notBefore: notBefore.flatMap { Instant($0)?.milliseconds })
                try GrantsCommand.showOne(.issue(request), service)
            }
        }
    }

    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prolong a grant by its lifetime from now on.")

        @Argument(help: "The id of the grant.")
        var id: String

        @Option(
            name: .customLong("handle"), help: "Of a token that the job has got since; may be given more than once.")
        var handles: [String] = []

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure { try GrantsCommand.showOne(.renew(id: id, handles: handles), service) }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a grant up.")

        @Argument(help: "The id of the grant.")
        var id: String

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure { try GrantsCommand.showOne(.release(id: id), service) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List live grants: yours, and those of everybody for administrators.")

        @OptionGroup var filter: FilterOptions

        @Flag(help: "Those that ended within the last day as well.")
        var all = false

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                try GrantsCommand.showSeveral(.list(filter.filter(live: !all)), service)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one grant.")

        @Argument(help: "The id of the grant.")
        var id: String

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure { try GrantsCommand.showOne(.show(id: id), service) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End live grants: the one with an id, or all that fit the options. The next open is denied.",
            discussion: "For a day, the jobs get no other grant for the same tables.")

        @Argument(help: "The id of a grant.")
        var id: String?

        @OptionGroup var filter: FilterOptions

        @Option(help: "Why: for the audit, and for those who are denied.")
        var because: String?

        @Flag(help: "Let the jobs ask for others.")
        var mayAskAgain = false

        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard id != nil || !filter.filter().words.isEmpty else {
                throw ValidationError("say which grants: an id, --user, --job or --data-source")
            }
        }

        func run() async throws {
            try await reportingFailure {
                let revocation = GrantRevocation(
                    id: id, filter: filter.filter(), because: because, mayAskAgain: mayAskAgain)
                try GrantsCommand.showSeveral(.revoke(revocation), service)
            }
        }
    }

    /// Which grants are meant.
    struct FilterOptions: ParsableArguments {
        @Option(help: "Of this user.")
        var user: String?

        @Option(help: "Of this Spark application.")
        var job: String?

        @Option(help: "For this table.")
        var dataSource: String?

        func filter(live: Bool = true) -> GrantFilter {
            GrantFilter(user: user, job: job, dataSource: dataSource, live: live)
        }
    }

    fileprivate static func showOne(_ command: GrantCommand, _ service: ServiceOptions) throws {
        let line = try service.withService { try $0.perform(.grant(command), giving: GrantLine.self) }
        if service.json { return try Output.json(line) }
        Output.line("grant \(line.id), \(line.state.rawValue)")
        let details = [
            ("user", line.user), ("principal", line.principal), ("nameservice", line.nameservice),
            ("application", line.job.application), ("attempt", line.job.attempt ?? ""), ("query", line.job.query ?? ""),
            ("handles", line.handles.map { "\($0)…" }.joined(separator: ", ")),
            ("issued", time(line.issuedAt)), ("not before", time(line.notBefore)),
            ("expires", "\(time(line.expiresAt)), in \(line.expiresInMilliseconds / 1_000) s"),
            ("renewals", "\(line.renewals), \(line.renewalsLeft) left"),
            ("policy version", "\(line.policyVersion)"),
            ("ended", line.endedAt.map { "\(time($0)): \(line.endedBecause ?? "")" } ?? ""),
        ]
        for (name, value) in details where !value.isEmpty { Output.line("  \(name): \(shown(value))") }
        for source in line.dataSources {
            Output.line("  reads \(source.name): \(source.directories.joined(separator: ", "))")
        }
    }

    fileprivate static func showSeveral(_ command: GrantCommand, _ service: ServiceOptions) throws {
        let lines = try service.withService { try $0.perform(.grant(command), giving: [GrantLine].self) }
        if service.json { return try Output.json(lines) }
        for line in lines {
            let sources = line.dataSources.map(\.name).joined(separator: ",")
            let state =
                line.state == .live
                ? "for \(line.expiresInMilliseconds / 1_000) s" : "\(line.state.rawValue): \(line.endedBecause ?? "")"
            Output.line(shown("\(line.id)  \(line.user)  \(line.job.application)  \(sources)  \(state)"))
        }
    }

    private static func time(_ milliseconds: Int64) -> String {
        AuditLine.format(UInt64(max(0, milliseconds)))
    }

    /// What a job said of itself, so that it cannot disturb a terminal.
    private static func shown(_ text: String) -> String {
        text.unicodeScalars.map { isDisruptive($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
    }
}
