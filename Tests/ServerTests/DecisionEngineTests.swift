import Audit
import Catalogue
import Decision
import NIOCore
import Testing
import Wire

@testable import Server

struct DecisionEngineTests {
    @Test func manyQuestionsOfOneUserCostOneEvaluation() throws {
        let bench = try Bench()
        let batch = Array(repeating: Question.read("alice@EXAMPLE.COM"), count: 100)
        var frame = ByteBuffer()
        frame.writeAsk(batch, request: 1)
        let body = try frame.readFrame()!.body
        // Ten connections' frames, in one turn of the loop.
        var out = Outbox()
        for request in 0..<10 as Range<UInt32> {
            try bench.engine.answer(body.readableBytesUInt8Span, request: request, into: &out)
        }
        #expect(out.owed.count == 1_000)
        #expect(bench.engine.cacheStatistics.evaluations == 1)
        #expect(bench.engine.cacheStatistics.hits == 999)
    }

    @Test func answersComeInTheOrderOfTheQuestions() throws {
        let bench = try Bench()
        let (answers, _) = try bench.ask(
            .read("alice@EXAMPLE.COM"), .read("bob@EXAMPLE.COM"), .read("hive"), .read("zoe"), .read("alice", "/x"))
        #expect(answers.map(\.reason) == [.subscribed, .notSubscribed, .ignoredUser, .unmappedUser, .notProtected])
        #expect(answers.map(\.verdict) == [.allow, .deny, .native, .native, .native])
    }

