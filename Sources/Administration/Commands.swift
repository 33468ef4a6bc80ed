import Audit
import Decision
import Foundation
import Policy
import StrictYAML

/// What an administrator asks of the service, as a `command` frame carries it in JSON.
package enum Command: Sendable, Codable {
    case policyApply(PolicyApply)
    case policyExport
    case policyHistory(limit: Int?)
    case policyDiff(from: UInt64, to: UInt64)
    case policyRollback(PolicyRollback)
    case check(CheckRequest)
    case explain(ExplainRequest)
    case whoCanRead(WhoCanReadRequest)
    /// Of the asker, or of somebody else where an administrator asks.
    case projectList(user: String?)
    case subscriptionList
    case state(StateRequest)
    case cacheShow(limit: Int)
    case cacheFlush
    case auditQuery(AuditQuery)
    /// Answered by a stream of items, one ``AuditLine`` each, until the connection ends.
    case auditFollow(AuditQuery)
    case auditReport(AuditQuery)
    case auditStats
    case status
    case crawl(CrawlCommand)
    case grant(GrantCommand)
    case spark(SparkCommand)

    /// The words of the command line, for logs and audit records.
    package var words: String {
        switch self {
        case .policyApply(let apply): apply.dryRun ? "policy apply --dry-run" : "policy apply"
        case .policyExport: "policy export"
        case .policyHistory: "policy history"
        case .policyDiff: "policy diff"
        case .policyRollback(let rollback): rollback.dryRun ? "policy rollback --dry-run" : "policy rollback"
        case .check: "check"
        case .explain: "explain"
        case .whoCanRead: "who-can-read"
        case .projectList: "project list"
        case .subscriptionList: "subscription list"
        case .state(let request): request.words
        case .cacheShow: "cache show"
        case .cacheFlush: "cache flush"
        case .auditQuery: "audit query"
        case .auditFollow: "audit follow"
        case .auditReport: "audit report"
        case .auditStats: "audit stats"
        case .status: "status"
        case .crawl(let command): command.words
        case .grant(let command): command.words
        case .spark(let command): command.words
        }
    }

    /// Whether every local user may give the command, for itself.
    package var isForEveryUser: Bool {
        switch self {
        case .projectList, .subscriptionList, .state, .spark: true
        case .grant(let command): command.isForEveryUser
        default: false
        }
    }
}

/// Policy files to apply, as one transaction.
package struct PolicyApply: Sendable, Codable {
    package struct File: Sendable, Codable {
        package var name: String
        package var content: Data

        package init(name: String, content: Data) {
            self.name = name
            self.content = content
        }
    }

    /// The most bytes that the files may have together: what one command carries, written as JSON.
    package static let mostBytes = 40 << 20

    package var files: [File]
    /// Delete what is stored and not in the files.
    package var prune: Bool
    package var dryRun: Bool
    /// The version that the policies have to be at; `nil` for any.
    package var expectVersion: UInt64?

    package init(files: [File], prune: Bool, dryRun: Bool, expectVersion: UInt64? = nil) {
        self.files = files
        self.prune = prune
        self.dryRun = dryRun
        self.expectVersion = expectVersion
    }
}

/// What came of ``PolicyApply``.
package struct PolicyApplied: Sendable, Codable {
    /// The policy version in force; with a dry run, or when nothing changed, the one that was in force before.
    package var version: UInt64
    package var dryRun: Bool
    package var change: PolicyChange
    /// Peers that watch the cover and go by the new version.
    package var inForceAt: Int
    /// Peers that watch the cover and had not said so within two seconds.
    package var late: [String]
    /// The audit record of the change could not be written; the change is in force all the same.
    package var notAudited: String?

    package init(version: UInt64, dryRun: Bool, change: PolicyChange) {
        self.version = version
        self.dryRun = dryRun
        self.change = change
        inForceAt = 0
        late = []
    }
}

package struct CheckRequest: Sendable, Codable {
    package var principal: String
    package var path: String
    /// Of the tokens that the reader would show, 64 hexadecimal digits each.
    package var handles: [String]?

    package init(principal: String, path: String, handles: [String]? = nil) {
        self.principal = principal
        self.path = path
        self.handles = handles
    }
}

/// A decision, explained.
package struct CheckResult: Sendable, Codable {
    package var principal: String
    package var shortName: String?
    package var user: String?
    package var path: String
    package var decision: String
    package var reason: String
    package var policyVersion: UInt64
    package var dataSource: String?
    /// What a denied reader is told.
    package var message: String?
    package var steps: [Explanation.Step]

    package init(
        principal: String, shortName: String?, user: String?, path: String, decision: Decision, dataSource: String?,
        message: String?, steps: [Explanation.Step]
    ) {
        self.principal = principal
        self.shortName = shortName
        self.user = user
        self.path = path
        self.decision = decision.verdict.word
        reason = decision.reason.word
        policyVersion = decision.policyVersion
        self.dataSource = dataSource
        self.message = message
        self.steps = steps
    }
}

