import Administration
import Audit
import Decision
import Foundation

/// Syslog messages (RFC 5424) over TCP or TLS, each with its length before it (RFC 6587, RFC 5425).
///
/// Syslog has no acknowledgements; a batch counts as delivered when the collector's machine has said that it has all the
/// bytes.
final class SyslogSink: Sink {
    /// Log audit, informational; notice for what was denied.
    private static let facility = 13
    private static let (notice, informational) = (5, 6)

    private let endpoint: Shipment.Endpoint
    private let security: Shipment.TLS?
    private let encoder = LineEncoder()
    private let host = ProcessInfo.processInfo.hostName.isEmpty ? "-" : ProcessInfo.processInfo.hostName
    private var connection: (any Connection)?

    /// - Parameter security: `nil` for TCP as it is.
    init(_ endpoint: Shipment.Endpoint, security: Shipment.TLS? = nil) {
        self.endpoint = endpoint
        self.security = security
    }

    func deliver(_ records: [AuditRecord], until deadline: Deadline) throws(SinkError) {
        if connection?.isOver ?? false { connection = nil }
        var batch = Data()
        for record in records {
            let message = message(record)
            batch.append(contentsOf: "\(message.count) ".utf8)
            batch.append(message)
        }
        do throws(SinkError) {
            let connection = try connected(until: deadline)
            try connection.send(batch, until: deadline)
            try connection.drain("\(endpoint)", until: deadline)
        } catch {
            connection = nil
            throw error
        }
    }

    private func connected(until deadline: Deadline) throws(SinkError) -> any Connection {
        if let connection { return connection }
        let made = try connect(to: endpoint, security: security, isAnswered: false, until: deadline)
        connection = made
        return made
    }

    /// `<PRI>1 TIME HOST authorizer PID KIND - JSON`.
    func message(_ record: AuditRecord) -> Data {
        let severity = record.head.verdict == .deny ? Self.notice : Self.informational
        let head = """
            <\(Self.facility * 8 + severity)>1 \(AuditLine.format(record.time)) \(host) authorizer \
            \(ProcessInfo.processInfo.processIdentifier) \(record.head.kind.word) -\u{20}
            """
        return Data(head.utf8) + encoder.line(record)
    }
}
