import Decision
import Foundation
import Logging
import Synchronization
import Testing

@testable import Audit
@testable import Shipping

@Suite("Shipping of audit records")
struct ShippingTests {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "shipping-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { directory.appending(path: name).path }

    private func record(_ sequence: UInt64, path: String = "/data/a") -> AuditRecord {
        AuditRecord(
            sequence: sequence, time: 1_700_000_000_123,
            head: AuditHead(
                kind: .decision, operation: .read, verdict: .deny, reason: .notSubscribed, policyVersion: 4),
            principal: "alice@R", shortName: "", user: "", realUser: "", path: path, destination: "", dataSource: "",
            clientAddress: "", callerContext: "", detail: "")
    }

    private func lines(_ name: String) throws -> [String] {
        try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private let soon = Deadline(seconds: 60)

    @Test func fileGetsALineForEachRecord() throws {
        let sink = FileSink(path: path("audit.jsonl"))
        try sink.deliver([record(1), record(2)], until: soon)
        try sink.deliver([record(3)], until: soon)
        let line = #"""
            {"decision":"deny","kind":"decision","operation":"read","path":"/data/a","policyVersion":4,\#
            "principal":"alice@R","reason":"not-subscribed","sequence":1,"time":"2023-11-14T22:13:20.123Z"}
            """#
        let written = try lines("audit.jsonl")
        #expect(written.count == 4)
        #expect(written[0].replacing("\"cached\":false,", with: "") == line)
        #expect(written[3] == "")
    }

    /// As logrotate does it by default.
    @Test func fileThatWasRenamedIsFollowedByANewOne() throws {
        let sink = FileSink(path: path("audit.jsonl"))
        try sink.deliver([record(1)], until: soon)
        try FileManager.default.moveItem(atPath: path("audit.jsonl"), toPath: path("audit.jsonl.1"))
        try sink.deliver([record(2)], until: soon)
        #expect(try lines("audit.jsonl.1").count == 2)
        #expect(try lines("audit.jsonl").count == 2)
    }

    @Test func lineThatACrashToreIsEnded() throws {
        try Data("{\"decision\":\"al".utf8).write(to: URL(fileURLWithPath: path("audit.jsonl")))
        try FileSink(path: path("audit.jsonl")).deliver([record(1)], until: soon)
        let written = try lines("audit.jsonl")
        #expect(written.count == 3)
        #expect(written[1].contains("\"sequence\":1"))
    }

    @Test func fileThatCannotBeWrittenIsAnErrorWithItsName() throws {
        let sink = FileSink(path: path("none/audit.jsonl"))
        let error = #expect(throws: SinkError.self) { try sink.deliver([record(1)], until: soon) }
        #expect(error?.message == "open `\(path("none/audit.jsonl"))`: No such file or directory")
        #expect(error?.isTimeout == false)
    }

    /// What a pipe has taken, nobody can say.
    @Test func pipeIsRefused() throws {
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        let error = #expect(throws: SinkError.self) {
            try FileSink(path: path("pipe")).deliver([record(1)], until: soon)
        }
        #expect(error?.message == "`\(path("pipe"))` is no regular file")
    }

    @Test func syslogMessageIsOfRFC5424() throws {
        let sink = SyslogSink(Shipment.Endpoint(host: "localhost", port: 1))
        let message = String(decoding: sink.message(record(7)), as: UTF8.self)
        let words = message.split(separator: " ", maxSplits: 7).map(String.init)
        #expect(words[0] == "<109>1")
        #expect(words[1] == "2023-11-14T22:13:20.123Z")
        #expect(words[3] == "authorizer")
        #expect(words[5...6] == ["decision", "-"])
        #expect(words[7].hasPrefix("{\"cached\"") && words[7].hasSuffix("}"))
    }

    @Test(arguments: [
        ("127.0.0.1:601", "127.0.0.1:601"), ("[::1]:514", "[::1]:514"), ("siem.example.com:1", "siem.example.com:1"),
    ])
    func endpointIsReadAsItIsWritten(text: String, description: String) throws {
        #expect(try #require(Shipment.Endpoint(text)).description == description)
    }

    @Test(arguments: ["", ":1", "host", "host:", "host:0", "host:65536", "host:-1", "user@host:1", "a/b:1"])
    func whatIsNoEndpointIsRefused(text: String) {
        #expect(Shipment.Endpoint(text) == nil)
    }

    @Test func positionIsReadAsItWasWritten() throws {
        let position = ShippedPosition(directory: directory.path, name: "file")
        #expect(try position.read() == 0)
        for sequence in [1, .max] as [UInt64] {
            try position.write(sequence)
            #expect(try position.read() == sequence)
        }
        for text in ["", "12", "x\n", "-1\n"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path("shipped-file")))
            #expect(throws: JournalError.self) { try position.read() }
        }
    }

    /// The sink fails, comes back, and the service is restarted in between: no record is left out.
    @Test func everyRecordIsShippedWhateverHappensBetween() throws {
        let syncing = Syncing()
        let journal = try Journal(directory: directory.path, bytesPerSegment: 2_000, syncing: syncing)
        let target = path("out/audit.jsonl")
        let committed = Mutex<UInt64>(0)
        var shipper: Shipper?
        for round in 0..<6 {
            if round == 2 {
                try FileManager.default.createDirectory(
                    atPath: path("out"), withIntermediateDirectories: true)
            }
            if round % 2 == 0 {
                shipper?.stop()
                shipper?.awaitEnd()
                shipper = try Shipper(
                    Shipment(.file(target)), directory: directory.path, logger: Logger(label: "test"))
                shipper?.start { committed.withLock { $0 } }
            }
            for number in 0..<20 {
                let head = AuditHead(kind: .decision, policyVersion: 1)
                journal.stage(head, time: 0) { $0.append(text: Array("\(round)-\(number)".utf8)) }
                try journal.commit()
            }
            committed.withLock { $0 = journal.last }
            shipper?.wake()
        }
        shipper?.stop()
        shipper?.awaitEnd()
        #expect(shipper?.shipped == journal.last)
        let sequences = try lines("out/audit.jsonl").dropLast().map { line in
            try JSONDecoder().decode(Numbered.self, from: Data(line.utf8)).sequence
        }
        #expect(sequences == Array(1...journal.last))
        #expect(shipper?.status(last: journal.last).state == "works")
    }

    private struct Numbered: Decodable {
        var sequence: UInt64
    }
}
