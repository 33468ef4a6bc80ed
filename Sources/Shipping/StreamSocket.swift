import Foundation
import Glibc

/// A TCP connection of a thread that waits, but not beyond a deadline.
final class StreamSocket: Connection {
    private let target: String
    private let descriptor: Int32

    /// Connects.
    init(_ endpoint: Shipment.Endpoint, until deadline: Deadline) throws(SinkError) {
        target = "\(endpoint)"
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &found)
        guard code == 0, let first = found else {
            throw SinkError("\(endpoint.host): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(first) }
        var failure = SinkError("\(target): no address")
        for address in sequence(first: first, next: { $0.pointee.ai_next }) {
            do throws(SinkError) {
                descriptor = try Self.connect(address.pointee, target, until: deadline)
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }

    deinit {
        close(descriptor)
    }

    private static func connect(
        _ address: addrinfo, _ target: String, until deadline: Deadline
    ) throws(SinkError) -> Int32 {
        let kind = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, address.ai_protocol)
        guard descriptor >= 0 else { throw SinkError(call: "socket", target, code: errno) }
        do throws(SinkError) {
            if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
                guard errno == EINPROGRESS else { throw SinkError(call: "connect", target, code: errno) }
                try wait(descriptor, for: POLLOUT, target, until: deadline)
                var code: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
                guard code == 0 else { throw SinkError(call: "connect", target, code: code) }
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    var isOver: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) >= 0 || errno != EAGAIN
    }

    func send(_ data: Data, until deadline: Deadline) throws(SinkError) {
        var sent = 0
        while sent < data.count {
            let count = data.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try Self.wait(descriptor, for: POLLOUT, target, until: deadline)
            } else if errno != EINTR {
                throw SinkError(call: "send", target, code: errno)
            }
        }
    }

    var unacknowledged: Int {
        var bytes: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &bytes) == 0 ? Int(bytes) : 0
    }

    func receive(atMost limit: Int, until deadline: Deadline) throws(SinkError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = recv(descriptor, &buffer, limit, 0)
            if count >= 0 { return Array(buffer.prefix(count)) }
            if errno == EAGAIN {
                try Self.wait(descriptor, for: POLLIN, target, until: deadline)
            } else if errno != EINTR {
                throw SinkError(call: "recv", target, code: errno)
            }
        }
    }

    /// What has come already, at most so many bytes; empty at the end of the connection, `nil` if nothing has.
    func receiveNow(atMost limit: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return nil }
        return Array(buffer.prefix(max(0, count)))
    }

    private static func wait(
        _ descriptor: Int32, for event: Int32, _ target: String, until deadline: Deadline
    ) throws(SinkError) {
        var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            let count = Glibc.poll(&poll, 1, deadline.milliseconds)
            if count > 0 { return }
            if count == 0 { throw .timeout(target) }
            if errno != EINTR { throw SinkError(call: "poll", target, code: errno) }
        }
    }
}
