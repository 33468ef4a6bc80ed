import Decision
import NIOCore

/// One answer as a value: for clients and tests.
package struct Answer: Sendable, Equatable {
    package var verdict: Verdict
    package var reason: Reason
    /// HDFS's own permissions must allow too.
    package var nativeToo: Bool
    package var wasCached: Bool
    package var policyVersion: UInt64
    /// Milliseconds.
    package var age: UInt32
    package var dataSource: String
    package var message: String

    package init(
        _ verdict: Verdict, _ reason: Reason, nativeToo: Bool = false, wasCached: Bool = false, policyVersion: UInt64,
        age: UInt32 = 0, dataSource: String = "", message: String = ""
    ) {
        self.verdict = verdict
        self.reason = reason
        self.nativeToo = nativeToo
        self.wasCached = wasCached
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
}

extension ByteBuffer {
    /// Writes one answer of an `answers` frame.
    ///
    /// - Returns: where it begins, for ``refuse(answerAt:because:)``.
    @discardableResult
    package mutating func writeAnswer(
        _ verdict: Verdict, _ reason: Reason, flags: AnswerFlags, policyVersion: UInt64, age: UInt32,
        dataSource: [UInt8], message: [UInt8]
    ) -> Int {
        let start = writerIndex
        guard dataSource.count <= UInt16.max, message.count <= UInt16.max else {
            return writeAnswer(
                verdict, reason, flags: flags, policyVersion: policyVersion, age: age,
                dataSource: Self.cut(dataSource), message: Self.cut(message))
        }
        // In one go: each write of its own to a buffer costs as much as all of this.
        let length = Self.fixedAnswerBytes + dataSource.count + message.count
        writeWithUnsafeMutableBytes(minimumWritableBytes: length) { raw in
            raw[0] = verdict.rawValue
            raw[1] = reason.rawValue
            raw[2] = flags.rawValue
            raw[3] = 0
            raw.storeBytes(of: policyVersion.bigEndian, toByteOffset: 4, as: UInt64.self)
            raw.storeBytes(of: age.bigEndian, toByteOffset: 12, as: UInt32.self)
            Self.storeStr(dataSource, in: raw, at: 16)
            Self.storeStr(message, in: raw, at: 18 + dataSource.count)
            return length
        }
        return start
    }

    private static func storeStr(_ text: [UInt8], in raw: UnsafeMutableRawBufferPointer, at offset: Int) {
        raw.storeBytes(of: UInt16(text.count).bigEndian, toByteOffset: offset, as: UInt16.self)
        raw[(offset + 2)...].copyBytes(from: text)
    }

    /// The bytes of an answer without its texts.
    private static let fixedAnswerBytes = 20

    /// Turns an answer that was written, but not sent, into a denial, unless it is one already.
    package mutating func refuse(answerAt index: Int, because reason: Reason) {
        guard getInteger(at: index, as: UInt8.self) != Verdict.deny.rawValue else { return }
        setInteger(Verdict.deny.rawValue, at: index)
        setInteger(reason.rawValue, at: index + 1)
    }

    package mutating func writeAnswers(_ answers: [Answer], request: RequestID) {
        writeFrame(.answers, request) { body in
            body.writeInteger(UInt16(answers.count))
            for answer in answers {
                var flags: AnswerFlags = []
                if answer.nativeToo { flags.insert(.nativeToo) }
                if answer.wasCached { flags.insert(.wasCached) }
                body.writeAnswer(
                    answer.verdict, answer.reason, flags: flags, policyVersion: answer.policyVersion, age: answer.age,
                    dataSource: Array(answer.dataSource.utf8), message: Array(answer.message.utf8))
            }
        }
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
                    policyVersion: version, age: age, dataSource: dataSource, message: message))
        }
        return readableBytes == 0 ? answers : nil
    }
}
