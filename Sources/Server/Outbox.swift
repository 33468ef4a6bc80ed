import NIOCore
import Wire

/// What a connection is about to send: frames, and what in them has to wait until the audit records are written.
package struct Outbox {
    package var bytes: ByteBuffer
    /// Where the answers begin whose records are staged.
    package var owed: [Int] = []
    private var reports: [(place: Int, request: RequestID)] = []

    package init(bytes: ByteBuffer = ByteBuffer()) {
        self.bytes = bytes
    }

    /// - Returns: the place of the frame, for ``endAnswers(_:)``.
    mutating func beginAnswers(_ request: RequestID, count: UInt16) -> Int {
        let start = bytes.writerIndex
        bytes.writeMultipleIntegers(UInt32(0), FrameType.answers.rawValue, request, count)
        return start
    }

    mutating func endAnswers(_ start: Int) {
        bytes.setInteger(UInt32(bytes.writerIndex - start - 4), at: start)
    }

    /// Adds a `report-taken` that is true only once the records are written.
    mutating func writeReportTaken(_ request: RequestID) {
        reports.append((bytes.writerIndex, request))
        bytes.writeFrame(.reportTaken, request)
    }

    /// The audit records could not be written: answers that are owed one become denials, and plug-ins are asked to send
    /// their reports again.
    package mutating func refuseOwed() {
        for place in owed { bytes.refuse(answerAt: place, because: .auditUnavailable) }
        for (place, request) in reports.reversed() { refuseReport(at: place, request) }
        settle()
    }

    /// The records are written: nothing waits any more.
    mutating func settle() {
        if !owed.isEmpty { owed.removeAll(keepingCapacity: true) }
        if !reports.isEmpty { reports.removeAll(keepingCapacity: true) }
    }

    private mutating func refuseReport(at place: Int, _ request: RequestID) {
        let length = 4 + WireLimits.leastFrameLength
        let rest = bytes.getSlice(at: place + length, length: bytes.writerIndex - place - length)!
        bytes.moveWriterIndex(to: place)
        bytes.writeError(WireError(.unavailable, "the report could not be recorded; send it again"), for: request)
        bytes.writeImmutableBuffer(rest)
    }
}
