import Administration
import ArgumentParser
import Audit
import Foundation

struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write all audit records that fit, oldest first, as JSON Lines or CSV.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json
        case csv
    }

    @OptionGroup var filter: AuditFilter

    @Option(help: "json: one object a line; csv: RFC 4180, with a line of names.")
    var format = Format.json

    @OptionGroup var service: ServiceOptions

    /// Records that are asked for at once.
    private static let page = 5_000

    func run() async throws {
        try await reportingFailure {
            var query = try filter.query()
            query.limit = Self.page
            query.takesOldest = true
            if format == .csv { Output.line(AuditCSV.names) }
            try service.withService { client in
                while true {
                    let lines = try client.perform(.auditQuery(query), giving: [AuditLine].self)
                    for line in lines {
                        switch format {
                        case .json: try Output.json(line, pretty: false)
                        case .csv: Output.line(AuditCSV.line(line))
                        }
                    }
                    guard lines.count == Self.page, let last = lines.last else { return }
                    query.after = last.sequence
                }
            }
        }
    }
}

/// Audit records as RFC 4180 has them.
enum AuditCSV {
    private static let columns: [(name: String, value: @Sendable (AuditLine) -> String?)] = [
        ("sequence", { "\($0.sequence)" }), ("time", { $0.time }), ("kind", { $0.kind }),
        ("operation", { $0.operation }), ("decision", { $0.decision }), ("reason", { $0.reason }),
        ("principal", { $0.principal }), ("shortName", { $0.shortName }), ("user", { $0.user }),
        ("realUser", { $0.realUser }), ("path", { $0.path }), ("destination", { $0.destination }),
        ("dataSource", { $0.dataSource }), ("policyVersion", { "\($0.policyVersion)" }),
        ("cached", { line in line.cached.map { "\($0)" } }),
        ("ageMilliseconds", { line in line.ageMilliseconds.map { "\($0)" } }), ("failureMode", { $0.failureMode }),
        ("clientAddress", { $0.clientAddress }), ("callerContext", { $0.callerContext }), ("detail", { $0.detail }),
        ("grant", { $0.grant }), ("job", { $0.job }),
        ("change", { line in line.change.map { String(decoding: $0.json, as: UTF8.self) } }),
    ]

    static var names: String { columns.map(\.name).joined(separator: ",") }

    static func line(_ line: AuditLine) -> String {
        columns.map { quoted($0.value(line) ?? "") }.joined(separator: ",")
    }

    /// A text that a spreadsheet would take for a formula gets an apostrophe before it: whoever names a file chooses it.
    private static func quoted(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        let text = isFormula ? "'\(text)" : text
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}

struct AuditReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show who read which data source, how often, when first and last, and what was denied.")

    enum Grouping: String, ExpressibleByArgument, CaseIterable {
        case dataSource = "data-source"
        case user
    }

    @OptionGroup var filter: AuditFilter

    @Option(help: "What the report goes by: data-source or user.")
    var by = Grouping.dataSource

    @OptionGroup var service: ServiceOptions

    func run() async throws {
        try await reportingFailure {
            let query = try filter.query()
            let report = try service.withService { try $0.perform(.auditReport(query), giving: AuditReport.self) }
            if service.json { return try Output.json(report) }
            let groups = Dictionary(grouping: report.rows) { by == .user ? $0.reader : $0.dataSource }
            for (name, rows) in groups.sorted(by: { $0.key < $1.key }) {
                Output.line(name.isEmpty ? "(none)" : AuditPrinter.visible(name))
                for row in rows { Output.line("  \(Self.text(row, by: by))") }
            }
        }
    }

    private static func text(_ row: AuditReport.Row, by grouping: Grouping) -> String {
        let other = grouping == .user ? row.dataSource : row.reader
        let reasons = row.denials.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let denied = "denied \(row.denied)" + (reasons.isEmpty ? "" : " (\(reasons))")
        return """
            \(AuditPrinter.visible(other)): allowed \(row.allowed), \(denied), native \(row.native), \
            first \(AuditLine.format(row.first)), last \(AuditLine.format(row.last))
            """
    }
}
