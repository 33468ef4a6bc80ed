import Administration
import Audit
import Foundation

/// Where audit records are sent. Belongs to one ``Shipper``'s thread.
protocol Sink: AnyObject {
    /// Sends records, and returns once they have arrived as far as the sink can tell.
    ///
    /// - Parameter deadline: until when it has to have happened.
    /// - Throws: ``SinkError``; then all of them are sent again later, also those that may have arrived.
    func deliver(_ records: [AuditRecord], until deadline: Deadline) throws(SinkError)
}

/// Why records were not delivered.
struct SinkError: Error, Equatable {
    /// It took longer than the deadline: the sink hangs, rather than fails.
    var isTimeout = false
    var message: String

    init(_ message: String) {
        self.message = message
    }

    init(call: String, _ target: String, code: Int32) {
        message = "\(call) \(target): \(String(cString: strerror(code)))"
    }

    static func timeout(_ target: String) -> SinkError {
        var error = SinkError("\(target) has not taken the records in time")
        error.isTimeout = true
        return error
    }
}

/// A moment of the clock that nobody sets.
struct Deadline {
    private let moment: ContinuousClock.Instant

    init(seconds: Double) {
        moment = .now + .seconds(seconds)
    }

    /// Milliseconds that are left; 0 when it is over.
    var milliseconds: Int32 {
        let left = ContinuousClock.now.duration(to: moment).components
        return Int32(clamping: max(0, left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000))
    }
}

/// Records as lines of JSON, with the field names of `docs/audit.md`.
struct LineEncoder {
    private let encoder = JSONEncoder()

    init() {
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// Without the end of the line.
    func line(_ record: AuditRecord) -> Data {
        do {
            return try encoder.encode(AuditLine(record))
        } catch {
            preconditionFailure("every record can be written as JSON: \(error)")
        }
    }

    /// Each with the end of its line.
    func lines(_ records: [AuditRecord]) -> Data {
        var lines = Data()
        for record in records {
            lines.append(line(record))
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }
}
