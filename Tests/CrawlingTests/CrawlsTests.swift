import Catalogue
import Foundation
import Logging
import Testing

@testable import Crawling

/// What a service finds when it starts again.
struct CrawlsTests {
    private let directory: TemporaryDirectory
    private let catalogue: CatalogueDirectory

    init() throws {
        directory = try TemporaryDirectory()
        catalogue = try CatalogueDirectory(directory.file("catalogue"))
    }

    @Test("A data source that is gone takes no other's catalogue with it")
    func goneDataSource() async throws {
        let log = try CrawlLog(path: catalogue.log)
        for source in [Self.source(1), Self.source(2)] {
            try stage(["/d": ["f": TreeFile()]], from: "/d", in: file(source, crawl: Int64(source.id)), crawl: 1)
            try log.update([state(of: source, inForce: Int64(source.id))])
        }
        let crawls = try crawls()
        let view = try await crawls.start([Self.source(2)])
        #expect(view.dataSources.keys.sorted() == [2])
        #expect(!FileManager.default.fileExists(atPath: catalogue.file(1, crawl: 1)))
        #expect(try CatalogueFile.load(catalogue.file(2, crawl: 2)).table.count == 1)
    }

    @Test("What an interrupted crawl has found stays for it to go on")
    func interruptedCrawl() async throws {
        let source = Self.source(1)
        let log = try CrawlLog(path: catalogue.log)
        try log.update([state(of: source, inForce: nil)])
        let id = try log.add(
            Crawl(
                id: 0, dataSourceID: 1, dataSource: source.name, scope: .whole, cause: .command, state: .running,
                queuedAt: 1))
        try stageInterrupted(file(source, crawl: id), crawl: id)
        let before = try inode(catalogue.file(1, crawl: id))
        let crawls = try crawls(crawler: "#!/bin/sh\nexec cat > /dev/null\n")
        _ = try await crawls.start([source])
        #expect(await crawls[id]?.state == .running)
        #expect(try inode(catalogue.file(1, crawl: id)) == before)
        await crawls.stop()
        while await crawls[id] != nil { await Task.yield() }
        let staged = try StagedCrawl(
            path: catalogue.file(1, crawl: id), crawl: id, plan: CrawlPlan(roots: [], descends: true, excluded: []))
        #expect(try staged.waiting() == ["/d/below"])
    }

    @Test("A catalogue that was taken away is made anew")
    func lostCatalogue() async throws {
        let source = Self.source(1)
        try CrawlLog(path: catalogue.log).update([state(of: source, inForce: 7)])
        let crawls = try crawls(crawler: "#!/bin/sh\nexec cat > /dev/null\n")
        #expect(try await crawls.start([source]).dataSources.isEmpty)
        #expect(await crawls.queue.running.map(\.scope) == [.whole])
        await crawls.stop()
    }

    @Test("A data source is crawled when it is new, and then again and again by the schedule")
    func schedule() async throws {
        var records = RecordBytes()
        records.add(["/d": ["f": TreeFile()]], from: "/d")
        records.addEnd()
        try Data(records.bytes).write(to: URL(fileURLWithPath: directory.file("records")))
        let (ended, tell) = AsyncStream.makeStream(of: Crawl.self)
        // It begins once it has been told what to do.
        let crawler = "#!/bin/sh\nhead -c 4 > /dev/null\nexec cat \"$(dirname \"$0\")/records\"\n"
        let crawls = try crawls(crawler: crawler, interval: 50) { event in
            if case .ended(let crawl) = event { tell.yield(crawl) }
        }
        _ = try await crawls.start([Self.source(1)])
        var seen: [Crawl] = []
        for await crawl in ended {
            seen.append(crawl)
            if seen.count == 3 { break }
        }
        await crawls.stop()
        #expect(seen.map(\.cause) == [.registered, .schedule, .schedule])
        #expect(seen.allSatisfy { $0.state == .done && $0.files == 1 }, "\(seen)")
    }

    // MARK: Fixtures

    private static func source(_ id: UInt32) -> CrawlSource {
        CrawlSource(
            id: id, name: "s\(id)", directories: ["/d"], principal: "etl", keytab: nil, excluded: [],
            sharesDirectories: false)
    }

    private func state(of source: CrawlSource, inForce: Int64?) -> CrawlLog.Source {
        CrawlLog.Source(id: source.id, principal: source.principal, shape: source.shape, inForce: inForce)
    }

    /// The path of a crawl's file, in a directory that is there.
    private func file(_ source: CrawlSource, crawl: Int64) throws -> String {
        try catalogue.prepare(source.id)
        return catalogue.file(source.id, crawl: crawl)
    }

    private func stageInterrupted(_ path: String, crawl: Int64) throws {
        let staged = try StagedCrawl(
            path: path, crawl: crawl, plan: CrawlPlan(roots: [Array("/d".utf8)], descends: true, excluded: []))
        try staged.begin(at: ["/d"])
        var records = RecordBytes()
        records.add(["/d": ["f": TreeFile()], "/d/below": [:]], from: "/d", descends: false)
        try staged.take(records)
        #expect(try staged.waiting() == ["/d/below"])
        try staged.close()
    }

    /// - Parameter interval: of the schedule, in milliseconds.
    private func crawls(
        crawler: String? = nil, interval: Int64 = 86_400_000,
        tell: @escaping @Sendable (Crawls.Event) -> Void = { _ in }
    ) throws -> Crawls {
        var options = Crawls.Options(directory: catalogue.path)
        options.schedule = CrawlSchedule(interval: interval)
        if let crawler {
            let program = directory.file("crawler")
            try crawler.write(toFile: program, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
            options.command = CrawlerCommand(java: program, jar: "", classPath: "")
        }
        return try Crawls(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, tell: tell)
    }

    private func inode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
    }
}
