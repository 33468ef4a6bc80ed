import ArgumentParser
import Foundation
import Logging
import Server
import ServiceLifecycle

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the service.",
        discussion: """
            Listens on a Unix-domain socket and answers the NameNode's questions until SIGTERM or SIGINT; then it \
            answers what was asked, writes the last audit records, and ends. Under systemd it takes over a passed \
            socket and says when it is ready.
            """)

    @OptionGroup var file: ConfigurationOptions

    @Flag(help: "Check the configuration, and end.")
    var checkConfig = false

    func run() async throws {
        try await reportingFailure {
            let configuration = try file.load()
            if checkConfig { return Output.line("the configuration is valid") }
            try await serve(configuration)
        }
    }

    private func serve(_ configuration: ServiceConfiguration) async throws {
        var logger = Logger(label: "authorizer") { _ in StreamLogHandler.standardError(label: "authorizer") }
        logger.logLevel = configuration.logLevel
        let service = AuthorizerService(configuration: configuration, logger: logger, onListening: Systemd.ready)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        do {
            try await group.run()
        } catch {
            throw Failure(.failed, "\(error)")
        }
    }
}
