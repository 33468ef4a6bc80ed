import Decision

/// What kind of event a record is about. The raw values are those of the journal; they never change meaning.
package enum AuditKind: UInt8, Sendable, CaseIterable {
    /// A decision about a covered path that the service made.
    case decision = 1
    /// A read that the NameNode plug-in decided by its failure mode, reported later.
    case report = 2
    /// A peer asked for what its role does not cover.
    case refusal = 3
    /// An administrator changed the policies.
    case policyChange = 4
    /// An administrator changed something else, or asked something that is recorded.
    case administration = 5
    /// A superuser's read, which HDFS asks nobody about, reported by the NameNode plug-in.
    case superuser = 6
    /// What became of a grant.
    case grant = 7
    /// A Spark session asked what it may read.
    case lookUp = 8
    /// A Spark session said what a query read.
    case query = 9

    /// The word used on the command line and in JSON.
    package var word: String {
        switch self {
        case .decision: "decision"
        case .report: "report"
        case .refusal: "refusal"
        case .policyChange: "policy-change"
        case .administration: "administration"
        case .superuser: "superuser"
        case .grant: "grant"
        case .lookUp: "look-up"
        case .query: "query"
        }
    }

    package init?(word: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }
}

/// One audit record, as the journal and the index hold it.
package struct AuditRecord: Sendable, Equatable {
    /// Without gaps, from 1.
    package var sequence: UInt64
    /// Milliseconds since 1970; for a report, when the plug-in decided.
    package var time: UInt64
    package var head: AuditHead
    package var principal: String
    package var shortName: String
    package var user: String
    package var realUser: String
    /// Canonical where the path could be made so, otherwise as it was asked.
    package var path: String
    package var destination: String
    package var dataSource: String
    package var clientAddress: String
    /// As the client claimed it.
    package var callerContext: String
    /// Whatever else there is to say, in words; for a path that was not canonical, how it was asked.
    package var detail: String
    /// The grant that allowed the read, or that the record is about.
    package var grant = ""
    /// The job that the grant is for.
    package var job = ""
    /// What an administrator changed, as JSON.
    package var change = ""
}

/// The parts of a record that are not text.
package struct AuditHead: Sendable, Equatable {
    package var kind: AuditKind
    package var operation: Operation?
    package var verdict: Verdict?
    package var reason: Reason?
    package var wasCached = false
    /// 0 if the service itself answered; otherwise the plug-in's failure mode, as the wire numbers it.
    package var failureMode: UInt8 = 0
    package var policyVersion: UInt64
    /// Milliseconds since the cached decision was made.
    package var age: UInt32 = 0
    /// For reports: who reported, and the number of the event there. 0 otherwise.
    package var reporter: UInt64 = 0
    package var reporterSequence: UInt64 = 0

    package init(
        kind: AuditKind, operation: Operation? = nil, verdict: Verdict? = nil, reason: Reason? = nil,
        wasCached: Bool = false, failureMode: UInt8 = 0, policyVersion: UInt64, age: UInt32 = 0, reporter: UInt64 = 0,
        reporterSequence: UInt64 = 0
    ) {
        self.kind = kind
        self.operation = operation
        self.verdict = verdict
        self.reason = reason
        self.wasCached = wasCached
        self.failureMode = failureMode
        self.policyVersion = policyVersion
        self.age = age
        self.reporter = reporter
        self.reporterSequence = reporterSequence
    }
}

/// The text fields of a record, in the order in which the journal holds them.
package enum AuditField: Int, CaseIterable, Sendable {
    case principal, shortName, user, realUser, path, destination, dataSource, clientAddress, callerContext, detail,
        grant, job, change
}