    @Test func deniedReaderIsToldWhyAndWhomToAsk() throws {
        let (answers, _) = try Bench().ask(.read("bob@EXAMPLE.COM"))
        #expect(
            answers[0].message == "you are not subscribed to data source `sales` (not-subscribed); ask the admins")
        #expect(answers[0].dataSource == "sales")
    }

    @Test func changedPoliciesAreInForceForTheNextQuestion() throws {
        let bench = try Bench()
        #expect(try bench.ask(.read("alice@EXAMPLE.COM")).answers[0].verdict == .allow)
        bench.engine.install(Bench.snapshot(version: 2, subscribers: ["bob"]))
        let (answers, _) = try bench.ask(.read("alice@EXAMPLE.COM"), .read("bob@EXAMPLE.COM"))
        #expect(answers.map(\.verdict) == [.deny, .allow])
        #expect(answers.map(\.policyVersion) == [2, 2])
    }

    @Test func traversalThatIsNotAllowedStaysNativeAndSaysWhy() throws {
        let bench = try Bench()
        let (answers, _) = try bench.ask(
            Question(.traverse, principal: "alice@EXAMPLE.COM", path: "/data/sales"),
            Question(.traverse, principal: "bob@EXAMPLE.COM", path: "/data/sales"))
        #expect(answers.map(\.verdict) == [.allow, .native])
        #expect(answers[1].message.contains("not subscribed"))
        #expect(bench.engine.lastRecord == 0)
    }

    @Test func intersectAsksForTheNativeCheckToo() throws {
        let bench = try Bench(settings: Settings(allow: .intersect, catalogue: .none))
        let (answers, _) = try bench.ask(
            .read("alice@EXAMPLE.COM"), .read("bob@EXAMPLE.COM"),
            Question(.traverse, principal: "alice@EXAMPLE.COM", path: "/data/sales"))
        #expect(answers.map(\.nativeToo) == [true, false, false])
        #expect(answers[2].verdict == .native, "HDFS has refused already")
    }

    @Test func catalogueOfACrawlDecidesAtOnce() throws {
        let bench = try Bench(settings: Settings())
        #expect(try bench.ask(.read("alice@EXAMPLE.COM")).answers.map(\.reason) == [.notInCatalogue])
        bench.engine.install(files("/data/sales/f", .readable), of: 1)
        #expect(try bench.ask(.read("alice@EXAMPLE.COM")).answers.map(\.verdict) == [.allow])
        bench.engine.install(files("/data/sales/f", .notReadable), of: 1)
        let (answers, _) = try bench.ask(.read("alice@EXAMPLE.COM"), .read("bob@EXAMPLE.COM"))
        #expect(answers.map(\.reason) == [.notInCatalogue, .notSubscribed])
        bench.engine.install(nil, of: 1)
        #expect(try bench.ask(.read("alice@EXAMPLE.COM")).answers.map(\.reason) == [.notInCatalogue])
    }

    @Test func readOfAFileThatNoCrawlSawIsToldOfOnceForEachDirectory() throws {
        let bench = try Bench(settings: Settings())
        var missed: [String] = []
        bench.engine.onMiss { missed.append("\($0) \(String(decoding: $1, as: UTF8.self))") }
        // A data source that was never crawled waits for its crawl.
        _ = try bench.ask(.read("alice@EXAMPLE.COM", "/data/sales/e/f"))
        #expect(missed == [])
        bench.engine.install(files("/data/sales/secret", .notReadable), of: 1)
        for path in ["/data/sales/e/f", "/data/sales/e/g", "/data/sales/.snapshot/s/h", "/data/sales/secret"] {
            _ = try bench.ask(.read("alice@EXAMPLE.COM", path), .read("bob@EXAMPLE.COM", path))
        }
        #expect(missed == ["1 /data/sales/e/f", "1 /data/sales/h"])
    }

    @Test func fileThatNoCrawlSawIsDecidedByItsPermissionsWhereTheyCanBeHad() throws {
        let bench = try Bench(settings: Settings())
        func ask(_ path: String, _ permissions: [InodePermission]? = nil, by user: String = "alice@EXAMPLE.COM")
            throws -> Answer
        {
            let offers = permissions == nil
            return try bench.ask(
                Question(.read, principal: user, path: path, offersPermissions: offers, permissions: permissions)
            ).answers[0]
        }
        let root = inode(0o755)
        let way = [root, root, root]
        // Never crawled: nobody knows the credential's groups.
        #expect(try !ask("/data/sales/new").wantsPermissions)
        bench.engine.install(files("/data/sales/secret", .notReadable), of: 1)
        #expect(bench.engine.lastRecord == 1)
        #expect(try ask("/data/sales/new").wantsPermissions)
        #expect(bench.engine.lastRecord == 1, "nothing was decided")
        #expect(bench.engine.counters.questions == 1)

        let allowed = try ask("/data/sales/new", way + [inode(0o640, group: "staff")])
        #expect(allowed.verdict == .allow)
        #expect(allowed.reason == .subscribedUncrawled)
        #expect(bench.engine.lastRecord == 2)
        #expect(try ask("/data/sales/new", way + [inode(0o600, group: "staff")]).reason == .notInCatalogue)
        #expect(try ask("/data/sales/new", [root, inode(0o700), root, inode(0o644)]).reason == .notInCatalogue)
        #expect(try ask("/data/sales/.snapshot/s/new", way + [root, inode(0o644)]).reason == .subscribedUncrawled)
        // Fewer than the path has.
        #expect(try ask("/data/sales/new", [root, root, inode(0o644)]).reason == .notInCatalogue)
        // What a crawl has seen stands, and so do the rules before.
        #expect(try ask("/data/sales/secret", way + [inode(0o644)]).reason == .notInCatalogue)
        #expect(try !ask("/data/sales/secret").wantsPermissions)
        #expect(try ask("/data/sales/new", way + [inode(0o644)], by: "bob@EXAMPLE.COM").reason == .notSubscribed)
        #expect(try !ask("/data/sales/new", by: "bob@EXAMPLE.COM").wantsPermissions)
    }

    private func inode(_ mode: UInt16, group: String = "root") -> InodePermission {
        InodePermission(owner: Array("root".utf8), group: Array(group.utf8), mode: mode)
    }

    private func files(_ path: String, _ state: FileState) -> DataSourceFiles {
        let bytes = Array(path.utf8)
        return DataSourceFiles(
            FileTable([FileTable.Item(path: bytes.span, state: state, modificationTime: 0)]),
            credential: Credential(shortName: Array("etl".utf8), groups: [Array("staff".utf8)], isSuperuser: false))
    }

    @Test func uncoveredPathsAndTraversalsLeaveNoRecord() throws {
        let bench = try Bench()
        _ = try bench.ask(
            .read("alice@EXAMPLE.COM", "/x"), Question(.traverse, principal: "alice@EXAMPLE.COM", path: "/data/sales"))
        #expect(bench.engine.lastRecord == 0)
        _ = try bench.ask(.read("hive"), .read("nobody@ELSE"), .read("alice@EXAMPLE.COM", "relative"))
        #expect(bench.engine.lastRecord == 3)
    }

    @Test func malformedFrameIsRefusedBeforeAnyOfItIsAnswered() throws {
        let bench = try Bench()
        var frame = ByteBuffer()
        frame.writeAsk([.read("alice@EXAMPLE.COM"), .read("alice@EXAMPLE.COM")], request: 1)
        var body = try frame.readFrame()!.body
        body.moveWriterIndex(to: body.writerIndex - 1)
        var out = Outbox()
        #expect(throws: WireError.self) { try bench.engine.answer(body.readableBytesUInt8Span, request: 1, into: &out) }
        #expect(out.frames.count == 0)
        #expect(out.owed.isEmpty)
        #expect(bench.engine.counters.questions == 0)
    }

    @Test func readsThatCannotBeRecordedAreDeniedUntilTheyCan() throws {
        let bench = try Bench()
        bench.file.fill(true)
        let (answers, mayLeave) = try bench.ask(.read("alice@EXAMPLE.COM"), .read("alice@EXAMPLE.COM", "/x"))
        #expect(!mayLeave)
        #expect(answers.map(\.verdict) == [.deny, .native])
        #expect(answers[0].reason == .auditUnavailable)
        #expect(bench.engine.auditFailure?.code != nil)
        #expect(try bench.ask(.read("alice@EXAMPLE.COM", "/x")).mayLeave)
        #expect(bench.engine.auditFailure != nil, "an answer that owes no record says nothing about the disk")

        bench.file.fill(false)
        #expect(try bench.ask(.read("alice@EXAMPLE.COM")).answers[0].verdict == .allow)
        #expect(bench.engine.auditFailure == nil)
        #expect(bench.engine.lastRecord == 1)
    }

    @Test func answersThatWereNotRecordedAreToldOnceRecordsAreWrittenAgain() throws {
        let bench = try Bench()
        bench.file.fill(true)
        for _ in 0..<3 where try !bench.ask(.read("alice@EXAMPLE.COM")).mayLeave { bench.engine.countUnrecorded(1) }
        bench.file.fill(false)
        for _ in 0..<2 {
            _ = try bench.ask(.read("alice@EXAMPLE.COM"))
            bench.engine.stageResumption()
        }
        #expect(bench.engine.commit())
        #expect(bench.engine.lastRecord == 3, "two answers, and one record of the three that were not recorded")
        #expect(bench.engine.counters.auditUnavailable == 3)
    }

    @Test func readsThatCannotBeRecordedGoOnWhereTheAdministratorSaysSo() throws {
        let bench = try Bench(auditFailureMode: .allow)
        bench.file.fill(true)
        let (answers, mayLeave) = try bench.ask(.read("alice@EXAMPLE.COM"))
        #expect(mayLeave)
        #expect(answers[0].verdict == .allow)
    }

    private let peer = Peer(processID: 1, userID: 0, groupIDs: [0])

    /// The body of a report by reporter 7.
    private func report(first: UInt64, count: UInt16, notKept: UInt64 = 0) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(UInt64(7), first, notKept, count)
        for _ in 0..<count {
            body.writeMultipleIntegers(
                UInt64(1_000), Verdict.deny.rawValue, Reason.unavailable.rawValue, FailureMode.deny.rawValue)
            body.writeQuestion(.read("alice@EXAMPLE.COM"))
        }
        return body
    }

    @Test(arguments: [0, 1, 1_000] as [UInt64])
    func firstReportOfAReporterIsRecordedWhateverItsNumbersBeginWith(first: UInt64) throws {
        let bench = try Bench()
        try bench.engine.stageReport(report(first: first, count: 2), from: peer)
        #expect(bench.engine.commit())
        #expect(bench.engine.lastRecord == 2)
    }

    @Test func whatWasNotKeptIsRecordedOnceHoweverOftenItIsSent() throws {
        let bench = try Bench()
        // With events, alone, and alone again with the same number of those not kept.
        for body in [report(first: 0, count: 2, notKept: 3), report(first: 2, count: 0, notKept: 3)] {
            for _ in 0..<2 {
                try bench.engine.stageReport(body, from: peer)
                _ = bench.engine.commit()
            }
        }
        try bench.engine.stageReport(report(first: 3, count: 0, notKept: 3), from: peer)
        _ = bench.engine.commit()
        #expect(bench.engine.counters.notKept == 9)
        #expect(bench.engine.lastRecord == 5)
    }

    @Test func eventsOfAReportAreRecordedOnceHoweverOftenTheyAreSent() throws {
        let bench = try Bench(reporters: [7: 2])
        try bench.engine.stageReport(report(first: 1, count: 4), from: peer)
        #expect(bench.engine.commit())
        #expect(bench.engine.lastRecord == 2, "events 1 and 2 were in the journal already")
        try bench.engine.stageReport(report(first: 3, count: 3, notKept: 9), from: peer)
        #expect(bench.engine.commit())
        #expect(bench.engine.lastRecord == 4, "event 5, and a record of what was not kept")
        #expect(bench.engine.counters.notKept == 9)
    }
}
