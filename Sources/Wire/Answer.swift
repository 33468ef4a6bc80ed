import Decision
import NIOCore

/// One answer as a value: for clients and tests.
package struct Answer: Sendable, Equatable {
    package var verdict: Verdict
    package var reason: Reason
    /// HDFS's own permissions must allow too.
    package var nativeToo: Bool
    package var wasCached: Bool
    /// Nothing was decided: ask the same again, with the permissions.
    package var wantsPermissions: Bool
    package var policyVersion: UInt64
    /// Milliseconds.
    package var age: UInt32
    package var dataSource: String
    package var message: String

    package init(
        _ verdict: Verdict, _ reason: Reason, nativeToo: Bool = false, wasCached: Bool = false,
        wantsPermissions: Bool = false, policyVersion: UInt64, age: UInt32 = 0, dataSource: String = "",
        message: String = ""
    ) {
        self.verdict = verdict
        self.reason = reason
        self.nativeToo = nativeToo
        self.wasCached = wasCached
        self.wantsPermissions = wantsPermissions
        self.policyVersion = policyVersion
        self.age = age
        self.dataSource = dataSource
        self.message = message
    }
}

/// Which answer flags are set on the wire.
package struct AnswerFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let nativeToo = AnswerFlags(rawValue: 1)
    package static let wasCached = AnswerFlags(rawValue: 2)
    package static let wantsPermissions = AnswerFlags(rawValue: 4)
}

extension ByteBuffer {
    package mutating func writeAnswers(_ answers: [Answer], request: RequestID) {
        var frames = SendBuffer()
        let start = frames.beginAnswers(request, count: UInt16(answers.count))
        for answer in answers { frames.append(answer) }
        frames.endFrame(at: start)
        frames.withUnsafeBytes { _ = writeBytes($0) }
    }

    /// Reads the body of an `answers` frame; `nil` if it is not one.
    package mutating func readAnswers() -> [Answer]? {
        guard let count = readInteger(as: UInt16.self) else { return nil }
        var answers: [Answer] = []
        for _ in 0..<count {
            guard
                let (verdict, reason, flags, _, version, age) = readMultipleIntegers(
                    as: (UInt8, UInt8, UInt8, UInt8, UInt64, UInt32).self),
                let verdict = Verdict(rawValue: verdict), let reason = Reason(rawValue: reason),
                let dataSource = readStr(), let message = readStr()
            else { return nil }
            let set = AnswerFlags(rawValue: flags)
            answers.append(
                Answer(
                    verdict, reason, nativeToo: set.contains(.nativeToo), wasCached: set.contains(.wasCached),
                    wantsPermissions: set.contains(.wantsPermissions), policyVersion: version, age: age,
                    dataSource: dataSource, message: message))
        }
        return readableBytes == 0 ? answers : nil
    }
}

extension SendBuffer {
    /// As ``appendAnswer(_:_:flags:policyVersion:age:dataSource:message:)``.
    @discardableResult
    package mutating func append(_ answer: Answer) -> Int {
        var flags: AnswerFlags = []
        if answer.nativeToo { flags.insert(.nativeToo) }
        if answer.wasCached { flags.insert(.wasCached) }
        if answer.wantsPermissions { flags.insert(.wantsPermissions) }
        let (dataSource, message) = (Array(answer.dataSource.utf8), Array(answer.message.utf8))
        return appendAnswer(
            answer.verdict, answer.reason, flags: flags, policyVersion: answer.policyVersion, age: answer.age,
            dataSource: dataSource.span, message: message.span)
    }
}
