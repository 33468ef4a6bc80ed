import NIOCore

/// What went wrong on the wire, in a code for programs and in words for people.
package struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: UInt16, Sendable, CaseIterable {
        case versionNotSupported = 1
        case malformedFrame = 2
        case frameTooLarge = 3
        case unknownType = 4
        case helloExpected = 5
        case roleRequired = 6
        case malformedBody = 7
        case shuttingDown = 8
        case unavailable = 9
        case proofRefused = 10
        case proofEnded = 11

        /// Whether the connection cannot go on after it.
        package var endsConnection: Bool {
            switch self {
            case .versionNotSupported, .malformedFrame, .frameTooLarge, .helloExpected, .shuttingDown, .proofEnded: true
            case .unknownType, .roleRequired, .malformedBody, .unavailable, .proofRefused: false
            }
        }

        package var word: String {
            switch self {
            case .versionNotSupported: "version-not-supported"
            case .malformedFrame: "malformed-frame"
            case .frameTooLarge: "frame-too-large"
            case .unknownType: "unknown-type"
            case .helloExpected: "hello-expected"
            case .roleRequired: "role-required"
            case .malformedBody: "malformed-body"
            case .shuttingDown: "shutting-down"
            case .unavailable: "unavailable"
            case .proofRefused: "proof-refused"
            case .proofEnded: "proof-ended"
            }
        }
    }

    package var code: Code
    package var message: String

    /// Whether a well-formed frame asked for what its sender may not have.
    package var isRefusal: Bool {
        switch code {
        case .roleRequired, .proofRefused, .proofEnded: true
        default: false
        }
    }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.word): \(message)" }
}

extension ByteBuffer {
    package mutating func writeError(_ error: WireError, for request: RequestID) {
        writeFrame(.error, request) { body in
            body.writeInteger(error.code.rawValue)
            body.writeInteger(UInt8(error.code.endsConnection ? 1 : 0))
            body.writeStr(error.message)
        }
    }

    /// Reads the body of an `error` frame; `nil` if it is not one. A code that is not known reads as `unavailable`.
    package mutating func readError() -> WireError? {
        guard let code = readInteger(as: UInt16.self), readInteger(as: UInt8.self) != nil, let message = readStr()
        else { return nil }
        return WireError(WireError.Code(rawValue: code) ?? .unavailable, message)
    }
}
