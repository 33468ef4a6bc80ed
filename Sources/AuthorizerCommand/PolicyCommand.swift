import Administration
import ArgumentParser
import Foundation
import Policy
import Storage
import StrictYAML

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Change and show the policies.",
        subcommands: [Apply.self, Export.self, History.self, Diff.self, Rollback.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put policy files in force, all of them or none.",
            discussion: """
                Objects in the files are created, or replaced as a whole; what is stored and not in the files stays, \
                unless --prune is given. The decisions that a change touches are made anew from then on, and the \
                command says at how many NameNodes.
                """)

        @Argument(help: "YAML files, or directories that are searched for *.yaml and *.yml.")
        var paths: [String]

        @Flag(help: "Delete what is stored and not in the files.")
        var prune = false

        @Flag(help: "Print what would be created, changed and deleted, and change nothing.")
        var dryRun = false

        @Option(help: "Apply only if the policies are still at this version.")
        var expectVersion: UInt64?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let applied = try service.withService { client in
                    try client.perform(.policyApply(try request()), giving: PolicyApplied.self)
                }
                if service.json { return try Output.json(applied) }
                PolicyCommand.show(applied)
            }
        }

        private func request() throws -> PolicyApply {
            do {
                let files = try SourceFiles.load(paths)
                let size = files.reduce(0) { $0 + $1.bytes.count }
                guard size <= PolicyApply.mostBytes else {
                    throw Failure(
                        .invalid,
                        """
                        the files have \(size) bytes together, and one apply takes \(PolicyApply.mostBytes); apply them \
                        in several calls without --prune
                        """)
                }
                return PolicyApply(
                    files: files.map { PolicyApply.File(name: $0.name, content: Data($0.bytes)) }, prune: prune,
                    dryRun: dryRun, expectVersion: expectVersion)
            } catch let errors as DocumentErrors {
                throw Failure(.invalid, "\(errors)")
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what is stored as one policy file; applying it changes nothing.")

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let yaml = try service.withService { try $0.perform(.policyExport, giving: String.self) }
                if service.json { return try Output.json(yaml) }
                FileHandle.standardOutput.write(Data(yaml.utf8))
            }
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the policy versions: when, who, what.")

        @Option(help: "Most versions listed, the latest first.")
        var limit: Int?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let versions = try service.withService {
                    try $0.perform(.policyHistory(limit: limit), giving: [PolicyVersion].self)
                }
                if service.json { return try Output.json(versions) }
                for version in versions {
                    let time = Date(timeIntervalSince1970: Double(version.timeMilliseconds) / 1_000)
                    Output.line(
                        "\(version.version)  \(time.formatted(.iso8601))  \(version.actor)  \(version.what)  \(version.summary)"
                    )
                    for change in version.changes { Output.line("    \(change)") }
                }
            }
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what differs between the policies at two versions; 0 is the empty store.")

        @Argument(help: "A version.")
        var from: UInt64

        @Argument(help: "Another version.")
        var to: UInt64

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let change = try service.withService {
                    try $0.perform(.policyDiff(from: from, to: to), giving: PolicyChange.self)
                }
                if service.json { return try Output.json(change) }
                for line in change.lines { Output.line(line) }
                Output.line(change.isEmpty ? "nothing differs" : change.summary)
            }
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the policies what they were at an earlier version, as a new version.",
            discussion: """
                Checked like any apply. What users and approvers did by commands (projects, acknowledgements, requests, \
                approvals) is not rolled back.
                """)

        @Argument(help: "The version to go back to; 0 is the empty store.")
        var version: UInt64

        @Flag(help: "Print what would be created, changed and deleted, and change nothing.")
        var dryRun = false

        @Option(help: "Go back only if the policies are still at this version.")
        var expectVersion: UInt64?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let request = PolicyRollback(version: version, dryRun: dryRun, expectVersion: expectVersion)
                let applied = try service.withService {
                    try $0.perform(.policyRollback(request), giving: PolicyApplied.self)
                }
                if service.json { return try Output.json(applied) }
                PolicyCommand.show(applied)
            }
        }
    }

    static func show(_ applied: PolicyApplied) {
        for line in applied.change.lines { Output.line(line) }
        if applied.change.isEmpty { return Output.line("nothing changes; policy version \(applied.version)") }
        if applied.dryRun { return Output.line("dry run: \(applied.change.summary)") }
        Output.line("policy version \(applied.version): \(applied.change.summary)")
        Output.line("in force at \(applied.inForceAt) NameNode(s)")
        if applied.inForceAt == 0 {
            Output.note("no NameNode is connected: each goes by the cover that it last heard of until it is")
        }
        for peer in applied.late {
            Output.note(
                "not yet confirmed by \(peer): it goes by the new policies for all it asks, and takes the new cover when it can"
            )
        }
        if let why = applied.notAudited { Output.note("the change is in force, but not in the audit: \(why)") }
    }
}
