import Decision
import NIOCore

/// How a client answered without the service.
package enum FailureMode: UInt8, Sendable, CaseIterable {
    case deny = 1
    case stale = 2
    case native = 3

    /// The word used in the audit, the command line and JSON.
    package var word: String {
        switch self {
        case .deny: "deny"
        case .stale: "stale"
        case .native: "native"
        }
    }
}

/// The head of a `report`; its events follow.
package struct ReportHead: Sendable, Equatable {
    /// Random, made once per client process.
    package var reporter: UInt64
    /// Sequence number of the first event.
    package var first: UInt64
    /// Denials and superusers' reads since the last report that the client could not keep.
    package var notKept: UInt64
    package var count: Int
}

/// One read that the client decided by its failure mode, or that HDFS asked nobody about; the question's fields lie in
/// the frame's body.
package struct ReportedEvent: Sendable, Equatable {
    /// Milliseconds since 1970 by the client's clock.
    package var time: UInt64
    package var verdict: Verdict
    package var reason: Reason
    /// `nil` of a superuser's read.
    package var mode: FailureMode?
    package var question: QuestionFields
}

extension FieldReader {
    package mutating func readReportHead(_ body: borrowing Span<UInt8>) throws(WireError) -> ReportHead {
        let reporter = try readUInt64(body)
        let first = try readUInt64(body)
        let notKept = try readUInt64(body)
        let count = Int(try readUInt16(body))
        guard count <= WireLimits.mostQuestions else {
            throw WireError(.malformedBody, "a report has at most \(WireLimits.mostQuestions) events, not \(count)")
        }
        guard !first.addingReportingOverflow(UInt64(count)).overflow else {
            throw WireError(.malformedBody, "the events of a report cannot be numbered from \(first) up")
        }
        return ReportHead(reporter: reporter, first: first, notKept: notKept, count: count)
    }

    package mutating func readReportedEvent(_ body: borrowing Span<UInt8>) throws(WireError) -> ReportedEvent {
        let time = try readUInt64(body)
        let (verdict, reason, mode) = (try readUInt8(body), try readUInt8(body), try readUInt8(body))
        guard let verdict = Verdict(rawValue: verdict), let reason = Reason(rawValue: reason),
            mode == 0 ? reason == .superuser && verdict == .native : FailureMode(rawValue: mode) != nil
        else { throw WireError(.malformedBody, "a reported event has a decision, reason or failure mode that is none") }
        return ReportedEvent(
            time: time, verdict: verdict, reason: reason, mode: FailureMode(rawValue: mode),
            question: try readQuestion(body))
    }
}
