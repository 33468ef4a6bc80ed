import Catalogue
import Testing

@testable import Crawling

@Suite struct StagedCrawlTests {
    let directory: TemporaryDirectory
    let plan = CrawlPlan(roots: [Array("/d".utf8)], descends: true, excluded: [Array("/d/other".utf8)])

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func crawlThatWasCutOffGoesOnWithWhatWasNotListed() throws {
        var staged = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        #expect(try staged.waiting() == nil)
        try staged.begin(at: ["/d"])
        var records = RecordBytes()
        records.add(["/d": ["a": TreeFile()], "/d/e": [:], "/d/f": [:]], from: "/d", descends: false)
        records.begin("/d/e")
        records.add("half", TreeFile())
        try staged.take(records)
        #expect(!staged.isComplete)
        try staged.close()

        staged = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        #expect(try staged.waiting() == ["/d/e", "/d/f"])
        records = RecordBytes()
        records.add(["/d/e": ["b": TreeFile()]], from: "/d/e")
        records.add(["/d/f": ["c": TreeFile()]], from: "/d/f")
        records.addEnd()
        try staged.take(records)
        #expect(staged.isComplete)
        #expect(try staged.waiting() == [])
        try staged.close()
        let tree: Tree = [
            "/d": ["a": TreeFile()], "/d/e": ["b": TreeFile(), "half": TreeFile()], "/d/f": ["c": TreeFile()],
        ]
        #expect(
            try states(directory.file("1"), of: tree) == [
                "/d/a": .readable, "/d/e/b": .readable, "/d/f/c": .readable,
            ])
    }

    @Test func directoryThatIsListedAgainCountsAsListedLast() throws {
        let staged = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        var records = RecordBytes()
        records.begin("/d")
        records.add("old", TreeFile())
        records.begin("/d")
        records.add("new", TreeFile())
        records.end()
        try staged.take(records)
        #expect(staged.counts.files == 1)
        try staged.close()
        #expect(
            try states(directory.file("1"), of: ["/d": ["old": TreeFile(), "new": TreeFile()]]) == ["/d/new": .readable]
        )
    }

    @Test func directoryThatWasInterruptedCountsWhenItIsListedWhole() throws {
        let first = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        var records = RecordBytes()
        records.begin("/d")
        records.add("a", TreeFile())
        try first.begin(at: ["/d"])
        try first.take(records)
        try first.close()
        let second = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        #expect(second.counts == StagedCrawl.Counts())
        #expect(try second.waiting() == ["/d"])
        records.end()
        try second.take(records)
        #expect(second.counts.files == 1)
    }

    @Test func otherDataSourcesAreLeftOut() throws {
        let staged = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        var records = RecordBytes()
        records.add(["/d": [:], "/d/other": [:], "/d/others": [:]], from: "/d", descends: false)
        try staged.take(records)
        #expect(try staged.waiting() == ["/d/others"])
    }

    @Test func failureOfTheCrawlerIsThrownAndWhatWasFoundIsKept() throws {
        let staged = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        try staged.begin(at: ["/d"])
        var records = RecordBytes()
        records.add(["/d": [:], "/d/e": [:]], from: "/d", descends: false)
        records.add(10, [1] + records.text("Client not found in Kerberos database (6)"))
        let failure = #expect(throws: CrawlFailure.self) { try staged.take(records) }
        #expect(failure == CrawlFailure(.login, "Client not found in Kerberos database (6)"))
        #expect(try staged.waiting() == ["/d/e"])
    }

    @Test func manyFilesInOneDirectoryAreKept() throws {
        let staged = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        var records = RecordBytes()
        records.begin("/d")
        for number in 0..<120_000 { records.add("part-\(number)", TreeFile()) }
        records.end()
        records.addEnd()
        try staged.take(records)
        #expect(staged.counts.files == 120_000)
        try staged.close()
        #expect(try CatalogueFile.load(directory.file("1")).table.count == 120_000)
    }

    @Test func recordsOutOfTheirOrderAreRefused() throws {
        let staged = try StagedCrawl(path: directory.file("1"), crawl: 1, plan: plan)
        var records = RecordBytes()
        records.end()
        #expect(throws: CrawlFailure.self) { try staged.take(records) }
    }
}
