import NIOCore

/// What the service says of a ticket that it has accepted.
package struct Proven: Sendable, Equatable {
    /// When the proof ends with its ticket, in milliseconds since 1970.
    package var end: Int64
    /// Who the client is, as the ticket has it.
    package var principal: String
    /// What proves the service to the client.
    package var reply: [UInt8]

    package init(end: Int64, principal: String, reply: [UInt8]) {
        self.end = end
        self.principal = principal
        self.reply = reply
    }
}

extension ByteBuffer {
    /// Asks for a challenge.
    package mutating func writeProve(request: RequestID) {
        writeFrame(.prove, request)
    }

    /// - Parameter challenge: ``WireLimits/challengeLength`` bytes.
    package mutating func writeChallenge(_ challenge: [UInt8], request: RequestID) {
        writeFrame(.challenge, request) { $0.writeBytes(challenge) }
    }

    /// Reads the body of a `challenge`; `nil` if it is not one.
    package mutating func readChallenge() -> [UInt8]? {
        guard readableBytes == WireLimits.challengeLength else { return nil }
        return readBytes(length: readableBytes)
    }

    package mutating func writeTicket(_ token: [UInt8], request: RequestID) {
        writeFrame(.ticket, request) { $0.writeBytes(token) }
    }

    /// Reads the body of a `ticket`.
    package mutating func readTicket() throws(WireError) -> [UInt8] {
        guard (1...WireLimits.longestTicket).contains(readableBytes), let token = readBytes(length: readableBytes)
        else {
            throw WireError(.malformedBody, "a ticket has 1 to \(WireLimits.longestTicket) bytes")
        }
        return token
    }

    package mutating func writeProven(_ proven: Proven, request: RequestID) {
        writeFrame(.proven, request) { body in
            body.writeInteger(proven.end)
            body.writeStr(proven.principal)
            body.writeBytes(proven.reply)
        }
    }

    /// Reads the body of a `proven`; `nil` if it is not one.
    package mutating func readProven() -> Proven? {
        guard let end = readInteger(as: Int64.self), let principal = readStr(),
            let reply = readBytes(length: readableBytes)
        else { return nil }
        return Proven(end: end, principal: principal, reply: reply)
    }
}
