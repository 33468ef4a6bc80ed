import Administration
import ArgumentParser
import Storage

struct SubscriptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscription", abstract: "Ask for data sources that need an approval, and answer who asks.",
        subcommands: [Request.self, Withdraw.self, Approve.self, Deny.self, Revoke.self, List.self])

    struct Request: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ask to be subscribed to a data source.")

        @Argument(help: "The name of a data source.")
        var dataSource: String

        @Option(help: "Words for those who approve.")
        var because: String?

        @OptionGroup var asker: AskerOptions
        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                try asker.change(.request(user: asker.user, dataSource: dataSource, because: because), service)
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a request back.")

        @Argument(help: "The name of a data source.")
        var dataSource: String

        @OptionGroup var asker: AskerOptions
        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                try asker.change(.withdraw(user: asker.user, dataSource: dataSource), service)
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve a request; without an end, for as long as the policy allows.")

        @Argument(help: "The user who asked.")
        var user: String

        @Argument(help: "The name of a data source.")
        var dataSource: String

        @Option(name: .customLong("for"), help: "How long: 90d, 36h, 30m.")
        var span: String?

        @Option(help: "Until when: 2026-12-01T00:00:00Z.")
        var until: String?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                try StateCommand.perform(
                    .approve(user: user, dataSource: dataSource, span: span, until: until), service)
            }
        }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deny a request.")

        @Argument(help: "The user who asked.")
        var user: String

        @Argument(help: "The name of a data source.")
        var dataSource: String

        @Option(help: "Words for the history.")
        var because: String?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                try StateCommand.perform(.deny(user: user, dataSource: dataSource, because: because), service)
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take an approval back; the next read is decided without it.")

        @Argument(help: "The user who was approved.")
        var user: String

        @Argument(help: "The name of a data source.")
        var dataSource: String

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                try StateCommand.perform(.revoke(user: user, dataSource: dataSource), service)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List requests and approvals: yours, and those that you may answer.")

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let lines = try service.withService {
                    try $0.perform(.subscriptionList, giving: [SubscriptionLine].self)
                }
                if service.json { return try Output.json(lines) }
                for line in lines { show(line) }
            }
        }

        private func show(_ line: SubscriptionLine) {
            let by = line.approver.map { " by \($0)" } ?? ""
            let until = line.state == .requested ? "" : " until \(line.until ?? "revoked")"
            let because = line.because.map { "  \($0.debugDescription)" } ?? ""
            Output.line(
                "\(line.dataSource)  \(line.user)  \(line.state.rawValue)\(by) since \(line.since)\(until)\(because)")
        }
    }
}
