/// A status in the text format that Prometheus reads, version 0.0.4.
package struct StatusMetrics {
    private enum Kind: String {
        /// Counts since the start of the service.
        case counter
        case gauge
    }

    private typealias Sample = (labels: [(name: String, value: String)], value: UInt64)

    package private(set) var lines: [String] = []

    package init(_ status: Status) {
        addState(status)
        add(status.counters)
        add(status.audit)
        add(status.crawls)
    }

    private mutating func addState(_ status: Status) {
        add(.gauge, "policy_version", "The policy version in force.", status.policyVersion)
        add(.gauge, "cover_version", "The version of the list of covered paths.", status.coverVersion)
        add(
            .gauge, "watcher_cover_version", "The version of the list that a NameNode goes by.",
            status.watchers.map { ([("peer", $0.peer)], $0.coverVersion) })
        add(.gauge, "users", "Users of the policies.", UInt64(status.users))
        add(.gauge, "data_sources", "Data sources of the policies.", UInt64(status.dataSources))
        add(.gauge, "covered_directories", "Directories that data sources cover.", UInt64(status.coveredDirectories))
        add(.gauge, "connections", "Connections to the service.", UInt64(status.connections))
        add(.gauge, "grants", "Grants that are live.", UInt64(status.grants))
    }

    private mutating func add(_ counters: Counters) {
        add(
            .counter, "decisions_total", "Questions answered.",
            [
                ([("decision", "allow")], counters.allowed), ([("decision", "deny")], counters.denied),
                ([("decision", "native")], counters.native),
            ])
        add(.counter, "not_protected_total", "Of the native ones, those that nothing covers.", counters.notProtected)
        add(.counter, "audit_unavailable_total", "Denials for want of a record.", counters.auditUnavailable)
        add(.counter, "unaudited_total", "Answers given without a record.", counters.unaudited)
        add(.counter, "reported_total", "Reads decided by a failure mode.", counters.reported)
        add(.counter, "superuser_reads_total", "Superusers' reads.", counters.superuserReads)
        add(.counter, "not_kept_total", "Events that a plug-in had no room to keep.", counters.notKept)
        add(.counter, "refusals_total", "Requests refused for want of a role.", counters.refusals)
        add(.counter, "malformed_frames_total", "Frames refused.", counters.malformed)
    }

    private mutating func add(_ audit: AuditStatus) {
        add(.gauge, "audit_last_record", "The last record in the journal.", audit.lastRecord)
        add(.gauge, "audit_last_synced", "The last record that is on disk.", audit.lastSynced)
        add(.gauge, "audit_last_indexed", "The last record that queries see.", audit.lastIndexed)
        add(.gauge, "audit_missing", "Records that were gone before they were indexed.", audit.missing)
        add(.gauge, "audit_failing", "1 while records cannot be written.", audit.failure == nil ? 0 : 1)
        add(
            .gauge, "sink_failing", "1 while a sink does not take records.",
            audit.sinks.map { ([("sink", $0.sink)], $0.state == "works" ? 0 : 1) })
        add(
            .gauge, "sink_waiting", "Records that a sink has not taken yet.",
            audit.sinks.map { ([("sink", $0.sink)], $0.waiting) })
    }

    private mutating func add(_ crawls: CrawlsStatus) {
        add(.gauge, "crawls_running", "Crawls that run.", UInt64(crawls.running))
        add(.gauge, "crawls_queued", "Crawls that wait.", UInt64(crawls.queued))
        add(.gauge, "catalogue_files", "Files in the catalogue.", UInt64(crawls.files))
        add(.gauge, "catalogue_readable", "Of these, those that may be given.", UInt64(crawls.readable))
        add(.gauge, "catalogue_memory_bytes", "Memory of the catalogue.", UInt64(crawls.memory))
        add(
            .gauge, "data_source_unhealthy", "1 for every data source that cannot be crawled.",
            crawls.unhealthy.map { ([("data_source", $0)], 1) })
    }

    private mutating func add(_ kind: Kind, _ name: String, _ help: String, _ value: UInt64) {
        add(kind, name, help, [([], value)])
    }

    private mutating func add(_ kind: Kind, _ name: String, _ help: String, _ samples: [Sample]) {
        lines.append("# HELP authorizer_\(name) \(help)")
        lines.append("# TYPE authorizer_\(name) \(kind.rawValue)")
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            lines.append("authorizer_\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)")
        }
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
