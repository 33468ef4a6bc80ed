import Foundation
import Glibc

/// The Unix-domain socket on which the service listens: made with its owner and mode, or taken over from systemd.
package struct SocketListener: Sendable {
    package struct Options: Sendable, Equatable {
        package var path: String
        /// `nil` leaves the owner as it is.
        package var ownerID: UInt32?
        package var groupID: UInt32?
        /// Permission bits.
        package var mode: UInt32

        package init(path: String, ownerID: UInt32? = nil, groupID: UInt32? = nil, mode: UInt32 = 0o660) {
            self.path = path
            self.ownerID = ownerID
            self.groupID = groupID
            self.mode = mode
        }
    }

    /// The longest path of a socket, in bytes: `sun_path` of `unix(7)` without its terminator.
    package static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Bound, and listening or ready to.
    package let descriptor: Int32
    /// What to remove at the end; `nil` for a socket of systemd's.
    private let made: (path: String, inode: UInt)?

    /// Takes over a socket that systemd passed (`sd_listen_fds(3)`), or makes one.
    ///
    /// - Parameter environment: where `LISTEN_PID` and `LISTEN_FDS` are looked for.
    /// - Throws: ``SocketError``: the path is taken by something that is no socket, or by a service that is alive.
    package init(
        _ options: Options, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(SocketError) {
        if let passed = try Self.passedDescriptor(environment) {
            descriptor = passed
            made = nil
            return
        }
        try Self.makeRoom(at: options.path)
        descriptor = try Self.bind(options)
        var status = stat()
        lstat(options.path, &status)
        made = (options.path, status.st_ino)
    }

    /// Removes the socket file, if it is still the one that was made.
    package func remove() {
        guard let made else { return }
        var status = stat()
        guard lstat(made.path, &status) == 0, status.st_ino == made.inode else { return }
        unlink(made.path)
    }

    private static func passedDescriptor(_ environment: [String: String]) throws(SocketError) -> Int32? {
        guard let pid = environment["LISTEN_PID"], pid == String(getpid()) else { return nil }
        let count = environment["LISTEN_FDS"].flatMap { Int($0) } ?? 0
        guard count == 1 else {
            throw SocketError("systemd passed \(count) sockets; the .socket unit must have exactly one ListenStream=")
        }
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let first: Int32 = 3
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(first, $0, &length) }
        }
        guard result == 0, Int32(address.ss_family) == AF_UNIX else {
            throw SocketError("what systemd passed is no Unix-domain socket; ListenStream= must name a path")
        }
        return first
    }

    /// Makes sure that nothing is at the path: removes a socket that nobody listens on.
    private static func makeRoom(at path: String) throws(SocketError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw SocketError("socket `\(path)`: \(String(cString: strerror(errno)))") }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a file that is no socket"
            throw SocketError("socket `\(path)` is \(kind); name another path in `socket.path`, or remove it")
        }
        guard try !isAlive(path) else {
            throw SocketError(
                "a service is listening on `\(path)` already; stop it first, or name another path in `socket.path`")
        }
        guard unlink(path) == 0 else {
            throw SocketError("cannot remove the stale socket `\(path)`: \(String(cString: strerror(errno)))")
        }
    }

    private static func isAlive(_ path: String) throws(SocketError) -> Bool {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(probe) }
        if try withAddress(path, { connect(probe, $0, $1) }) == 0 { return true }
        // A full backlog or a socket of somebody else's is a sign of life too.
        return errno != ECONNREFUSED
    }

    private static func bind(_ options: Options) throws(SocketError) -> Int32 {
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // Nobody may connect before the owner and the mode are right.
        let mask = umask(0o777)
        let result = try withAddress(options.path) { Glibc.bind(made, $0, $1) }
        let code = errno
        umask(mask)
        guard result == 0 else {
            close(made)
            throw SocketError("cannot make the socket `\(options.path)`: \(String(cString: strerror(code)))")
        }
        let unchanged = UInt32.max
        guard chown(options.path, options.ownerID ?? unchanged, options.groupID ?? unchanged) == 0,
            chmod(options.path, options.mode) == 0
        else {
            let code = errno
            unlink(options.path)
            close(made)
            throw SocketError(
                "cannot give the socket `\(options.path)` its owner and mode: \(String(cString: strerror(code)))")
        }
        return made
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SocketError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= longestPath else {
            throw SocketError("the socket's path has \(bytes.count) bytes, the system takes at most \(longestPath)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// Why the service cannot listen.
package struct SocketError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
