import ArgumentParser
import Server

@main
struct Authorizer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorizer",
        abstract: "Decides who may read which file in HDFS, and says why.",
        discussion: """
            `authorizer serve` runs the service beside a NameNode; `spark-conf` looks at an installed Spark; all other \
            commands talk to the service over its socket. `project`, `subscription` and `grant` are for every user; \
            the others need the role `admin` (see `roles` in docs/configuration.md).

            Exit status: 0 done; 1 the service could not do it; 2 what was given is wrong, and nothing was changed; \
            3 `check` says deny; 64 wrong usage; 69 the service cannot be reached; 77 the role does not allow it; \
            78 the configuration is wrong.
            """,
        version: Version.current,
        subcommands: [
            InitCommand.self, ServeCommand.self, PolicyCommand.self, CheckCommand.self, ExplainCommand.self,
            WhoCanReadCommand.self, ProjectCommand.self, SubscriptionCommand.self, GrantsCommand.self,
            RecrawlCommand.self, CrawlCommand.self, DataSourceCommand.self, CacheCommand.self, AuditCommand.self,
            StatusCommand.self, SparkConfCommand.self,
        ])
}
