import Catalogue
import Decision
import Grants
import NIOCore
import Testing

@testable import Wire

/// The values of the golden frames, as `Tests/Golden/wire/README.md` lists them.
private enum Golden {
    static let read = Question(.read, principal: "alice@EXAMPLE.COM", path: "/data/sales/2024/part-0")

    static let offering = Question(
        .read, principal: "alice@EXAMPLE.COM", path: "/data/sales/2024/part-0", offersPermissions: true)

    static let withPermissions = Question(
        .read, principal: "alice@EXAMPLE.COM", path: "/data/f",
        permissions: [
            inode(0o700), inode(0o700),
            inode(0o640, [(.user, "etl", 5), (.group, "", 0), (.group, "staff", 4)]),
        ])

    static let withHandles = Question(
        .read, principal: "alice@EXAMPLE.COM", path: "/data/f",
        callerContext: "SPARK_TASK_app-1_JId_0_SId_0_0_TId_0_0",
        handles: [
            GrantHandle(Array(0..<32).span), GrantHandle(Array((224...255).reversed()).span),
        ])

    private static func inode(
        _ mode: UInt16, _ entries: [(InodePermission.Entry.Kind, String, UInt16)] = []
    ) -> InodePermission {
        InodePermission(
            owner: Array("owner".utf8), group: Array("group".utf8), mode: mode,
            entries: entries.map { .init(kind: $0, name: Array($1.utf8), permission: $2) })
    }

    static let batch = [
        Question(
            .read, principal: "bob", path: "/data/sales/.snapshot/s1/caf\u{E9}", realUser: "etl@EXAMPLE.COM",
            clientAddress: "192.0.2.7", callerContext: "SPARK_TASK_app-1_JId_0_SId_0_0_TId_0_0"),
        Question(.traverse, principal: "carol@EXAMPLE.COM", path: "/data/hr/2024", clientAddress: "2001:db8::7"),
        Question(
            .move, principal: "hive/h1.example.com@EXAMPLE.COM", path: "/data/hr/a", realUser: "oozie@EXAMPLE.COM",
            destination: "/tmp/a", clientAddress: "192.0.2.8", callerContext: "CLI"),
    ]

    static let answers: [(file: String, request: RequestID, [Answer])] = [
        (
            "answers-allow", 7,
            [Answer(.allow, .subscribed, wasCached: true, policyVersion: 42, age: 1_500, dataSource: "sales")]
        ),
        (
            "answers-deny", 7,
            [
                Answer(
                    .deny, .notSubscribed, policyVersion: 42, dataSource: "sales",
                    message: "not subscribed to data source `sales`: ask data-office@example.com")
            ]
        ),
        (
            "answers-wants-permissions", 23,
            [Answer(.native, .notInCatalogue, wantsPermissions: true, policyVersion: 42)]
        ),
        ("answers-native", 7, [Answer(.native, .unmappedUser, policyVersion: 42, dataSource: "sales")]),
        (
            "answers-batch", 8,
            [
                Answer(
                    .allow, .subscribed, nativeToo: true, wasCached: true, policyVersion: 42, age: 599_999,
                    dataSource: "sales"),
                Answer(.native, .notSubscribed, policyVersion: 42, dataSource: "hr"),
                Answer(
                    .deny, .leavesCover, policyVersion: 42, dataSource: "hr",
                    message: "`/data/hr/a` may not leave data source `hr`"),
            ]
        ),
    ]

    static let covers: [(file: String, CoverPart)] = [
        (
            "cover-first",
            CoverPart(
                version: 7, isFirst: true, isLast: false,
                entries: [
                    .directory(id: 1, path: Array("/data/sales".utf8)), .directory(id: 2, path: Array("/data/hr".utf8)),
                    .directory(id: 2, path: Array("/warehouse/hr.db/people".utf8)),
                ])
        ),
        (
            "cover-last",
            CoverPart(
                version: 7, isFirst: false, isLast: true,
                entries: [
                    .directory(id: 3, path: Array("/data/sales/2024/part-9".utf8)), .ignoredUser("hdfs"),
                    .ignoredUser("backup/nn1.example.com@EXAMPLE.COM"), .contact("data-office@example.com"),
                ])
        ),
        ("cover-empty", CoverPart(version: 8, isFirst: true, isLast: true, entries: [])),
    ]
}

@Suite("Golden frames")
struct GoldenFrameTests {
    @Test func hello() throws {
        let hello = Hello(clientName: "namenode/1")
        #expect(written { $0.writeHello(hello, request: 1) } == (try golden("hello")))
        var body = try body("hello", .hello, request: 1)
        #expect(try body.readHello() == hello)
        #expect(try hello.commonVersion() == 1)
    }

