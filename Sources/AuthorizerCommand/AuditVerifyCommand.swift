import Administration
import ArgumentParser
import Audit
import Foundation

struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Walk the journal, its hashes and its checkpoints, and name the first thing wrong.",
        discussion: """
            Reads the files themselves and needs no service; one may be running. Exit status 0: nothing is wrong. \
            1: something is; it is named, with its place.
            """)

    @Argument(help: "Segments to verify, in the audit directory; all unless given.")
    var segments: [String] = []

    @Option(help: "The audit directory, or a copy. [default: that of the configuration]")
    var directory: String?

    @Option(
        help: """
            A public key that `audit key` printed; more than one where the key was changed. Without it, that of the \
            configured key; without any, signatures are not looked at.
            """)
    var publicKey: [String] = []

    @Option(help: "A file with further checkpoints, such as were sent elsewhere.")
    var checkpoints: String?

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    @OptionGroup var file: ConfigurationOptions

    func run() async throws {
        try await reportingFailure {
            do {
                let result = try verify()
                if json { return try Output.json(result) }
                show(result)
            } catch let finding as Verification.Finding {
                throw Failure(.failed, "the journal is not as it was written: \(finding)")
            } catch let error as JournalError {
                throw Failure(.failed, "\(error)")
            } catch let error as FileError {
                throw Failure(.failed, "\(error)")
            }
        }
    }

    private func verify() throws -> Verification.Result {
        let configuration = directory == nil ? try file.load() : nil
        let directory = directory ?? configuration?.auditDirectory ?? ""
        var keys = try publicKey.map { try CheckpointPublicKey($0) }
        if keys.isEmpty, let path = configuration?.auditSigningKey { keys = [try CheckpointKey(file: path).publicKey] }
        let further = try checkpoints.map { path in
            guard FileManager.default.fileExists(atPath: path) else { throw Failure(.invalid, "there is no `\(path)`") }
            return try Checkpoint.read(from: path)
        }
        var verification = try Verification(directory: directory, publicKeys: keys, checkpoints: further ?? [])
        let firsts = try segments.map { segment in
            guard let first = Segment.first(ofPath: segment) else {
                throw Failure(.invalid, "`\(segment)` is no name of a segment")
            }
            return first
        }
        return try verification.run(segments: firsts.isEmpty ? nil : firsts)
    }

    private func show(_ result: Verification.Result) {
        let range = result.records == 0 ? "none" : "\(result.first ?? 0) to \(result.last ?? 0)"
        Output.line("records: \(result.records) (\(range)), in \(result.segments) segments")
        Output.line("checkpoints: \(result.checkpoints)" + (result.signedThrough.map { ", up to record \($0)" } ?? ""))
        for note in result.notes { Output.line("note: \(note)") }
        Output.line("nothing is wrong")
    }
}

struct AuditStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Show how much the journal and the index hold.")

    @OptionGroup var service: ServiceOptions

    func run() async throws {
        try await reportingFailure {
            let stats = try service.withService { try $0.perform(.auditStats, giving: AuditStats.self) }
            if service.json { return try Output.json(stats) }
            Output.line("records: \(stats.first ?? 0) to \(stats.last), in \(stats.segments) segments")
            if let since = stats.since { Output.line("since: \(AuditLine.format(since))") }
            Output.line("journal: \(stats.journalBytes) bytes")
            Output.line("index: \(stats.indexBytes) bytes")
            if let durability = stats.durability { Output.line("durability: \(durability)") }
            Output.line("signed: " + (stats.signedThrough.map { "up to record \($0)" } ?? "no checkpoint"))
        }
    }
}

struct AuditKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Print the public part of the key that checkpoints are signed with; make the key if it is not there.",
        discussion: "Run it as the user that the service runs as. Keep what it prints on another machine.")

    @OptionGroup var file: ConfigurationOptions

    func run() async throws {
        try await reportingFailure {
            guard let path = try file.load().auditSigningKey else {
                throw Failure(
                    .invalid, "the configuration names no `audit.signing-key`; write the path of the key to be")
            }
            do {
                Output.line("\(try Self.key(at: path).publicKey)")
            } catch {
                throw Failure(.failed, "\(error)")
            }
        }
    }

    /// The key in a file; made if there is none.
    static func key(at path: String) throws -> CheckpointKey {
        guard !FileManager.default.fileExists(atPath: path) else { return try CheckpointKey(file: path) }
        let key = CheckpointKey()
        try key.write(to: path)
        return key
    }
}
