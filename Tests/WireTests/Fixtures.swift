import Decision
import Foundation
import Grants
import NIOCore

@testable import Wire

/// The bytes of a golden file: hexadecimal, white space ignored, `#` to the end of the line a comment.
func golden(_ name: String, filePath: String = #filePath) throws -> ByteBuffer {
    let tests = URL(fileURLWithPath: filePath).deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: tests.appending(path: "Golden/wire/\(name).hex"), encoding: .utf8)
    let digits = text.split(separator: "\n").flatMap { $0.prefix { $0 != "#" }.split(separator: " ") }
    return ByteBuffer(bytes: digits.map { UInt8($0, radix: 16)! })
}

/// What the closure writes.
func written(_ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
    var buffer = ByteBuffer()
    write(&buffer)
    return buffer
}

extension ByteBuffer {
    /// The questions of the body of an `ask`, read as the service reads them.
    func questions() throws(WireError) -> [Question] {
        let span = readableBytesUInt8Span
        var reader = FieldReader()
        let count = try reader.readUInt16(span)
        var questions: [Question] = []
        for _ in 0..<count { questions.append(question(try reader.readQuestion(span))) }
        try reader.finish(span)
        return questions
    }

    /// The head and the events of the body of a `report`, each event with its question.
    func report() throws(WireError) -> (head: ReportHead, events: [(ReportedEvent, Question)]) {
        let span = readableBytesUInt8Span
        var reader = FieldReader()
        let head = try reader.readReportHead(span)
        var events: [(ReportedEvent, Question)] = []
        for _ in 0..<head.count {
            let event = try reader.readReportedEvent(span)
            events.append((event, question(event.question)))
        }
        try reader.finish(span)
        return (head, events)
    }

    private func question(_ fields: QuestionFields) -> Question {
        let bytes = Array(readableBytesView)
        func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: bytes[$0], as: UTF8.self) } }
        return Question(
            fields.operation, principal: text(fields.principal) ?? "", path: text(fields.path) ?? "",
            realUser: text(fields.realUser), destination: text(fields.destination),
            clientAddress: text(fields.clientAddress), callerContext: text(fields.callerContext),
            offersPermissions: fields.offersPermissions,
            permissions: fields.permissions.map { range in
                var reader = FieldReader(at: range.lowerBound)
                return (try? reader.readPermissions(readableBytesUInt8Span)) ?? []
            },
            handles: stride(from: fields.handles.lowerBound, to: fields.handles.upperBound, by: GrantHandle.byteCount)
                .map { GrantHandle(bytes.span, at: $0) })
    }
}

/// The code of the wire error that the body throws.
func code<Value>(of body: () throws(WireError) -> Value) -> WireError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}