    @Test func helloOfVersion99FindsNoCommonVersion() throws {
        let hello = Hello(lowestVersion: 99, highestVersion: 99, clientName: "namenode/99")
        #expect(written { $0.writeHello(hello, request: 1) } == (try golden("hello-version-99")))
        var body = try body("hello-version-99", .hello, request: 1)
        #expect(try body.readHello() == hello)
        #expect(code(of: hello.commonVersion) == .versionNotSupported)
    }

    @Test func welcome() throws {
        let welcome = Welcome(roles: [.namenode, .spark], policyVersion: 42, service: "authorizer/1.0.0")
        #expect(written { $0.writeWelcome(welcome, request: 1) } == (try golden("welcome")))
        var body = try body("welcome", .welcome, request: 1)
        #expect(body.readWelcome() == welcome)
        #expect(welcome.roles.words == ["namenode", "spark"])
    }

    @Test(arguments: [
        (
            "error-version", 1,
            WireError(.versionNotSupported, "version 99 is not supported: this service understands version 1")
        ),
        ("error-unavailable", 7, WireError(.unavailable, "the policy store cannot be read")),
        ("error-proof", 29, WireError(.proofRefused, "the ticket was not made for this connection")),
    ])
    func error(file: String, request: RequestID, error: WireError) throws {
        #expect(written { $0.writeError(error, for: request) } == (try golden(file)))
        var body = try body(file, .error, request: request)
        #expect(body.readError() == error)
    }

    @Test(arguments: [
        ("ask-read", 7, [Golden.read]), ("ask-batch", 8, Golden.batch), ("ask-offering", 23, [Golden.offering]),
        ("ask-permissions", 24, [Golden.withPermissions]),
        ("ask-handles", 27, [Golden.withHandles]),
    ])
    func ask(file: String, request: RequestID, questions: [Question]) throws {
        #expect(written { $0.writeAsk(questions, request: request) } == (try golden(file)))
        #expect(try body(file, .ask, request: request).questions() == questions)
    }

    @Test func pathThatIsNotUTF8IsReadByItsBytes() throws {
        let body = try body("ask-path-not-utf8", .ask, request: 22)
        var reader = FieldReader(at: 2)
        let question = try reader.readQuestion(body.readableBytesUInt8Span)
        #expect(Array(body.readableBytesView)[question.path] == ArraySlice(Array("/data/".utf8) + [0xFF, 0xFE]))
    }

    @Test(arguments: Golden.answers)
    func answers(file: String, request: RequestID, answers: [Answer]) throws {
        #expect(written { $0.writeAnswers(answers, request: request) } == (try golden(file)))
        var body = try body(file, .answers, request: request)
        #expect(body.readAnswers() == answers)
    }

    @Test func coverIsWrittenInPartsAsTheFirstOfThemShows() throws {
        let entries = Golden.covers[0].1.entries + Golden.covers[1].1.entries
        // The entries of the first part have 63 bytes.
        let parts = written {
            CoverMessage(version: 7, entries: entries, bytesPerFrame: 60).write(into: &$0, request: 2)
        }
        let first = try golden("cover-first")
        #expect(parts.readableBytesView.prefix(first.readableBytes) == first.readableBytesView)
    }

    @Test(arguments: Golden.covers)
    func cover(file: String, part: CoverPart) throws {
        var body = try body(file, .cover, request: 2)
        #expect(body.readCoverPart() == part)
    }

