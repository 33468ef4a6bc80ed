import Crypto
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

    @Test func hashIsThatOfAnotherLibrary() {
        var random = RandomNumbers(for: "hashes")
        for length in Array(0...200) + [65_536] {
            let bytes = (0..<length).map { _ in UInt8(random.below(256)) }
            #expect(bytes.withUnsafeBytes { RecordHash(of: $0) }.bytes == Array(SHA256.hash(data: bytes)))
        }
    }

    @Test func emptyTextsAreTexts() {
        var encoder = RecordEncoder()
        encoder.begin(AuditHead(kind: .refusal, policyVersion: 1), sequence: 1, time: 0, previous: .none, unsynced: 0)
        for _ in AuditField.allCases { encoder.appendNothing() }
        encoder.end()
        #expect(decode(encoder.bytes)?.texts == Array(repeating: "", count: AuditField.allCases.count))
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
        let head = AuditHead(kind: .decision, policyVersion: 1, reporter: 1, reporterSequence: 1)
        encoder.begin(head, sequence: 1, time: 0, previous: .none, unsynced: 0)
        let long = Array(repeating: UInt8(ascii: "x"), count: 65_536)
        for _ in AuditField.allCases { encoder.append(text: long) }
        encoder.end()
        #expect(encoder.bytes.count == RecordLayout.frameBytes + RecordLayout.greatestPayload)
        #expect(decode(encoder.bytes) != nil)
    }

    @Test func bytesThatAreNotUTF8AreReadWithReplacements() {
        var encoder = RecordEncoder()
        encoder.begin(AuditHead(kind: .decision, policyVersion: 1), sequence: 1, time: 0, previous: .none, unsynced: 0)
        for _ in AuditField.allCases { encoder.append(text: [0x2F, 0xFF, 0x61]) }
        encoder.end()
        #expect(decode(encoder.bytes)?.path == "/\u{FFFD}a")
    }

    @Test func textsThatAreNotAppendedAreEmpty() {
        var encoder = RecordEncoder()
        encoder.begin(AuditHead(kind: .refusal, policyVersion: 1), sequence: 1, time: 0, previous: .none, unsynced: 0)
        encoder.append(text: Array("alice".utf8))
        encoder.end()
        #expect(decode(encoder.bytes)?.texts == ["alice"] + Array(repeating: "", count: AuditField.allCases.count - 1))
    }

    @Test func encoderGrowsWithWhatItHolds() {
        var encoder = RecordEncoder(capacity: 1)
        var expected: [UInt8] = []
        for sequence in 1...100 as ClosedRange<UInt64> {
            let written = record(sequence)
            encoder.begin(written.head, sequence: sequence, time: 1_000, previous: .none, unsynced: 0)
            for text in written.texts { encoder.append(text: Array(text.utf8)) }
            encoder.end()
            expected += written.encoded
        }
        #expect(encoder.bytes == expected)
    }

    @Test func recordHoldsTheHashOfTheOneBefore() throws {
        let first = record(1).encoded(after: .none)
        let second = record(2).encoded(after: first.hash, unsynced: 7)
        #expect(first.hash == first.bytes[8...].withUnsafeBytes { RecordHash(of: $0) })
        #expect(Array(second.bytes[8..<40]) == first.hash.bytes)
        #expect(first.hash != second.hash)
        guard case .record(let view) = RecordDecoder.decode(second.bytes.span) else {
            Issue.record("no record")
            return
        }
        #expect(view.unsynced == 7)
    }

    /// FIPS 180-4's example of one block.
    @Test func hashIsSHA256() {
        let hash = Array("abc".utf8).withUnsafeBytes { RecordHash(of: $0) }
        #expect("\(hash)" == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func recordOfVersion1IsRead() {
        var written = record(7)
        (written.grant, written.job, written.change) = ("", "", "")
        (written.head.reporter, written.head.reporterSequence) = (5, 6)
        let bytes = written.encodedAsVersion1
        guard case .record(let view) = RecordDecoder.decode(bytes.span, version: 1) else {
            Issue.record("no record")
            return
        }
        #expect(AuditRecord(view, in: bytes.span) == written)
        #expect(view.byteCount == bytes.count)
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
        #expect(AuditKind.allCases.map(\.rawValue) == Array(1...9))
        #expect(AuditKind(word: "none") == nil)
    }

    private func decode(_ bytes: [UInt8]) -> AuditRecord? {
        guard case .record(let view) = RecordDecoder.decode(bytes.span), view.byteCount == bytes.count else {
            return nil
        }
        return AuditRecord(view, in: bytes.span)
    }
}
