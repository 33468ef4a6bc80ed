import Decision
import NIOCore
import Testing

@testable import Wire

@Suite("Malformed frames")
struct MalformedFrameTests {
    @Test(arguments: [
        ("malformed-length", WireError.Code.malformedFrame), ("malformed-oversized", .frameTooLarge),
    ])
    func impossibleLengthEndsTheConnection(file: String, expected: WireError.Code) throws {
        var bytes = try golden(file)
        #expect(code { () throws(WireError) in try bytes.readFrame() } == expected)
        #expect(expected.endsConnection)
    }

    @Test(arguments: [0, 1, 2, 3, 4, (1 << 20) + 1, UInt32.max] as [UInt32])
    func lengthIsRefusedBeforeAnyBodyArrives(length: UInt32) {
        var bytes = ByteBuffer(integer: length)
        let expected: WireError.Code = length < 5 ? .malformedFrame : .frameTooLarge
        #expect(code { () throws(WireError) in try bytes.readFrame() } == expected)
    }

    @Test(arguments: [5, 1 << 20])
    func leastAndGreatestLengthAreRead(length: Int) throws {
        var bytes = ByteBuffer(integer: UInt32(length))
        bytes.writeRepeatingByte(0x50, count: length)
        let frame = try #require(try bytes.readFrame())
        #expect(frame.body.readableBytes == length - 5)
        #expect(bytes.readableBytes == 0)
    }

    @Test func wrongMagicEndsTheConnection() throws {
        var bytes = try golden("malformed-magic")
        var body = try #require(try bytes.readFrame()).body
        #expect(code { () throws(WireError) in try body.readHello() } == .malformedFrame)
    }

    @Test func truncatedFrameNeverArrives() throws {
        var bytes = try golden("malformed-truncated")
        let length = bytes.readableBytes
        #expect(try bytes.readFrame() == nil)
        #expect(bytes.readableBytes == length)
    }

    @Test func unknownTypeIsTheReceiversToAnswer() throws {
        var bytes = try golden("malformed-type")
        let frame = try #require(try bytes.readFrame())
        #expect(frame.known == nil)
        #expect(frame.type == 0x7F)
        #expect(frame.request == 14)
    }

    @Test(arguments: ["short", "long", "flags", "move", "read", "operation", "permissions", "traverse"])
    func malformedQuestionLeavesTheConnectionOpen(file: String) throws {
        var bytes = try golden("malformed-body-\(file)")
        let body = try #require(try bytes.readFrame()).body
        #expect(code { () throws(WireError) in try body.questions() } == .malformedBody)
        #expect(!WireError.Code.malformedBody.endsConnection)
    }

    @Test(arguments: [1_025, UInt16.max] as [UInt16])
    func reportOfTooManyEventsIsMalformed(count: UInt16) {
        let body = reportHead(first: 0, count: count)
        #expect(code { () throws(WireError) in try body.report() } == .malformedBody)
    }

