import ArgumentParser
import Foundation
import SparkConfiguration

struct SparkConfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spark-conf", abstract: "Print what the installed Spark has to be told to go by the policies.",
        discussion: """
            Two properties; a third with the extension's jar, unless that is in the directory `jars` of Spark; and the \
            socket, where it is not /run/authorizer/authorizer.sock. Needs no service, and starts no Java.

            Of Spark's own spark-defaults.conf, lists of extensions, plug-ins and jars are kept and stand before ours.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case properties, arguments
    }

    @Option(
        help:
            "Where Spark is. [default: $SPARK_HOME; or around the first spark-submit, or for the first python3, in $PATH]"
    )
    var sparkHome: String?

    @Option(
        help: """
            The service's socket; of several NameNodes, once for each. \
            [default: $AUTHORIZER_SOCKET, or /run/authorizer/authorizer.sock]
            """)
    var socket: [String] = []

    @Option(
        help: "The service's Kerberos principal, where it is to be shown tickets; once for each socket, or for all.")
    var servicePrincipal: [String] = []

    @Option(help: "The extension's jar. [default: Spark's directory jars, or /usr/lib/authorizer]")
    var jar: String?

    @Option(help: "As lines of spark-defaults.conf, or as arguments of spark-submit and its like.")
    var format = Format.properties

    @Flag(help: "For a Spark Connect server, which needs one more property.")
    var connect = false

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func run() async throws {
        try await reportingFailure {
            let (spark, settings) = try find()
            try show(settings, of: spark)
        }
    }

    private func find() throws -> (SparkInstallation, SparkSettings) {
        let environment = ProcessInfo.processInfo.environment
        do throws(SparkFault) {
            let spark =
                if let sparkHome {
                    try SparkInstallation(home: Self.absolute(sparkHome))
                } else {
                    try SparkInstallation.find(environment: environment)
                }
            let settings = try SparkSettings(
                for: spark, jar: jar.map(Self.absolute),
                sockets: (socket.isEmpty ? [environment["AUTHORIZER_SOCKET"]].compactMap(\.self) : socket).map(
                    Self.absolute),
                principals: servicePrincipal, servesConnect: connect,
                defaults: SparkDefaults(of: spark, environment: environment))
            return (spark, settings)
        } catch {
            throw Failure(.invalid, "\(error)")
        }
    }

    private func show(_ settings: SparkSettings, of spark: SparkInstallation) throws {
        for warning in settings.warnings where !json { Output.error("warning: \(warning)") }
        if json {
            return try Output.json(Description(settings, of: spark))
        }
        switch format {
        case .properties:
            let width = settings.lines.map(\.name.count).max() ?? 0
            for line in settings.lines {
                Output.line("\(line.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(line.value)")
            }
        case .arguments:
            Output.line(settings.lines.map { "--conf \($0.name)=\($0.value)" }.joined(separator: " "))
        }
    }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// What `--json` prints.
    private struct Description: Encodable {
        let sparkHome: String
        let sparkVersion: String
        let scalaVersion: String
        let jar: String
        let isJarThere: Bool
        let properties: [String: String]
        let warnings: [String]

        init(_ settings: SparkSettings, of spark: SparkInstallation) {
            (sparkHome, sparkVersion, scalaVersion) = (spark.home, spark.version, spark.scala)
            (jar, isJarThere, warnings) = (settings.jar, settings.isJarThere, settings.warnings)
            properties = Dictionary(uniqueKeysWithValues: settings.lines.map { ($0.name, $0.value) })
        }
    }
}
