import NIOCore

/// The first frame of a client.
package struct Hello: Sendable, Equatable {
    package static let magic: UInt32 = 0x415A_5221

    package var lowestVersion: UInt16
    package var highestVersion: UInt16
    /// For the log only.
    package var clientName: String

    package init(
        lowestVersion: UInt16 = WireLimits.version, highestVersion: UInt16 = WireLimits.version, clientName: String
    ) {
        self.lowestVersion = lowestVersion
        self.highestVersion = highestVersion
        self.clientName = clientName
    }

    /// The version that both sides understand.
    ///
    /// - Throws: ``WireError`` in words if there is none.
    package func commonVersion() throws(WireError) -> UInt16 {
        guard lowestVersion <= WireLimits.version, highestVersion >= WireLimits.version else {
            throw WireError(
                .versionNotSupported,
                """
                this service speaks version \(WireLimits.version) of the wire, the client versions \
                \(lowestVersion) to \(highestVersion); install versions of both that fit
                """)
        }
        return WireLimits.version
    }
}

/// What a peer may do; the kernel's word on its uid and groups decides.
package struct Roles: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let namenode = Roles(rawValue: 1)
    package static let spark = Roles(rawValue: 2)
    package static let admin = Roles(rawValue: 4)
    package static let gateway = Roles(rawValue: 8)

    package var words: [String] {
        [(Roles.namenode, "namenode"), (.spark, "spark"), (.admin, "admin"), (.gateway, "gateway")]
            .filter { contains($0.0) }.map(\.1)
    }
}

/// The answer to ``Hello``.
package struct Welcome: Sendable, Equatable {
    package var version: UInt16
    package var greatestFrameLength: UInt32
    package var roles: Roles
    package var policyVersion: UInt64
    package var service: String

    package init(
        version: UInt16 = WireLimits.version, greatestFrameLength: UInt32 = UInt32(WireLimits.greatestFrameLength),
        roles: Roles, policyVersion: UInt64, service: String
    ) {
        self.version = version
        self.greatestFrameLength = greatestFrameLength
        self.roles = roles
        self.policyVersion = policyVersion
        self.service = service
    }
}

extension ByteBuffer {
    package mutating func writeHello(_ hello: Hello, request: RequestID = 0) {
        writeFrame(.hello, request) { body in
            body.writeInteger(Hello.magic)
            body.writeInteger(hello.lowestVersion)
            body.writeInteger(hello.highestVersion)
            body.writeStr(hello.clientName)
        }
    }

    /// Reads the body of a `hello`.
    package mutating func readHello() throws(WireError) -> Hello {
        guard readInteger(as: UInt32.self) == Hello.magic else {
            throw WireError(.malformedFrame, "a hello begins with the magic number 0x415A5221")
        }
        // The layout up to here holds for all versions; what follows the name may belong to a later one.
        guard let lowest = readInteger(as: UInt16.self), let highest = readInteger(as: UInt16.self),
            let name = readStr()
        else { throw WireError(.malformedFrame, "the hello ends before its client name does") }
        guard name.utf8.count <= WireLimits.longestClientName else {
            throw WireError(.malformedFrame, "a client's name has at most \(WireLimits.longestClientName) bytes")
        }
        return Hello(lowestVersion: lowest, highestVersion: highest, clientName: name)
    }

    package mutating func writeWelcome(_ welcome: Welcome, request: RequestID = 0) {
        writeFrame(.welcome, request) { body in
            body.writeInteger(welcome.version)
            body.writeInteger(welcome.greatestFrameLength)
            body.writeInteger(welcome.roles.rawValue)
            body.writeInteger(welcome.policyVersion)
            body.writeStr(welcome.service)
        }
    }

    /// Reads the body of a `welcome`; `nil` if it is not one.
    package mutating func readWelcome() -> Welcome? {
        guard let version = readInteger(as: UInt16.self), let greatest = readInteger(as: UInt32.self),
            let roles = readInteger(as: UInt8.self), let policyVersion = readInteger(as: UInt64.self),
            let service = readStr()
        else { return nil }
        return Welcome(
            version: version, greatestFrameLength: greatest, roles: Roles(rawValue: roles),
            policyVersion: policyVersion, service: service)
    }
}
