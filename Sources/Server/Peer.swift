import Glibc
import NIOCore
import Wire

/// The process at the other end of a connection, as the kernel knows it.
package struct Peer: Sendable, Equatable, CustomStringConvertible {
    package var processID: Int32
    package var userID: UInt32
    /// The effective and all supplementary groups when it connected.
    package var groupIDs: Set<UInt32>

    package init(processID: Int32, userID: UInt32, groupIDs: Set<UInt32>) {
        self.processID = processID
        self.userID = userID
        self.groupIDs = groupIDs
    }

    /// `struct ucred` of `unix(7)`, which the C library declares for GNU sources only.
    private struct Credential {
        var pid: pid_t = 0
        var uid: uid_t = 0
        var gid: gid_t = 0
    }

    /// Who connected to a Unix-domain socket: `SO_PEERCRED` and `SO_PEERGROUPS` of `unix(7)`.
    init(ofSocket socket: CInt) throws {
        var credential = Credential()
        var length = socklen_t(MemoryLayout<Credential>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credential, &length) == 0 else {
            throw SystemError(call: "getsockopt(SO_PEERCRED)", code: errno)
        }
        var groups = [gid_t](repeating: 0, count: 64)
        while true {
            length = socklen_t(groups.count * MemoryLayout<gid_t>.stride)
            if getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &groups, &length) == 0 { break }
            guard errno == ERANGE else { throw SystemError(call: "getsockopt(SO_PEERGROUPS)", code: errno) }
            groups = [gid_t](repeating: 0, count: Int(length) / MemoryLayout<gid_t>.stride)
        }
        let supplementary = groups.prefix(Int(length) / MemoryLayout<gid_t>.stride)
        self.init(
            processID: credential.pid, userID: credential.uid, groupIDs: Set(supplementary).union([credential.gid]))
    }

    package var description: String { "uid \(userID) pid \(processID)" }

    /// Who it is where nothing may be looked up: the uid.
    package var label: String { "uid \(userID)" }

    /// The name of the uid, where the system knows one. Looking it up may ask a directory over the network: never on the
    /// event loop.
    ///
    /// By the function of libc that several threads may call: the other one gives them one another's answers.
    package var name: String {
        var capacity = 1_024
        while capacity <= Self.longestEntry {
            let (code, name) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { space in
                var entry = passwd()
                var found: UnsafeMutablePointer<passwd>?
                let code = getpwuid_r(userID, &entry, space.baseAddress!, space.count, &found)
                return (code, found.map { String(cString: $0.pointee.pw_name) })
            }
            guard code == ERANGE else { return name ?? label }
            capacity *= 2
        }
        return label
    }

    /// Bytes of an entry of the system's users.
    private static let longestEntry = 1 << 20
}

/// A system call that failed.
struct SystemError: Error, CustomStringConvertible {
    var call: String
    var code: Int32

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// Which uids and groups have which role.
package struct RoleAssignments: Sendable, Equatable {
    /// The uids and group ids of one role.
    package struct Members: Sendable, Equatable {
        package var userIDs: Set<UInt32>
        package var groupIDs: Set<UInt32>

        package init(userIDs: Set<UInt32> = [], groupIDs: Set<UInt32> = []) {
            self.userIDs = userIDs
            self.groupIDs = groupIDs
        }

        func hold(_ peer: Peer) -> Bool {
            userIDs.contains(peer.userID) || !groupIDs.isDisjoint(with: peer.groupIDs)
        }
    }

    package var namenode: Members
    package var admin: Members
    package var gateway: Members

    package init(namenode: Members, admin: Members, gateway: Members = Members()) {
        self.namenode = namenode
        self.admin = admin
        self.gateway = gateway
    }

    /// What a peer may do. Every local user has the role `spark`, for itself.
    package func roles(of peer: Peer) -> Roles {
        var roles: Roles = .spark
        if namenode.hold(peer) { roles.insert(.namenode) }
        if admin.hold(peer) { roles.insert(.admin) }
        if gateway.hold(peer) { roles.insert(.gateway) }
        return roles
    }
}
