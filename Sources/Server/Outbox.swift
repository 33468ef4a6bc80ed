import NIOCore
import Wire

/// What a connection is about to send: frames, and what in them has to wait until the audit records are written.
package struct Outbox: ~Copyable {
    /// Bytes of memory that a connection keeps between turns.
    private static let kept = 256 << 10

    package var frames = SendBuffer()
    /// Where the answers begin whose records are staged.
    package var owed: [Int] = []
    private var reports: [(place: Int, request: RequestID)] = []

    package init() {}

    /// Adds frames that are not sent often.
    mutating func write(_ body: (inout ByteBuffer) -> Void) {
        var buffer = ByteBuffer()
        body(&buffer)
        frames.append(buffer)
    }

    /// Adds a `report-taken` that is true only once the records are written.
    mutating func writeReportTaken(_ request: RequestID) {
        reports.append((frames.count, request))
        write { $0.writeFrame(.reportTaken, request) }
    }

    /// The audit records could not be written: answers that are owed one become denials, and plug-ins are asked to send
    /// their reports again.
    package mutating func refuseOwed() {
        for place in owed { frames.refuse(answerAt: place, because: .auditUnavailable) }
        // From the last on, since an error is longer than what it stands for.
        for (place, request) in reports.reversed() {
            var error = ByteBuffer()
            error.writeError(
                WireError(.unavailable, "the report could not be recorded; send it again"), for: request)
            frames.replace(frameAt: place, with: error)
        }
        settle()
    }

    /// The records are written: nothing waits any more.
    mutating func settle() {
        if !owed.isEmpty { owed.removeAll(keepingCapacity: true) }
        if !reports.isEmpty { reports.removeAll(keepingCapacity: true) }
    }

    package mutating func removeAll() {
        frames.removeAll(keeping: Self.kept)
    }
}
