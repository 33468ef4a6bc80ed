import Decision
import RandomNumbers
import Testing

@testable import Audit

@Suite("Records in bytes")
struct RecordCodingTests {
    @Test func recordIsReadAsItWasWritten() {
        var written = record(7, time: 1_700_000_000_123)
        (written.head.reporter, written.head.reporterSequence) = (.max, .max - 1)
        #expect(decode(written.encoded) == written)
    }

    @Test(arguments: AuditKind.allCases)
    func kindOfARecordIsKept(kind: AuditKind) {
        var written = record(1)
        written.head = AuditHead(kind: kind, policyVersion: .max)
        #expect(decode(written.encoded) == written)
    }

    @Test func everyCodeOfADecisionIsKept() {
        for operation in Operation.allCases {
            for verdict in Verdict.allCases {
                for reason in Reason.allCases {
                    var written = record(1)
                    (written.head.operation, written.head.verdict, written.head.reason) = (operation, verdict, reason)
                    #expect(decode(written.encoded) == written)
                }
            }
        }
    }

    @Test func emptyTextsAreTexts() {
        var encoder = RecordEncoder()
        encoder.begin(AuditHead(kind: .refusal, policyVersion: 1), sequence: 1, time: 0)
        for _ in AuditField.allCases { encoder.appendNothing() }
        encoder.end()
        #expect(decode(encoder.bytes)?.texts == Array(repeating: "", count: 10))
    }

    @Test func longTextsAreCutAndEveryFieldStaysInItsPlace() {
        let long = String(repeating: "x", count: 70_000)
        var written = record(1)
        (written.principal, written.path, written.detail) = (long, long, long)
        let read = decode(written.encoded)
        #expect(read?.principal.utf8.count == 65_535)
        #expect(read?.path.utf8.count == 65_535)
        #expect(read?.detail.utf8.count == 65_535)
        #expect(read?.shortName == "alice")
        #expect(read?.callerContext == "CLI")
    }

    @Test func longestRecordIsNoDamage() {
        var encoder = RecordEncoder()
        encoder.begin(AuditHead(kind: .decision, policyVersion: 1), sequence: 1, time: 0)
        let long = Array(repeating: UInt8(ascii: "x"), count: 65_536)
        for _ in AuditField.allCases { encoder.append(text: long) }
        encoder.end()
        #expect(encoder.bytes.count == RecordLayout.frameBytes + RecordLayout.greatestPayload)
        #expect(decode(encoder.bytes) != nil)
    }

    @Test func bytesThatAreNotUTF8AreReadWithReplacements() {
        var encoder = RecordEncoder()
        encoder.begin(AuditHead(kind: .decision, policyVersion: 1), sequence: 1, time: 0)
        for _ in AuditField.allCases { encoder.append(text: [0x2F, 0xFF, 0x61]) }
        encoder.end()
        #expect(decode(encoder.bytes)?.path == "/\u{FFFD}a")
    }

    @Test func recordCutOffAnywhereIsIncomplete() {
        let bytes = record(3).encoded
        for count in bytes.indices {
            let part = Array(bytes.prefix(count))
            guard case .incomplete = RecordDecoder.decode(part.span) else {
                Issue.record("\(count) bytes")
                continue
            }
        }
    }

    @Test func anyBitThatFlipsIsSeen() {
        let bytes = record(3).encoded
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                if case .record = RecordDecoder.decode(damaged.span) { Issue.record("bit \(bit) of byte \(index)") }
            }
        }
    }

    @Test func recordsFollowOneAnother() {
        let bytes = record(1).encoded + record(2, path: "/b").encoded
        guard case .record(let first) = RecordDecoder.decode(bytes.span),
            case .record(let second) = RecordDecoder.decode(bytes.span, at: first.byteCount)
        else {
            Issue.record("no record")
            return
        }
        #expect(AuditRecord(first, in: bytes.span) == record(1))
        #expect(AuditRecord(second, in: bytes.span) == record(2, path: "/b"))
    }

    @Test func randomBytesAreNoRecord() {
        var random = RandomNumbers(for: "records")
        for _ in 0..<10_000 {
            let bytes = random.bytes(upTo: 200)
            if case .record = RecordDecoder.decode(bytes.span) {
                Issue.record("seed \(random.seed)")
            }
        }
    }

    @Test func wordsOfKindsReadBack() {
        for kind in AuditKind.allCases { #expect(AuditKind(word: kind.word) == kind) }
        #expect(AuditKind.allCases.map(\.rawValue) == [1, 2, 3, 4, 5])
        #expect(AuditKind(word: "none") == nil)
    }

    private func decode(_ bytes: [UInt8]) -> AuditRecord? {
        guard case .record(let view) = RecordDecoder.decode(bytes.span), view.byteCount == bytes.count else {
            return nil
        }
        return AuditRecord(view, in: bytes.span)
    }
}
