import NIOCore
import Testing

@testable import Wire

@Suite("Frames that arrive in pieces")
struct FrameSplittingTests {
    @Test(arguments: ["hello", "ask-batch", "answers-batch", "cover-last", "report", "watch", "ping"])
    func frameSplitAnywhereIsReadOnceItIsWhole(file: String) throws {
        let whole = try golden(file)
        var expected = whole
        let frame = try #require(try expected.readFrame())
        for split in 0..<whole.readableBytes {
            var arrived = whole.getSlice(at: 0, length: split)!
            #expect(try arrived.readFrame() == nil)
            #expect(arrived.readableBytes == split)
            arrived.writeImmutableBuffer(whole.getSlice(at: split, length: whole.readableBytes - split)!)
            #expect(try arrived.readFrame() == frame)
            #expect(arrived.readableBytes == 0)
        }
    }

    @Test func framesThatArriveTogetherAreReadOneByOne() throws {
        var bytes = ByteBuffer()
        for file in ["hello", "watch", "ask-read", "ask-batch"] { bytes.writeImmutableBuffer(try golden(file)) }
        bytes.writeInteger(UInt8(0))
        var types: [FrameType?] = []
        while let frame = try bytes.readFrame() { types.append(frame.known) }
        #expect(types == [.hello, .watch, .ask, .ask])
        #expect(bytes.readableBytes == 1)
    }

    @Test func questionCutOffAnywhereIsMalformed() throws {
        var bytes = try golden("ask-batch")
        let body = try #require(try bytes.readFrame()).body
        for length in 0..<body.readableBytes {
            let cut = body.getSlice(at: body.readerIndex, length: length)!
            #expect(code { () throws(WireError) in try cut.questions() } == .malformedBody, "cut after \(length)")
        }
    }

    @Test func answerCutOffAnywhereIsNone() throws {
        for file in ["answers-batch", "cover-first", "welcome", "error-version"] {
            var bytes = try golden(file)
            let body = try #require(try bytes.readFrame()).body
            for length in 0..<body.readableBytes {
                let cut = body.getSlice(at: body.readerIndex, length: length)!
                func isNone<Value>(_ read: (inout ByteBuffer) -> Value?) -> Bool {
                    var cut = cut
                    return read(&cut) == nil
                }
                switch file {
                case "answers-batch": #expect(isNone { $0.readAnswers() }, "cut after \(length)")
                case "cover-first": #expect(isNone { $0.readCoverPart() }, "cut after \(length)")
                case "welcome": #expect(isNone { $0.readWelcome() }, "cut after \(length)")
                default: #expect(isNone { $0.readError() }, "cut after \(length)")
                }
            }
        }
    }

    @Test(arguments: [0, 1, 524_288, 524_289, 3_000_000])
    func largeDocumentIsCutIntoFramesThatFit(length: Int) throws {
        let json = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        var bytes = written { $0.writeCommand(json, request: 5) }
        var assembled: [UInt8] = []
        var more = true
        while let frame = try bytes.readFrame() {
            #expect(more)
            #expect(frame.request == 5)
            more = frame.body.getInteger(at: frame.body.readerIndex, as: UInt8.self) == 1
            assembled += frame.body.readableBytesView.dropFirst()
        }
        #expect(!more)
        #expect(assembled == json)
    }