    @Test func emptyCover() throws {
        #expect(
            written { CoverMessage(version: 8, entries: []).write(into: &$0, request: 2) }
                == (try golden("cover-empty")))
    }

    @Test func coverTaken() throws {
        #expect(written { $0.writeCoverTaken(version: 7, request: 0) } == (try golden("cover-taken")))
        var body = try body("cover-taken", .coverTaken, request: 0)
        #expect(body.readInteger(as: UInt64.self) == 7)
        #expect(body.readableBytes == 0)
    }

    @Test(arguments: [
        ("watch", FrameType.watch, 2, [] as [UInt8]), ("report-taken", .reportTaken, 9, []),
        ("ping", .ping, 10, [0xDE, 0xAD, 0xBE, 0xEF]), ("pong", .pong, 10, [0xDE, 0xAD, 0xBE, 0xEF]),
    ])
    func frameOfPlainBytes(file: String, type: FrameType, request: RequestID, bytes: [UInt8]) throws {
        #expect(written { $0.writeFrame(type, request) { $0.writeBytes(bytes) } } == (try golden(file)))
        #expect(try body(file, type, request: request) == ByteBuffer(bytes: bytes))
    }

    @Test func commandInOnePieceIsTheLastPiece() throws {
        let json = #"{"command":"status"}"#
        #expect(written { $0.writeCommand(Array(json.utf8), request: 11) } == (try golden("command")))
    }

    @Test(arguments: [
        ("command", FrameType.command, 11, 0, #"{"command":"status"}"#),
        ("command-first", .command, 12, 1, #"{"command":"#),
        ("command-last", .command, 12, 0, #""status"}"#),
        ("result", .result, 11, ResultKind.last.rawValue, #"{"running":true}"#),
        ("result-piece", .result, 12, ResultKind.piece.rawValue, #"{"running":"#),
        ("result-item", .result, 13, ResultKind.item.rawValue, #"{"event":1}"#),
    ])
    func pieceOfJSON(file: String, type: FrameType, request: RequestID, mark: UInt8, json: String) throws {
        var body = try body(file, type, request: request)
        #expect(body.readInteger(as: UInt8.self) == mark)
        #expect(body.readString(length: body.readableBytes) == json)
    }

    @Test func resultsAreMarkedAsTheyAre() throws {
        var pieces = ResultPieces(Array(#"{"running":true}"#.utf8), request: 11)
        var isFollowed = true
        let whole = written { isFollowed = pieces.writeNext(into: &$0) }
        #expect(!isFollowed)
        #expect(whole == (try golden("result")))
        let item = written { $0.writeResultItem(Array(#"{"event":1}"#.utf8), request: 13) }
        #expect(item == (try golden("result-item")))
    }

    @Test func largeResultGoesInPieces() throws {
        let json = [UInt8]((0..<1_200_000).map { UInt8(truncatingIfNeeded: $0) })
        var pieces = ResultPieces(json, request: 3)
        var received: [UInt8] = []
        var kinds: [UInt8] = []
        var more = true
        while more {
            var bytes = ByteBuffer()
            more = pieces.writeNext(into: &bytes)
            let read = try bytes.readFrame()
            var body = try #require(read).body
            let kind = body.readInteger(as: UInt8.self)
            kinds.append(try #require(kind))
            received += body.readableBytesView
        }
        #expect(received == json)
        #expect(kinds == [1, 1, 2])
    }

    @Test func proof() throws {
        let challenge = [UInt8](0..<32)
        let token: [UInt8] = [0x60, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02]
        let proven = Proven(end: 1_700_000_000_123, principal: "alice@EXAMPLE.COM", reply: [0x6F, 0x82])
        #expect(written { $0.writeProve(request: 29) } == (try golden("prove")))
        #expect(try body("prove", .prove, request: 29).readableBytes == 0)
        #expect(written { $0.writeChallenge(challenge, request: 29) } == (try golden("challenge")))
        var body = try body("challenge", .challenge, request: 29)
        #expect(body.readChallenge() == challenge)
        #expect(written { $0.writeTicket(token, request: 29) } == (try golden("ticket")))
        body = try self.body("ticket", .ticket, request: 29)
        #expect(try body.readTicket() == token)
        #expect(written { $0.writeProven(proven, request: 29) } == (try golden("proven")))
        body = try self.body("proven", .proven, request: 29)
        #expect(body.readProven() == proven)
    }

    @Test func ticketHasABound() {
        for count in [0, WireLimits.longestTicket + 1] {
            var body = ByteBuffer(repeating: 0x60, count: count)
            #expect(code { () throws(WireError) in try body.readTicket() } == .malformedBody)
        }
        var body = ByteBuffer(repeating: 0x60, count: WireLimits.longestTicket)
        #expect(throws: Never.self) { try body.readTicket() }
    }

    @Test func report() throws {
        let (head, events) = try body("report", .report, request: 9).report()
        #expect(head == ReportHead(reporter: 0x0123_4567_89AB_CDEF, first: 1_000, notKept: 5, count: 3))
        #expect(events.map(\.0.time) == [1_700_000_000_123, 1_700_000_000_456, 1_700_000_000_789])
        #expect(events.map(\.0.verdict) == [.deny, .allow, .native])
        #expect(events.map(\.0.reason) == [.unavailable, .subscribed, .superuser])
        #expect(events.map(\.0.mode) == [.deny, .stale, nil])
        #expect(
            events.map(\.1) == [
                Question(
                    .read, principal: "alice@EXAMPLE.COM", path: "/data/sales/2024/part-0", clientAddress: "192.0.2.7"),
                Question(.read, principal: "bob", path: "/data/sales/2024/part-1", realUser: "etl@EXAMPLE.COM"),
                Question(.read, principal: "hdfs", path: "/data/sales/2024/part-0"),
            ])
    }

    /// The body of a golden frame, once its head is as expected and nothing follows it.
    private func body(_ file: String, _ type: FrameType, request: RequestID) throws -> ByteBuffer {
        var bytes = try golden(file)
        let frame = try #require(try bytes.readFrame())
        #expect(bytes.readableBytes == 0)
        #expect(frame.known == type)
        #expect(frame.request == request)
        return frame.body
    }
}
