import Administration
import ArgumentParser
import Foundation
import Server

/// How the commands that talk to the service find it.
struct ServiceOptions: ParsableArguments {
    @Option(help: "The service's socket. [default: $AUTHORIZER_SOCKET, or /run/authorizer/authorizer.sock]")
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "Show a Kerberos ticket of your ticket cache for this service principal.",
            discussion: "You are then who the ticket says, and not who your uid says.", valueName: "principal"))
    var kerberos: String?

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    private var path: String {
        socket ?? ProcessInfo.processInfo.environment["AUTHORIZER_SOCKET"] ?? "/run/authorizer/authorizer.sock"
    }

    /// Talks to the service, and ends the program with the documented status if that fails.
    func withService<Value>(_ body: (ServiceClient) throws -> Value) throws -> Value {
        do {
            let client = try ServiceClient(path: path, name: "authorizer \(Version.current)")
            if let kerberos { try client.prove(to: kerberos) }
            return try body(client)
        } catch let error as ClientError {
            let isRefusal = error.kind == .roleRequired || error.kind == .proofRefused
            throw Failure(isRefusal ? .noPermission : .unavailable, error.description)
        } catch let refusal as CommandRefusal {
            throw Failure(refusal.kind == .invalid ? .invalid : .failed, refusal.description)
        }
    }
}

/// A failure with its words and its documented exit status.
struct Failure: Error {
    enum Status: Int32 {
        case failed = 1
        case invalid = 2
        case denied = 3
        case unavailable = 69
        case noPermission = 77
        case configuration = 78
    }

    let status: Status
    let message: String

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}

/// Runs a command's work; a ``Failure`` goes to standard error and becomes the exit status.
func reportingFailure(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as Failure {
        Output.error(failure.message)
        throw ExitCode(failure.status.rawValue)
    }
}

/// What commands print.
enum Output {
    static func error(_ message: String) {
        FileHandle.standardError.write(Data("authorizer: \(message)\n".utf8))
    }

    static func note(_ message: String) {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
    }

    /// Prints a value as one JSON document, keys in order.
    static func json(_ value: some Encodable, pretty: Bool = true) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
        line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Prints a line at once, so that a reader of a pipe sees it.
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }
}
