import Foundation
import Glibc

/// A connection of a thread that waits, but not beyond a deadline.
protocol Connection: AnyObject {
    /// Whether the other side has ended the connection, or said something that nobody asked for.
    var isOver: Bool { get }

    /// How many bytes the other machine has not said yet that it has.
    var unacknowledged: Int { get }

    func send(_ data: Data, until deadline: Deadline) throws(SinkError)

    /// What comes next, at most so many bytes; empty at the end of the connection.
    func receive(atMost limit: Int, until deadline: Deadline) throws(SinkError) -> [UInt8]
}

extension Connection {
    /// Waits until the other machine has said that it has everything that was sent.
    func drain(_ target: String, until deadline: Deadline) throws(SinkError) {
        while unacknowledged > 0 {
            guard !isOver else { throw SinkError("\(target) has ended the connection") }
            guard deadline.milliseconds > 0 else { throw .timeout(target) }
            usleep(500)
        }
        guard !isOver else { throw SinkError("\(target) has ended the connection") }
    }
}

/// Connects.
///
/// - Parameters:
///   - security: `nil` for TCP as it is.
///   - isAnswered: whether the other side says by an answer that it takes what it is sent.
func connect(
    to endpoint: Shipment.Endpoint, security: Shipment.TLS?, isAnswered: Bool, until deadline: Deadline
) throws(SinkError) -> any Connection {
    let socket = try StreamSocket(endpoint, until: deadline)
    guard let security else { return socket }
    let connection = try TLSConnection(socket, endpoint, security, until: deadline)
    if !isAnswered { try connection.awaitVerdict(until: deadline) }
    return connection
}
