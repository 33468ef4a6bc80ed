import NIOCore
import RandomNumbers
import Testing

@testable import Wire

@Suite("Readers and random bytes")
struct FuzzTests {
    private static let files = [
        "hello", "welcome", "error-version", "ask-read", "ask-batch", "answers-batch", "cover-first", "cover-last",
        "report", "ask-permissions", "ask-handles", "command", "result-item", "ping", "malformed-body-short",
        "malformed-truncated",
    ]

    /// 100,000 inputs, most of them golden frames with a few bytes changed: each reader ends, and reads no more than
    /// there is.
    @Test func readersSurviveAnyBytes() throws {
        var random = RandomNumbers(for: "wire")
        let frames = try Self.files.map { Array(try golden($0).readableBytesView) }
        for _ in 0..<100_000 {
            let bytes = random.mutated(frames)
            let buffer = ByteBuffer(bytes: bytes)
            var rest = buffer
            readFrames(&rest)
            // Bodies as they come, without the head that few mutations leave whole.
            var body = buffer
            body.moveReaderIndex(forwardBy: min(9, body.readableBytes))
            readAnyhow(body.slice())
            #expect(rest.readerIndex <= bytes.count, "seed \(random.seed)")
        }
    }

    private func readFrames(_ bytes: inout ByteBuffer) {
        while let frame = try? bytes.readFrame() { readAnyhow(frame.body) }
    }

    private func readAnyhow(_ body: ByteBuffer) {
        var copies = (body, body, body, body, body)
        _ = try? copies.0.readHello()
        _ = copies.1.readWelcome()
        _ = copies.2.readError()
        _ = copies.3.readAnswers()
        _ = copies.4.readCoverPart()
        _ = try? body.questions()
        _ = try? body.report()
    }
}

extension RandomNumbers {
    /// One of the frames with a few bytes changed, cut off or put in, or nothing but random bytes.
    fileprivate mutating func mutated(_ frames: [[UInt8]]) -> [UInt8] {
        if chance(10) { return bytes(upTo: 64) }
        var bytes = one(of: frames)
        for _ in 0..<below(4) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(4) {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &self), at: place)
            case 2: bytes[place] = one(of: [0, 1, 0x7F, 0x80, 0xFF])
            default: bytes[place] = UInt8.random(in: 0...255, using: &self)
            }
        }
        return bytes
    }
}
