import Administration
import ArgumentParser

struct ProjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project", abstract: "Say which project you act under, and acknowledge what it is for.",
        subcommands: [List.self, Switch.self, Acknowledge.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List your projects; `*` is the one you act under.")

        @OptionGroup var asker: AskerOptions
        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                let projects = try service.withService {
                    try $0.perform(.projectList(user: asker.user), giving: [ProjectLine].self)
                }
                if service.json { return try Output.json(projects) }
                for project in projects { show(project) }
                if !projects.contains(where: \.isCurrent) { Output.line("acting under no project") }
            }
        }

        private func show(_ project: ProjectLine) {
            let membership = project.isMember ? "" : "  (no member any more: everything protected is denied)"
            Output.line("\(project.isCurrent ? "*" : " ") \(project.name)\(membership)")
            if let about = project.about { Output.line("    \(about)") }
            for purpose in project.purposes {
                Output.line(
                    "    purpose \(purpose.name): \(purpose.isAcknowledged ? "acknowledged" : "not acknowledged")")
            }
            Output.line("    data sources: \(project.dataSources.joined(separator: ", "))")
        }
    }

    struct Switch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Act under a project, or under none, from the next read on, everywhere.",
            discussion: "Under a project, only its data sources can be read.")

        @Argument(help: "A project that you are a member of.")
        var project: String?

        @Flag(help: "Act under no project.")
        var none = false

        @OptionGroup var asker: AskerOptions
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard (project == nil) == none else { throw ValidationError("name a project, or say --none") }
        }

        func run() async throws {
            try await reportingFailure { try asker.change(.switchProject(user: asker.user, project: project), service) }
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Acknowledge a purpose of a project: what its `about` says of how you use the data.")

        @Argument(help: "A project that you are a member of.")
        var project: String

        @Argument(help: "One of its purposes.")
        var purpose: String

        @Flag(help: "Take it back.")
        var withdraw = false

        @OptionGroup var asker: AskerOptions
        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await reportingFailure {
                try asker.change(
                    .acknowledge(user: asker.user, project: project, purpose: purpose, withdraw: withdraw), service)
            }
        }
    }
}

/// For whom a command is given.
struct AskerOptions: ParsableArguments {
    @Option(help: "For another user, as an administrator.")
    var user: String?

    func change(_ request: StateRequest, _ service: ServiceOptions) throws {
        try StateCommand.perform(request, service)
    }
}

/// Commands that change what users have said or been given.
enum StateCommand {
    static func perform(_ request: StateRequest, _ service: ServiceOptions) throws {
        let changed = try service.withService { try $0.perform(.state(request), giving: StateChanged.self) }
        if service.json { return try Output.json(changed) }
        Output.line("policy version \(changed.version): \(changed.words)")
        if let why = changed.notAudited { Output.note("the change is in force, but not in the audit: \(why)") }
    }
}
