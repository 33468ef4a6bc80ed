import ArgumentParser
import Foundation
import Server

/// Where the configuration is.
struct ConfigurationOptions: ParsableArguments {
    private static let defaultFile = "/etc/authorizer/authorizer.yaml"

    @Option(help: "The configuration file. [default: /etc/authorizer/authorizer.yaml, if it is there]")
    var config: String?

    func load() throws -> ServiceConfiguration {
        let file = config ?? (FileManager.default.fileExists(atPath: Self.defaultFile) ? Self.defaultFile : nil)
        do {
            return try ServiceConfiguration(file: file)
        } catch {
            throw Failure(.configuration, "\(error)")
        }
    }
}
