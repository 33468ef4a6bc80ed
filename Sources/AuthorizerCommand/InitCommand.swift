import ArgumentParser
import Foundation
import Server
import Storage

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract:
            "Make the empty policy store of a new installation, and the key of its audit where one is configured.",
        discussion: """
            `serve` never does it by itself: a store that is missing is a disk that is not mounted more often than a new \
            installation, and an empty store protects nothing. Run it once, as the user that the service runs as.
            """)

    @OptionGroup var file: ConfigurationOptions

    func run() async throws {
        try await reportingFailure {
            let configuration = try file.load()
            let path = configuration.storePath
            guard !FileManager.default.fileExists(atPath: path) else {
                throw Failure(.invalid, "there is a policy store at `\(path)` already; it is left as it is")
            }
            do throws(StoreError) {
                _ = try PolicyStore(path: path)
            } catch {
                throw Failure(.failed, "\(error)")
            }
            Output.line("made an empty policy store: \(path)")
            guard let key = configuration.auditSigningKey, !FileManager.default.fileExists(atPath: key) else { return }
            do {
                Output.line(
                    "made the key of the audit: \(key), public part \(try AuditKeyCommand.key(at: key).publicKey)")
            } catch {
                throw Failure(.failed, "\(error)")
            }
        }
    }
}
