import Audit
import Foundation
import Wire

/// An audit record as the command line and JSON show it. The field names are stable; `docs/audit.md` explains them.
package struct AuditLine: Sendable, Codable, Equatable {
    package var sequence: UInt64
    /// ISO 8601 with milliseconds, UTC.
    package var time: String
    package var kind: String
    package var operation: String?
    package var decision: String?
    package var reason: String?
    package var principal: String?
    package var shortName: String?
    package var user: String?
    package var realUser: String?
    package var path: String?
    package var destination: String?
    package var dataSource: String?
    package var policyVersion: UInt64
    package var cached: Bool?
    package var ageMilliseconds: UInt32?
    package var failureMode: String?
    package var clientAddress: String?
    package var callerContext: String?
    package var detail: String?
    package var grant: String?
    package var job: String?
    package var change: RecordedChange?

    package init(_ record: AuditRecord) {
        func text(_ value: String) -> String? { value.isEmpty ? nil : value }
        sequence = record.sequence
        time = Self.format(record.time)
        kind = record.head.kind.word
        operation = record.head.operation?.word
        decision = record.head.verdict?.word
        reason = record.head.reason?.word
        principal = text(record.principal)
        shortName = text(record.shortName)
        user = text(record.user)
        realUser = text(record.realUser)
        path = text(record.path)
        destination = text(record.destination)
        dataSource = text(record.dataSource)
        policyVersion = record.head.policyVersion
        if record.head.kind == .decision, record.head.operation == .read {
            cached = record.head.wasCached
            if record.head.wasCached { ageMilliseconds = record.head.age }
        }
        failureMode = FailureMode(rawValue: record.head.failureMode)?.word
        clientAddress = text(record.clientAddress)
        callerContext = text(record.callerContext)
        detail = text(record.detail)
        grant = text(record.grant)
        job = text(record.job)
        change = RecordedChange(record: record.change)
    }

    /// ISO 8601 with milliseconds, UTC, of milliseconds since 1970.
    package static func format(_ milliseconds: UInt64) -> String {
        // In the middle of the millisecond: the format drops what is below, and a Double may be a little less.
        let date = Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1_000)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
