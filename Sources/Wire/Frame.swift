import NIOCore

/// The kinds of frame; `docs/wire.md` says what each holds.
package enum FrameType: UInt8, Sendable, CaseIterable {
    case hello = 0x01
    case welcome = 0x02
    case error = 0x03
    case ask = 0x10
    case answers = 0x11
    case watch = 0x20
    case cover = 0x21
    case coverTaken = 0x22
    case report = 0x30
    case reportTaken = 0x31
    case command = 0x40
    case result = 0x41
    case ping = 0x50
    case pong = 0x51
    case prove = 0x60
    case challenge = 0x61
    case ticket = 0x62
    case proven = 0x63
}

/// What holds for all frames of wire version 1.
package enum WireLimits {
    package static let version: UInt16 = 1
    /// The least value of a frame's length field: its type and request id.
    package static let leastFrameLength = 5
    /// The greatest value of a frame's length field, in bytes.
    package static let greatestFrameLength = 1 << 20
    package static let mostQuestions = 1_024
    package static let longestClientName = 256
    /// Of one question.
    package static let mostHandles = 8
    package static let longestPing = 64
    /// Bytes of a `challenge`.
    package static let challengeLength = 32
    /// In bytes; those of Active Directory name all groups of their user.
    package static let longestTicket = 128 << 10
    /// The greatest JSON document that a `command` may carry in its pieces, in bytes.
    package static let greatestCommand = 64 << 20
    /// The most bytes of a command of somebody who is no administrator.
    package static let greatestOwnCommand = 512 << 10
}

/// A request id: chosen by the client, repeated by every answer to it.
package typealias RequestID = UInt32

/// What every frame begins with: its length, its type and its request id.
package struct FrameHead: Sendable, Equatable {
    /// Bytes that it takes.
    package static let byteCount = 9

    /// Bytes of the whole frame, this head included.
    package let frameCount: Int
    /// As received: a type that is not known is the receiver's to answer.
    package let type: UInt8
    package let request: RequestID

    /// Reads the head of a frame that has arrived whole.
    ///
    /// - Parameter bytes: begin with a frame.
    /// - Returns: `nil` if the frame has not arrived whole yet.
    /// - Throws: ``WireError`` that ends the connection: a length that no frame has.
    package init?(_ bytes: borrowing Span<UInt8>) throws(WireError) {
        guard bytes.count >= 4 else { return nil }
        let length = Self.integer(bytes, at: 0)
        guard (WireLimits.leastFrameLength...WireLimits.greatestFrameLength).contains(Int(length)) else {
            throw WireError(frameLength: length)
        }
        frameCount = 4 + Int(length)
        guard bytes.count >= frameCount else { return nil }
        type = bytes[4]
        request = Self.integer(bytes, at: 5)
    }

    private static func integer(_ bytes: borrowing Span<UInt8>, at offset: Int) -> UInt32 {
        bytes.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    }
}

extension WireError {
    /// A frame's length field that no frame has.
    fileprivate init(frameLength length: UInt32) {
        self =
            length < WireLimits.leastFrameLength
            ? WireError(
                .malformedFrame, "a frame's length is at least \(WireLimits.leastFrameLength), not \(length)")
            : WireError(
                .frameTooLarge, "a frame's length is at most \(WireLimits.greatestFrameLength), not \(length)")
    }
}

/// One frame, its body still in the bytes it came in.
package struct Frame: Sendable, Equatable {
    /// As received: a type that is not known is the receiver's to answer.
    package var type: UInt8
    package var request: RequestID
    package var body: ByteBuffer

    package var known: FrameType? { FrameType(rawValue: type) }
}

extension ByteBuffer {
    /// Takes one whole frame off the front.
    ///
    /// - Returns: `nil` if the frame has not arrived whole yet.
    /// - Throws: ``WireError`` that ends the connection: a length that no frame has.
    package mutating func readFrame() throws(WireError) -> Frame? {
        guard let head = try FrameHead(readableBytesUInt8Span) else { return nil }
        moveReaderIndex(forwardBy: FrameHead.byteCount)
        let body = readSlice(length: head.frameCount - FrameHead.byteCount)!
        return Frame(type: head.type, request: head.request, body: body)
    }

    /// Writes a frame around what the closure writes.
    package mutating func writeFrame(
        _ type: FrameType, _ request: RequestID, _ body: (inout ByteBuffer) -> Void = { _ in }
    ) {
        let start = writerIndex
        writeInteger(UInt32(0))
        writeInteger(type.rawValue)
        writeInteger(request)
        body(&self)
        setInteger(UInt32(writerIndex - start - 4), at: start)
    }

    /// Writes a `str`; text beyond 65,535 bytes is cut off, before the character that does not fit whole.
    package mutating func writeStr(_ text: some BidirectionalCollection<UInt8>) {
        let count = text.count
        guard count > UInt16.max else {
            writeInteger(UInt16(count))
            writeBytes(text)
            return
        }
        var kept = text.prefix(Int(UInt16.max) + 1)
        while let last = kept.last, UTF8.isContinuation(last) { kept = kept.dropLast() }
        writeStr(kept.dropLast())
    }

    package mutating func writeStr(_ text: String) {
        let start = writerIndex
        writeInteger(UInt16(0))
        let count = writeString(text)
        guard count > UInt16.max else {
            setInteger(UInt16(count), at: start)
            return
        }
        moveWriterIndex(to: start)
        writeStr(Array(text.utf8))
    }

    /// Reads a `str` as bytes.
    mutating func readStrBytes() -> ByteBuffer? {
        guard let count = readInteger(as: UInt16.self) else { return nil }
        return readSlice(length: Int(count))
    }

    /// Reads a `str` as text; `nil` if it runs past the end or is not UTF-8.
    package mutating func readStr() -> String? {
        guard var bytes = readStrBytes() else { return nil }
        return try? bytes.readUTF8ValidatedString(length: bytes.readableBytes)
    }
}