    @Test(arguments: [(UInt64.max, 1), (.max - 1_023, 1_024)] as [(UInt64, UInt16)])
    func reportWhoseEventsCannotBeNumberedIsMalformed(first: UInt64, count: UInt16) {
        var reader = FieldReader()
        let body = reportHead(first: first, count: count)
        #expect(
            code { () throws(WireError) in try reader.readReportHead(body.readableBytesUInt8Span) } == .malformedBody)
    }

    /// Decision, reason and failure mode, one of them none.
    @Test(
        arguments: [[0, 1, 1], [4, 1, 1], [1, 0, 1], [1, 22, 1], [1, 1, 0], [1, 1, 4], [1, 20, 0]] as [[UInt8]])
    func reportedEventOfAnUnknownCodeIsMalformed(codes: [UInt8]) {
        var body = reportHead(first: 1, count: 1)
        body.writeInteger(UInt64(0))
        body.writeBytes(codes)
        body.writeQuestion(Question(.read, principal: "alice", path: "/a"))
        #expect(code { () throws(WireError) in try body.report() } == .malformedBody)
    }

    @Test func helloEndsWithinItsNameOrNamesNobodyInTextIsMalformed() throws {
        let whole = written { $0.writeHello(Hello(clientName: "client")) }
        var body = whole.getSlice(at: 9, length: whole.readableBytes - 9)!
        for length in 0..<body.readableBytes {
            var cut = body.getSlice(at: 0, length: length)!
            #expect(code { () throws(WireError) in try cut.readHello() } == .malformedFrame)
        }
        body.setInteger(UInt8(0xFF), at: body.readableBytes - 1)
        #expect(code { () throws(WireError) in try body.readHello() } == .malformedFrame)
    }

    @Test(arguments: [(256, nil), (257, WireError.Code.malformedFrame)] as [(Int, WireError.Code?)])
    func clientNameHasAtMost256Bytes(length: Int, expected: WireError.Code?) throws {
        var bytes = written { $0.writeHello(Hello(clientName: String(repeating: "n", count: length))) }
        var body = try #require(try bytes.readFrame()).body
        #expect(code { () throws(WireError) in try body.readHello() } == expected)
    }

    /// A later version may have more to say in its hello.
    @Test func helloMayBeLongerThanThisVersionKnows() throws {
        var bytes = written { $0.writeHello(Hello(lowestVersion: 1, highestVersion: 3, clientName: "later")) }
        var body = try #require(try bytes.readFrame()).body
        body.writeString("more")
        #expect(try body.readHello().clientName == "later")
    }

    @Test(
        arguments: [
            (1, 1, 1), (0, 1, 1), (1, 9, 1), (0, UInt16.max, 1), (2, 3, nil), (0, 0, nil), (99, 99, nil), (2, 0, nil),
            (1, 0, nil),
        ] as [(UInt16, UInt16, UInt16?)])
    func commonVersionIsTheHighestThatBothUnderstand(lowest: UInt16, highest: UInt16, expected: UInt16?) {
        let hello = Hello(lowestVersion: lowest, highestVersion: highest, clientName: "")
        #expect((try? hello.commonVersion()) == expected)
    }

    private func reportHead(first: UInt64, count: UInt16) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(UInt64(1), first, UInt64(0), count)
        return body
    }
}

@Suite("Codes of the wire")
struct WireCodeTests {
    @Test func errorCodesAreThoseOfTheDocument() {
        #expect(WireError.Code.allCases.map(\.rawValue) == Array(1...11))
        #expect(WireError.Code.allCases.filter(\.endsConnection).map(\.rawValue) == [1, 2, 3, 5, 8, 11])
        #expect(
            WireError.Code.allCases.map(\.word) == [
                "version-not-supported", "malformed-frame", "frame-too-large", "unknown-type", "hello-expected",
                "role-required", "malformed-body", "shutting-down", "unavailable",
                "proof-refused", "proof-ended",
            ])
    }

    @Test func frameTypesAreThoseOfTheDocument() {
        #expect(
            FrameType.allCases.map(\.rawValue) == [
                0x01, 0x02, 0x03, 0x10, 0x11, 0x20, 0x21, 0x22, 0x30, 0x31, 0x40, 0x41, 0x50, 0x51, 0x60, 0x61, 0x62,
                0x63,
            ])
    }

    @Test func failureModesAreThoseOfTheDocument() {
        #expect(FailureMode.allCases.map(\.rawValue) == [1, 2, 3])
        #expect(FailureMode.allCases.map(\.word) == ["deny", "stale", "native"])
    }

    @Test func errorOfAnUnknownCodeReadsAsUnavailable() {
        var body = ByteBuffer()
        body.writeMultipleIntegers(UInt16(500), UInt8(0))
        body.writeStr("from the future")
        #expect(body.readError() == WireError(.unavailable, "from the future"))
    }
}
