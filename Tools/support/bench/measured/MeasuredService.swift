import Glibc
import Logging
import Server
import ServiceLifecycle

/// `measured-service whole|without-index|without-records CONFIGURATION`: serves as `authorizer serve` does, with so much
/// of the audit, to measure what the rest costs.
///
/// A program of its own, so that no option, variable or file can take its audit from the service that is installed.
@main
enum MeasuredService {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 2, let extent = arguments.first.flatMap(AuditExtent.init), let file = arguments.last
        else {
            print("usage: measured-service \(AuditExtent.allCases.map(\.rawValue).joined(separator: "|")) FILE")
            exit(64)
        }
        var configuration = try ServiceConfiguration(file: file)
        configuration.auditExtent = extent
        var logger = Logger(label: "authorizer") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = configuration.logLevel
        let service = AuthorizerService(configuration: configuration, logger: logger)
        try await ServiceGroup(
            configuration: .init(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }
}
