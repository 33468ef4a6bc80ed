import Audit
import Decision

/// An audit record of what a Spark session asked or said.
struct SparkRecord: Sendable {
    var kind: AuditKind
    var verdict: Verdict?
    var reason: Reason?
    var policyVersion: UInt64
    var speaker: Speaker
    var user: String?
    var dataSource = ""
    var detail: String
    var grant = ""
    /// The Spark application.
    var job = ""

    func text(_ field: AuditField) -> String {
        switch field {
        case .principal: speaker.caller.principal
        case .shortName: speaker.caller.shortName
        case .user: user ?? ""
        case .dataSource: dataSource
        case .detail: String(detail.prefix(Self.longestDetail))
        case .grant: grant
        case .job: job
        case .realUser, .path, .destination, .clientAddress, .callerContext, .change: ""
        }
    }

    /// Characters; a record's text has 65,535 bytes at most.
    private static let longestDetail = 8_000
}
