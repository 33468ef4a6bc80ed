import Catalogue
import Foundation
import GRDB
import Logging
import Synchronization

/// What others may see of a crawl while it runs, and how they end it.
final class RunningCrawl: Sendable {
    private struct State {
        var counts = StagedCrawl.Counts()
        var progress: CrawlerProgress?
        var runs = 0
        var interruption: String?
        /// Calls to the NameNode in the runs before this one.
        var callsBefore: UInt64 = 0
        var isCancelled = false
        var run: CrawlRun?
    }

    private let state = Mutex(State())

    /// Ends the crawl soon.
    func cancel() {
        let run = state.withLock { state in
            state.isCancelled = true
            return state.run
        }
        run?.cancel()
    }

    var isCancelled: Bool { state.withLock(\.isCancelled) }

    /// Enters what is known by now.
    func describe(_ crawl: inout Crawl) {
        let state = state.withLock { $0 }
        crawl.enter(state.counts)
        crawl.runs += state.runs
        crawl.interruption = state.interruption ?? crawl.interruption
        crawl.calls += state.callsBefore + (state.progress?.calls ?? 0)
        crawl.directoriesToGo = state.progress.map { UInt64($0.directoriesToGo) }
        crawl.pace = state.progress.map { UInt64($0.pace) }
        crawl.trouble = state.progress.flatMap { $0.trouble.isEmpty ? nil : $0.trouble }
    }

    fileprivate func begins(_ run: CrawlRun) {
        let isCancelled = state.withLock { state in
            state.run = run
            state.runs += 1
            state.callsBefore += state.progress?.calls ?? 0
            state.progress = nil
            return state.isCancelled
        }
        if isCancelled { run.cancel() }
    }

    fileprivate func ends() { state.withLock { $0.run = nil } }

    fileprivate func isInterrupted(by failure: CrawlFailure) {
        state.withLock { $0.interruption = failure.message }
    }

    fileprivate func show(_ counts: StagedCrawl.Counts, _ progress: CrawlerProgress?) {
        state.withLock { state in
            state.counts = counts
            if let progress { state.progress = progress }
        }
    }
}

/// Carries out one crawl on a thread of its own: runs the crawler, and makes what it found the catalogue.
struct CrawlWorker: Sendable {
    enum Outcome: Sendable {
        /// - Parameters:
        ///   - change: `nil` if it had been applied before, by a service that was killed right after.
        ///   - files: of the whole data source, or of the part that was crawled.
        case done(CatalogueChange?, files: FoundFiles)
        case failed(CrawlFailure)
        case cancelled
    }

    /// How often the crawler is started anew where it ended without a word.
    private static let mostRuns = 3

    let crawl: Crawl
    let source: CrawlSource
    let inForce: Int64?
    let directory: CatalogueDirectory
    let command: CrawlerCommand
    let limits: CrawlLimits
    let running: RunningCrawl
    let logger: Logger

    private var staged: String { directory.file(source.id, crawl: crawl.id) }

    func work() -> Outcome {
        do {
            try directory.prepare(source.id)
            try find()
            if running.isCancelled { return .cancelled }
            return try apply()
        } catch {
            if running.isCancelled { return .cancelled }
            return .failed(Self.failure(error))
        }
    }

    private func find() throws {
        for run in 1... {
            do {
                return try findRest()
            } catch let failure as CrawlFailure where failure.kind == .crawler && run < Self.mostRuns {
                if running.isCancelled { throw failure }
                running.isInterrupted(by: failure)
                logger.warning(
                    "crawler ended early, and is started again",
                    metadata: crawl.metadata.merging(["error": "\(failure)"]) { $1 })
            }
        }
    }

    /// One run of the crawler, over what was not listed yet.
    private func findRest() throws {
        let plan = CrawlPlan(
            roots: source.directories.map { Array($0.utf8) }, descends: crawl.scope.descends,
            excluded: Set(source.excluded.map { Array($0.utf8) }))
        let staged = try StagedCrawl(path: staged, crawl: crawl.id, plan: plan)
        defer { try? staged.close() }
        var starts: [String]
        if let waiting = try staged.waiting() {
            starts = waiting
        } else {
            starts = self.starts
            try staged.begin(at: starts)
        }
        running.show(staged.counts, nil)
        guard !starts.isEmpty else { return }
        let run = try CrawlRun(
            crawl, of: source, starts: starts, command: command, limits: limits,
            log: directory.crawlerLog(source.id))
        running.begins(run)
        defer { running.ends() }
        try run.take(into: staged) { running.show($0, $1) }
        running.show(staged.counts, CrawlerProgress(directoriesToGo: 0, calls: staged.calls, pace: 1_000, trouble: ""))
        try refuseSingleFile()
    }

    private var starts: [String] {
        switch crawl.scope {
        case .whole: source.directories
        case .subtree(let path): [path]
        case .directories(let paths): paths
        }
    }

    /// A part of a data source is a directory: the files beside a file would be taken for gone.
    private func refuseSingleFile() throws {
        guard crawl.scope != .whole else { return }
        let queue = try CatalogueFile.open(staged)
        defer { try? queue.close() }
        let isInPart = try queue.read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT * FROM directories WHERE state = ?)",
                arguments: [CatalogueSchema.DirectoryState.inPart.rawValue])
        }
        guard isInPart == true else { return }
        throw CrawlFailure(.crawler, "\(crawl.scope.words) is a file; name its directory")
    }

    private func apply() throws -> Outcome {
        if crawl.scope != .whole, let inForce {
            let applied = try CatalogueApplying.apply(
                staged: staged, scope: crawl.scope, crawl: crawl.id,
                inForce: directory.file(source.id, crawl: inForce))
            return .done(applied?.change, files: applied?.files ?? FoundFiles(table: .empty))
        }
        let older = inForce.map { directory.file(source.id, crawl: $0) }
        // Where somebody took it away, this one is the way back to a catalogue.
        let change = try CatalogueApplying.finish(
            staged: staged, crawl: crawl.id,
            inForce: older.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil })
        return .done(change, files: try CatalogueFile.load(staged))
    }

    private static func failure(_ error: any Error) -> CrawlFailure {
        if let failure = error as? CrawlFailure { return failure }
        if let error = error as? DatabaseError { return CrawlFailure(error, writing: "the catalogue") }
        return CrawlFailure(.storage, "\(error)")
    }
}

extension CrawlFailure {
    /// - Parameter what: the file that could not be written, in words.
    init(_ error: DatabaseError, writing what: String) {
        // A small file that the connections of a database share cannot grow: SQLite calls that an I/O error.
        let isFull = error.resultCode == .SQLITE_FULL || error.extendedResultCode == .SQLITE_IOERR_SHMSIZE
        let advice = isFull ? "; free some space for the catalogue" : ""
        let words = "\(error.message ?? "\(error)") (SQLite's code \(error.extendedResultCode.rawValue))"
        self.init(.storage, "\(what) cannot be written: \(words)\(advice)")
    }
}

extension Crawl {
    mutating func enter(_ counts: StagedCrawl.Counts) {
        files = counts.files
        readable = counts.readable
        directories = counts.directories
        closed = counts.closed
    }
}
