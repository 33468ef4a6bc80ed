import Foundation
import Glibc
import NIOCore
import Tickets
import Wire

/// A connection to the service for the command line: one command at a time, waiting for each answer.
package final class ServiceClient {
    private let socket: Int32
    private let path: String
    private var input = ByteBuffer()
    private var nextRequest: RequestID = 1
    package let welcome: Welcome

    /// Connects and says hello.
    ///
    /// - Throws: ``ClientError``.
    package init(path: String, name: String) throws(ClientError) {
        self.path = path
        socket = try Self.connect(path)
        do throws(ClientError) {
            var hello = ByteBuffer()
            hello.writeHello(Hello(clientName: name))
            try Self.send(hello, to: socket, path: path)
            var frame = try Self.receive(from: socket, into: &input, path: path)
            guard frame.known == .welcome, let welcome = frame.body.readWelcome() else {
                throw Self.refusal(frame, path)
            }
            self.welcome = welcome
        } catch {
            close(socket)
            throw error
        }
    }

    deinit {
        close(socket)
    }

    /// Proves who gives the commands that follow, by a Kerberos ticket out of the ticket cache, and that it is the
    /// service that answers.
    ///
    /// - Parameter principal: the service's.
    /// - Throws: ``ClientError``. No command may follow then.
    package func prove(to principal: String) throws(ClientError) {
        let request = nextRequest
        nextRequest += 1
        var frame = ByteBuffer()
        frame.writeProve(request: request)
        let challenge = try exchange(frame, for: .challenge) { $0.readChallenge() }
        let initiator = try Self.proving { () throws(TicketError) in
            try TicketInitiator(for: principal, answering: Challenge(bytes: challenge))
        }
        frame.clear()
        frame.writeTicket(initiator.token, request: request)
        let proven = try exchange(frame, for: .proven) { $0.readProven() }
        try Self.proving { () throws(TicketError) in try initiator.finish(proven.reply) }
    }

    /// Sends a frame and takes its answer, which has a type and is read so.
    private func exchange<Value>(
        _ frame: ByteBuffer, for type: FrameType, _ read: (inout ByteBuffer) -> Value?
    ) throws(ClientError) -> Value {
        try Self.send(frame, to: socket, path: path)
        var answer = try Self.receive(from: socket, into: &input, path: path)
        guard answer.known == type, let value = read(&answer.body) else { throw Self.refusal(answer, path) }
        return value
    }

    private static func proving<Value>(
        _ body: () throws(TicketError) -> Value
    ) throws(ClientError) -> Value {
        do throws(TicketError) {
            return try body()
        } catch {
            throw ClientError(.proofRefused, error.description)
        }
    }

    /// Has one command carried out.
    ///
    /// - Throws: ``ClientError``, or the ``CommandRefusal`` of the service.
    package func perform<Value: Codable & Sendable>(_ command: Command, giving _: Value.Type) throws -> Value {
        let request = try start(command)
        var json: [UInt8] = []
        while let piece = try receiveResult(of: request) {
            json += piece.bytes
            if piece.kind == .last { break }
        }
        switch try JSONDecoder().decode(CommandOutcome<Value>.self, from: Data(json)) {
        case .done(let value): return value
        case .refused(let refusal): throw refusal
        }
    }

    /// Has a command carried out whose result is a stream, until `body` returns `false` or the service goes.
    package func follow<Item: Codable>(_ command: Command, of _: Item.Type, _ body: (Item) throws -> Bool) throws {
        let request = try start(command)
        while let piece = try receiveResult(of: request) {
            guard piece.kind == .item else {
                if case .refused(let refusal) = try JSONDecoder().decode(
                    CommandOutcome<Bool>.self, from: Data(piece.bytes))
                {
                    throw refusal
                }
                return
            }
            guard try body(try JSONDecoder().decode(Item.self, from: Data(piece.bytes))) else { return }
        }
    }

    private func start(_ command: Command) throws -> RequestID {
        let request = nextRequest
        nextRequest += 1
        var bytes = ByteBuffer()
        bytes.writeCommand(Array(try JSONEncoder().encode(command)), request: request)
        try Self.send(bytes, to: socket, path: path)
        return request
    }

    private func receiveResult(of request: RequestID) throws(ClientError) -> (kind: ResultKind, bytes: [UInt8])? {
        var frame = try Self.receive(from: socket, into: &input, path: path)
        guard frame.known == .result, frame.request == request, let code = frame.body.readInteger(as: UInt8.self),
            let kind = ResultKind(rawValue: code)
        else { throw Self.refusal(frame, path) }
        return (kind, Array(frame.body.readableBytesView))
    }

    // MARK: The socket

    private static func connect(_ path: String) throws(ClientError) -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            close(descriptor)
            throw ClientError(.unreachable, "the socket's path `\(path)` is too long for the system")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            let advice =
                switch code {
                case ENOENT, ECONNREFUSED: "; is `authorizer serve` running, and is this its `socket.path`?"
                case EACCES: "; the socket's mode does not let this user connect"
                default: ""
                }
            throw ClientError(.unreachable, "cannot connect to `\(path)`: \(String(cString: strerror(code)))\(advice)")
        }
        return descriptor
    }

    private static func send(_ bytes: ByteBuffer, to socket: Int32, path: String) throws(ClientError) {
        var rest = bytes
        while rest.readableBytes > 0 {
            let count = rest.withUnsafeReadableBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw ClientError(
                    .unreachable, "the service at `\(path)` went away: \(String(cString: strerror(errno)))")
            }
            rest.moveReaderIndex(forwardBy: count)
        }
    }

    private static func receive(
        from socket: Int32, into input: inout ByteBuffer, path: String
    ) throws(ClientError) -> Frame {
        while true {
            do throws(WireError) {
                if let frame = try input.readFrame() {
                    input.discardReadBytes()
                    return frame
                }
            } catch {
                throw ClientError(.protocolError, "the service at `\(path)` sent a frame that is none: \(error)")
            }
            let count = input.writeWithUnsafeMutableBytes(minimumWritableBytes: 64 << 10) { space in
                max(0, receiveSome(from: socket, into: space))
            }
            if count == 0 {
                throw ClientError(.unreachable, "the service at `\(path)` closed the connection")
            }
        }
    }

    /// As `recv(2)`, again after a signal.
    private static func receiveSome(from socket: Int32, into space: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = recv(socket, space.baseAddress, space.count, 0)
            if count >= 0 || errno != EINTR { return count }
        }
    }

    private static func refusal(_ frame: Frame, _ path: String) -> ClientError {
        var body = frame.body
        guard frame.known == .error, let error = body.readError() else {
            return ClientError(.protocolError, "the service at `\(path)` answered with frame type \(frame.type)")
        }
        let kind: ClientError.Kind =
            switch error.code {
            case .roleRequired: .roleRequired
            case .proofRefused, .proofEnded: .proofRefused
            default: .protocolError
            }
        return ClientError(kind, error.message)
    }
}

/// Why there is no answer from the service.
package struct ClientError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        case unreachable
        case roleRequired
        /// A Kerberos ticket could not be had, or was not taken.
        case proofRefused
        case protocolError
    }

    package let kind: Kind
    package let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