    @Test(arguments: [0, 1, 2, 1_000, 100_000])
    func largeCoverIsCutIntoPartsThatFit(count: Int) throws {
        let entries = (0..<count).map { CoverEntry.directory(id: UInt32($0), path: Array("/data/\($0)".utf8)) }
        var bytes = written { CoverMessage(version: 3, entries: entries).write(into: &$0, request: 2) }
        var parts: [CoverPart] = []
        while var frame = try bytes.readFrame() {
            let part = frame.body.readCoverPart()
            parts.append(try #require(part))
        }
        #expect(parts.flatMap(\.entries) == entries)
        #expect(parts.allSatisfy { $0.version == 3 })
        #expect(parts.map(\.isFirst) == parts.indices.map { $0 == 0 })
        #expect(parts.map(\.isLast) == parts.indices.map { $0 == parts.count - 1 })
    }

    @Test func frameOfTheLongestEntriesFits() throws {
        let longest = Array(repeating: UInt8(ascii: "d"), count: Int(UInt16.max))
        let entries = (0..<40).map { CoverEntry.directory(id: $0, path: longest) }
        var bytes = written { CoverMessage(version: 1, entries: entries).write(into: &$0, request: 2) }
        var read = 0
        while var frame = try bytes.readFrame() { read += frame.body.readCoverPart()?.entries.count ?? 0 }
        #expect(read == 40)
    }
}

@Suite("Texts on the wire")
struct WireTextTests {
    /// Text and how many bytes of it fit.
    @Test(arguments: [
        ("a", 65_535, 65_535), ("a", 65_536, 65_535), ("é", 32_767, 65_534), ("é", 32_768, 65_534),
        ("日", 21_845, 65_535), ("日", 21_846, 65_535), ("🙂", 16_384, 65_532), ("🙂", 20_000, 65_532),
    ])
    func textBeyondTheLengthFieldIsCutBetweenCharacters(character: String, count: Int, expected: Int) {
        let text = String(repeating: character, count: count)
        for var buffer in [written { $0.writeStr(text) }, written { $0.writeStr(Array(text.utf8)) }] {
            let read = buffer.readStr()
            #expect(read?.utf8.count == expected)
            #expect(read.map(text.hasPrefix) == true)
            #expect(buffer.readableBytes == 0)
        }
    }

    @Test func textThatIsNotUTF8IsNone() {
        var buffer = written { $0.writeStr([0x61, 0xFF] as [UInt8]) }
        #expect(buffer.readStr() == nil)
    }

    @Test func answerIsTurnedIntoADenialInPlace() throws {
        let answers = [
            Answer(.allow, .subscribed, policyVersion: 1, dataSource: "a"),
            Answer(.allow, .subscribed, wasCached: true, policyVersion: 1, age: 3, dataSource: "b"),
        ]
        var frames = SendBuffer(capacity: 16)
        let start = frames.beginAnswers(7, count: 2)
        let places = answers.map { frames.append($0) }
        frames.endFrame(at: start)
        frames.refuse(answerAt: places[1], because: .auditUnavailable)
        var denied = answers
        (denied[1].verdict, denied[1].reason) = (.deny, .auditUnavailable)
        #expect(try answersIn(frames) == denied)
    }

    @Test func framesTakeTheirPlaceBetweenOthers() throws {
        var frames = SendBuffer(capacity: 16)
        frames.append(written { $0.writeFrame(.pong, 1) })
        let place = frames.count
        frames.append(written { $0.writeFrame(.reportTaken, 2) })
        let answers = [Answer(.deny, .notSubscribed, policyVersion: 9, dataSource: "sales", message: "no")]
        frames.append(written { $0.writeAnswers(answers, request: 3) })
        let error = WireError(.unavailable, "send it again")
        frames.replace(frameAt: place, with: written { $0.writeError(error, for: 2) })
        var bytes = frames.withUnsafeBytes { ByteBuffer(bytes: $0) }
        #expect(try bytes.readFrame()?.known == .pong)
        let middle = try #require(try bytes.readFrame())
        #expect((middle.known, middle.request) == (.error, 2))
        var last = try #require(try bytes.readFrame())
        #expect(last.body.readAnswers() == answers)
        #expect(bytes.readableBytes == 0)
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 70_000])
    func textsOfAnAnswerAreCutBetweenCharacters(count: Int) throws {
        let text = String(String(repeating: "\u{00e4}\u{20ac}", count: count / 5 + 1).utf8.prefix(count)) ?? "\u{20ac}"
        var frames = SendBuffer()
        let start = frames.beginAnswers(7, count: 1)
        frames.append(Answer(.deny, .policy, policyVersion: 1, dataSource: text, message: text))
        frames.endFrame(at: start)
        let answer = try #require(try answersIn(frames).first)
        #expect(answer.dataSource == answer.message)
        #expect(text.hasPrefix(answer.message))
        #expect(min(text.utf8.count, 65_535) - answer.message.utf8.count < 3)
    }

    private func answersIn(_ frames: borrowing SendBuffer) throws -> [Answer] {
        var bytes = frames.withUnsafeBytes { ByteBuffer(bytes: $0) }
        var frame = try #require(try bytes.readFrame())
        #expect(bytes.readableBytes == 0)
        let answers = frame.body.readAnswers()
        return try #require(answers)
    }
}