/// What `cache show` prints.
package struct CacheContents: Sendable, Codable {
    package struct Entry: Sendable, Codable {
        package var user: String
        package var dataSource: String
        /// `subscribed`, or the reason of a denial.
        package var outcome: String
        package var policyVersion: UInt64
        package var ageSeconds: Double

        package init(user: String, dataSource: String, outcome: String, policyVersion: UInt64, ageSeconds: Double) {
            self.user = user
            self.dataSource = dataSource
            self.outcome = outcome
            self.policyVersion = policyVersion
            self.ageSeconds = ageSeconds
        }
    }

    package var capacity: Int
    package var timeToLiveSeconds: Double
    package var hits: UInt64
    package var evaluations: UInt64
    package var expired: UInt64
    package var outdated: UInt64
    package var evicted: UInt64
    /// Entries that are valid now.
    package var count: Int
    /// The youngest of them, as many as were asked for.
    package var entries: [Entry]

    package init(
        capacity: Int, timeToLiveSeconds: Double, statistics: DecisionCache.Statistics, count: Int, entries: [Entry]
    ) {
        self.capacity = capacity
        self.timeToLiveSeconds = timeToLiveSeconds
        hits = statistics.hits
        evaluations = statistics.evaluations
        expired = statistics.expired
        outdated = statistics.outdated
        evicted = statistics.evicted
        self.count = count
        self.entries = entries
    }
}

/// What `status` prints.
package struct Status: Sendable, Codable {
    package struct Watcher: Sendable, Codable {
        package var peer: String
        package var coverVersion: UInt64

        package init(peer: String, coverVersion: UInt64) {
            self.peer = peer
            self.coverVersion = coverVersion
        }
    }

    package var service: String
    package var processID: Int32
    package var policyVersion: UInt64
    package var coverVersion: UInt64
    package var users: Int
    package var dataSources: Int
    package var coveredDirectories: Int
    package var connections: Int
    package var watchers: [Watcher]
    /// Grants that are live.
    package var grants: Int
    package var counters: Counters
    package var audit: AuditStatus
    package var crawls: CrawlsStatus

    package init(
        service: String, processID: Int32, policyVersion: UInt64, coverVersion: UInt64, users: Int, dataSources: Int,
        coveredDirectories: Int, connections: Int, watchers: [Watcher], grants: Int, counters: Counters,
        audit: AuditStatus, crawls: CrawlsStatus
    ) {
        self.service = service
        self.processID = processID
        self.policyVersion = policyVersion
        self.coverVersion = coverVersion
        self.users = users
        self.dataSources = dataSources
        self.coveredDirectories = coveredDirectories
        self.connections = connections
        self.watchers = watchers
        self.grants = grants
        self.counters = counters
        self.audit = audit
        self.crawls = crawls
    }
}

/// Counts since the service was started.
package struct Counters: Sendable, Codable, Equatable {
    package var questions: UInt64 = 0
    package var allowed: UInt64 = 0
    package var denied: UInt64 = 0
    package var native: UInt64 = 0
    package var notProtected: UInt64 = 0
    /// Answers turned into denials because they could not be recorded. 0 on a healthy system.
    package var auditUnavailable: UInt64 = 0
    /// Answers given although they could not be recorded, where the administrator chose so. 0 on a healthy system.
    package var unaudited: UInt64 = 0
    /// Reads that plug-ins decided by their failure mode and reported later. 0 on a healthy system.
    package var reported: UInt64 = 0
    /// Superusers' reads that plug-ins reported.
    package var superuserReads: UInt64 = 0
    /// Denials by failure mode and superusers' reads that plug-ins had no room to keep. 0 on a healthy system.
    package var notKept: UInt64 = 0
    package var refusals: UInt64 = 0
    package var malformed: UInt64 = 0

    package init() {}
}

/// How a sink of audit records is.
package struct SinkStatus: Sendable, Codable {
    /// Its kind.
    package var sink: String
    /// Up to this record it has everything.
    package var shipped: UInt64
    /// Records that are on disk and that it has not.
    package var waiting: UInt64
    /// `works`, `fails`, or `hangs`: it did not take the records in time.
    package var state: String
    package var failure: String?

    package init(sink: String, shipped: UInt64, waiting: UInt64, state: String, failure: String?) {
        self.sink = sink
        self.shipped = shipped
        self.waiting = waiting
        self.state = state
        self.failure = failure
    }
}

package struct AuditStatus: Sendable, Codable {
    /// The sequence number of the last record in the journal.
    package var lastRecord: UInt64
    /// The sequence number of the last record that is known to be on disk.
    package var lastSynced: UInt64
    /// The sequence number of the last record that queries can see.
    package var lastIndexed: UInt64
    /// Records that could not be indexed because the journal did not hold them any more. 0 on a healthy system.
    package var missing: UInt64
    /// Why records cannot be written at the moment; absent on a healthy system.
    package var failure: String?
    /// Where records are sent.
    package var sinks: [SinkStatus]

    package init(
        lastRecord: UInt64, lastSynced: UInt64, lastIndexed: UInt64, missing: UInt64, failure: String?,
        sinks: [SinkStatus]
    ) {
        self.sinks = sinks
        self.lastRecord = lastRecord
        self.lastSynced = lastSynced
        self.lastIndexed = lastIndexed
        self.missing = missing
        self.failure = failure
    }
}

/// How a command ended: what it gave, or why it was refused.
package enum CommandOutcome<Value: Sendable & Codable>: Sendable, Codable {
    case done(Value)
    case refused(CommandRefusal)
}

/// Why a command was not carried out. Nothing of it was.
package struct CommandRefusal: Error, Sendable, Codable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable {
        /// What was given is wrong.
        case invalid
        /// The service could not do it: the store, the disk, the state it is in.
        case failed
    }

    package var kind: Kind
    /// In words: what was wrong, where, and what to do.
    package var message: String
    package var problems: [DocumentProblem]

    package init(_ kind: Kind, _ message: String, problems: [DocumentProblem] = []) {
        self.kind = kind
        self.message = message
        self.problems = problems
    }

    package var description: String { message }
}
