import Catalogue
import Decision
import Grants
import NIOCore

/// Where the fields of one question lie in the body of a frame. Nothing is copied.
package struct QuestionFields: Sendable, Equatable {
    package var operation: Operation
    package var principal: Range<Int>
    package var path: Range<Int>
    package var realUser: Range<Int>?
    /// Present exactly when the operation is ``Operation/move``.
    package var destination: Range<Int>?
    package var clientAddress: Range<Int>?
    package var callerContext: Range<Int>?
    /// The asker can tell the permissions, and asks again with them where it is told to.
    package var offersPermissions = false
    /// Of every component of the path: ``FieldReader/readPermissions(_:)``. Only of a ``Operation/read``.
    package var permissions: Range<Int>?
    /// Of the caller's delegation tokens, one after another; empty for a ``Operation/move``.
    package var handles: Range<Int> = 0..<0
}

/// Reads the fields of questions one after another from the body of a frame.
package struct FieldReader: Sendable {
    package private(set) var position: Int

    package init(at position: Int = 0) {
        self.position = position
    }

    package mutating func readUInt8(_ body: borrowing Span<UInt8>) throws(WireError) -> UInt8 {
        guard position < body.count else { throw Self.tooShort }
        defer { position += 1 }
        return body[position]
    }

    package mutating func readUInt16(_ body: borrowing Span<UInt8>) throws(WireError) -> UInt16 {
        guard position + 2 <= body.count else { throw Self.tooShort }
        defer { position += 2 }
        return UInt16(body[position]) << 8 | UInt16(body[position + 1])
    }

    package mutating func readUInt64(_ body: borrowing Span<UInt8>) throws(WireError) -> UInt64 {
        guard position + 8 <= body.count else { throw Self.tooShort }
        var value: UInt64 = 0
        for index in position..<position + 8 { value = value << 8 | UInt64(body[index]) }
        position += 8
        return value
    }

    package mutating func readStr(_ body: borrowing Span<UInt8>) throws(WireError) -> Range<Int> {
        let count = Int(try readUInt16(body))
        guard position + count <= body.count else { throw Self.tooShort }
        defer { position += count }
        return position..<position + count
    }

    package mutating func readQuestion(_ body: borrowing Span<UInt8>) throws(WireError) -> QuestionFields {
        let code = try readUInt8(body)
        guard let operation = Operation(rawValue: code) else {
            throw WireError(.malformedBody, "\(code) is no operation")
        }
        let flags = QuestionFlags(rawValue: try readUInt8(body))
        guard flags.isSubset(of: .all) else {
            throw WireError(.malformedBody, "the flags of a question are 0 to \(QuestionFlags.all.rawValue)")
        }
        guard flags.contains(.destination) == (operation == .move) else {
            throw WireError(.malformedBody, "a destination belongs to a move, and a move has one")
        }
        guard operation == .read || flags.isDisjoint(with: [.offersPermissions, .permissions]) else {
            throw WireError(.malformedBody, "permissions belong to a read")
        }
        guard operation != .move || !flags.contains(.handles) else {
            throw WireError(.malformedBody, "handles do not belong to a move")
        }
        let principal = try readStr(body)
        let path = try readStr(body)
        return QuestionFields(
            operation: operation, principal: principal, path: path,
            realUser: flags.contains(.realUser) ? try readStr(body) : nil,
            destination: flags.contains(.destination) ? try readStr(body) : nil,
            clientAddress: flags.contains(.clientAddress) ? try readStr(body) : nil,
            callerContext: flags.contains(.callerContext) ? try readStr(body) : nil,
            offersPermissions: flags.contains(.offersPermissions),
            permissions: flags.contains(.permissions) ? try skipPermissions(body) : nil,
            handles: flags.contains(.handles) ? try skipHandles(body) : 0..<0)
    }

    private mutating func skipHandles(_ body: borrowing Span<UInt8>) throws(WireError) -> Range<Int> {
        let count = Int(try readUInt8(body))
        guard (1...WireLimits.mostHandles).contains(count) else {
            throw WireError(.malformedBody, "a question has 1 to \(WireLimits.mostHandles) handles, not \(count)")
        }
        let start = position
        guard start + count * GrantHandle.byteCount <= body.count else { throw Self.tooShort }
        position = start + count * GrantHandle.byteCount
        return start..<position
    }

    /// - Throws: ``WireError`` unless everything was read.
    package func finish(_ body: borrowing Span<UInt8>) throws(WireError) {
        guard position == body.count else {
            throw WireError(.malformedBody, "\(body.count - position) bytes are left over at the end of the body")
        }
    }

    private static let tooShort = WireError(.malformedBody, "a field runs past the end of the body")
}

/// Which optional fields a question has.
struct QuestionFlags: OptionSet {
    let rawValue: UInt8
    static let realUser = QuestionFlags(rawValue: 1)
    static let destination = QuestionFlags(rawValue: 2)
    static let clientAddress = QuestionFlags(rawValue: 4)
    static let callerContext = QuestionFlags(rawValue: 8)
    static let offersPermissions = QuestionFlags(rawValue: 16)
    static let permissions = QuestionFlags(rawValue: 32)
    static let handles = QuestionFlags(rawValue: 64)
    static let all = QuestionFlags(rawValue: 127)
}

/// A question as a value: for clients and tests. The service reads ``QuestionFields`` in place instead.
package struct Question: Sendable, Equatable {
    package var operation: Operation
    package var principal: String
    package var path: String
    package var realUser: String?
    package var destination: String?
    package var clientAddress: String?
    package var callerContext: String?
    package var offersPermissions: Bool
    package var permissions: [InodePermission]?
    package var handles: [GrantHandle]

    package init(
        _ operation: Operation, principal: String, path: String, realUser: String? = nil, destination: String? = nil,
        clientAddress: String? = nil, callerContext: String? = nil, offersPermissions: Bool = false,
        permissions: [InodePermission]? = nil, handles: [GrantHandle] = []
    ) {
        self.operation = operation
        self.principal = principal
        self.path = path
        self.realUser = realUser
        self.destination = destination
        self.clientAddress = clientAddress
        self.callerContext = callerContext
        self.offersPermissions = offersPermissions
        self.permissions = permissions
        self.handles = handles
    }
}

extension ByteBuffer {
    package mutating func writeAsk(_ questions: [Question], request: RequestID) {
        writeFrame(.ask, request) { body in
            body.writeInteger(UInt16(questions.count))
            for question in questions { body.writeQuestion(question) }
        }
    }

    package mutating func writeQuestion(_ question: Question) {
        var flags: QuestionFlags = []
        if question.realUser != nil { flags.insert(.realUser) }
        if question.destination != nil { flags.insert(.destination) }
        if question.clientAddress != nil { flags.insert(.clientAddress) }
        if question.callerContext != nil { flags.insert(.callerContext) }
        if question.offersPermissions { flags.insert(.offersPermissions) }
        if question.permissions != nil { flags.insert(.permissions) }
        if !question.handles.isEmpty { flags.insert(.handles) }
        writeInteger(question.operation.rawValue)
        writeInteger(flags.rawValue)
        writeStr(question.principal)
        writeStr(question.path)
        for field in [question.realUser, question.destination, question.clientAddress, question.callerContext] {
            if let field { writeStr(field) }
        }
        if let permissions = question.permissions { writePermissions(permissions) }
        guard !question.handles.isEmpty else { return }
        writeInteger(UInt8(question.handles.count))
        for handle in question.handles { writeBytes(handle.bytes) }
    }
}
