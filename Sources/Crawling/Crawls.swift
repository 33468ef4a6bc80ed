import Catalogue
import Foundation
import Logging
import Wording

/// All crawls of a service: what waits, what runs, what is due, and what came of them.
///
/// The catalogue that decisions go by is handed out whole whenever a crawl was applied: ``Event/catalogue``.
package actor Crawls {
    package struct Options: Sendable {
        /// Where the catalogue lies.
        package var directory: String
        /// `nil` where no crawler is configured: nothing is crawled then.
        package var command: CrawlerCommand?
        package var limits = CrawlLimits()
        package var schedule = CrawlSchedule(interval: 86_400_000)
        /// Most crawls that run at the same time.
        package var mostRunning = 2

        package init(directory: String) {
            self.directory = directory
        }
    }

    /// What others have to know.
    package enum Event: Sendable {
        /// Other files count from now on.
        ///
        /// - Parameters:
        ///   - principal: of the credential that found them.
        ///   - files: `nil` if none count any more.
        case catalogue(dataSource: UInt32, principal: String?, files: DataSourceFiles?)
        /// A crawl is over: done, failed or cancelled.
        case ended(Crawl)
    }

    let options: Options
    let directory: CatalogueDirectory
    let log: CrawlLog
    let tell: @Sendable (Event) -> Void
    let logger: Logger
    var sources: [UInt32: CrawlSource] = [:]
    var states: [UInt32: CrawlLog.Source]
    var files: [UInt32: DataSourceFiles] = [:]
    var queue: CrawlQueue
    var queued: [Int64: Crawl] = [:]
    var running: [Int64: (crawl: Crawl, handle: RunningCrawl)] = [:]
    var missed = MissedDirectories()
    private var timer: Task<Void, Never>?
    private var isStopped = false

    /// Opens the catalogue; what was interrupted waits to go on.
    ///
    /// - Throws: ``CrawlFailure``, `DatabaseError`.
    package init(_ options: Options, logger: Logger, tell: @escaping @Sendable (Event) -> Void) throws {
        self.options = options
        self.logger = logger
        self.tell = tell
        directory = try CatalogueDirectory(options.directory)
        log = try CrawlLog(path: directory.log)
        states = try log.sources()
        queue = CrawlQueue(mostRunning: options.mostRunning)
    }

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    // MARK: Beginning and end

    /// Loads the catalogue of the data sources as they are now, and goes on with what was interrupted.
    ///
    /// - Returns: what decisions go by from the start. ``Event`` tells of all that comes after.
    package func start(_ sources: [CrawlSource]) throws -> CatalogueView {
        for crawl in try log.open() {
            var crawl = crawl
            crawl.state = .queued
            queued[crawl.id] = crawl
            queue.add(.init(id: crawl.id, dataSource: crawl.dataSourceID, scope: crawl.scope, notBefore: 0))
        }
        for source in sources {
            guard let state = states[source.id], state.principal == source.principal, let crawl = state.inForce
            else { continue }
            do {
                let found = try CatalogueFile.load(directory.file(source.id, crawl: crawl))
                files[source.id] = DataSourceFiles(found.table, credential: found.credential)
            } catch {
                logger.error(
                    "the catalogue of a data source cannot be read; it is crawled anew",
                    metadata: ["data-source": "\(source.name)", "error": "\(error)"])
                states[source.id]!.inForce = nil
                states[source.id]!.nextDue = Self.now
                try log.update(states[source.id]!)
            }
        }
        update(sources)
        // Of what was over and still there when the service was killed.
        directory.clean(keeping: kept)
        return CatalogueView(files)
    }

    /// Ends what runs; it goes on with the next start.
    package func stop() {
        isStopped = true
        timer?.cancel()
        for running in running.values { running.handle.cancel() }
    }

    /// The crawls of each data source whose files stay: those in force, and those that are not over.
    private var kept: [UInt32: Set<Int64>] {
        var kept: [UInt32: Set<Int64>] = [:]
        for (id, state) in states { kept[id] = Set([state.inForce].compactMap(\.self)) }
        for crawl in Array(queued.values) + running.values.map(\.crawl) {
            kept[crawl.dataSourceID, default: []].insert(crawl.id)
        }
        return kept
    }

    // MARK: Data sources

    /// Goes by other data sources from now on: new ones are crawled, those that are gone are forgotten.
    package func update(_ newSources: [CrawlSource]) {
        let gone = Set(states.keys).subtracting(newSources.map(\.id))
        for id in gone { forget(id) }
        if !gone.isEmpty { directory.clean(keeping: kept) }
        sources = Dictionary(uniqueKeysWithValues: newSources.map { ($0.id, $0) })
        var changed: [CrawlLog.Source] = []
        var toCrawl: [CrawlSource] = []
        for source in newSources {
            let before = states[source.id]
            if meet(source) { toCrawl.append(source) }
            if let state = states[source.id], state != before { changed.append(state) }
        }
        // At once: of 100,000 each by itself, the disk would have to be waited for 100,000 times.
        keep { try log.update(changed) }
        for source in toCrawl { _ = try? add(source, .whole, .registered, by: nil, joinsRunning: true) }
        wake()
    }

    /// - Returns: whether the data source is to be crawled.
    private func meet(_ source: CrawlSource) -> Bool {
        var state = states[source.id] ?? CrawlLog.Source(id: source.id, principal: source.principal, shape: Data())
        let isNew = states[source.id] == nil
        if state.principal != source.principal {
            // What another credential could read counts for nothing.
            withdraw(source.id)
            if let crawl = state.inForce { CatalogueFile.remove(directory.file(source.id, crawl: crawl)) }
            state = CrawlLog.Source(id: source.id, principal: source.principal, shape: Data())
            files[source.id] = nil
            tell(.catalogue(dataSource: source.id, principal: source.principal, files: nil))
        }
        let health = obstacle(source)
        let isDifferent = isNew || state.shape != source.shape
        if isDifferent, !isNew { withdraw(source.id) }
        state.shape = source.shape
        if health != nil || state.unhealthy == Self.noCredential || state.unhealthy == Self.noCrawler {
            state.unhealthySince = health == nil ? nil : state.unhealthySince ?? Self.now
            state.unhealthy = health
        }
        if isDifferent { state.nextDue = nil }
        states[source.id] = state
        return health == nil && (isDifferent || (state.inForce == nil && state.nextDue == nil))
    }

    static let noCredential =
        "it has no credential: give it `credential: {principal, keytab}` in the policies to have it crawled"
    static let noCrawler = "no crawler is configured: see `crawl` in the service's configuration"

    /// What keeps a data source from being crawled whatever HDFS says.
    func obstacle(_ source: CrawlSource) -> String? {
        if options.command == nil { return Self.noCrawler }
        return source.principal == nil ? Self.noCredential : nil
    }

    private func forget(_ id: UInt32) {
        withdraw(id)
        states[id] = nil
        files[id] = nil
        missed.remove(id)
        keep { try log.remove(source: id) }
        tell(.catalogue(dataSource: id, principal: nil, files: nil))
    }

    /// Ends every crawl of a data source.
    private func withdraw(_ id: UInt32) {
        for crawl in queued.values where crawl.dataSourceID == id { end(crawl, .cancelled) }
        for (crawl, handle) in running.values where crawl.dataSourceID == id { handle.cancel() }
    }

    // MARK: Asking for crawls

    /// - Parameter joinsRunning: whether a crawl that has begun is as good.
    /// - Returns: the crawl that does it: a new one, or one that there was.
    func add(
        _ source: CrawlSource, _ scope: CrawlScope, _ cause: Crawl.Cause, by actor: String?, joinsRunning: Bool
    ) throws -> Crawl {
        if case .joined(let id) = queue.admission(
            dataSource: source.id, scope: scope, joinsRunning: joinsRunning),
            let crawl = self[id], !(running[id]?.handle.isCancelled ?? false)
        {
            queue.hurry(id)
            return crawl
        }
        var crawl = Crawl(
            id: 0, dataSourceID: source.id, dataSource: source.name,
            // On top of nothing, a part would be taken for the whole.
            scope: states[source.id]?.inForce == nil ? .whole : scope,
            cause: cause, requestedBy: actor, state: .queued, queuedAt: Self.now)
        crawl.id = try log.add(crawl)
        queued[crawl.id] = crawl
        queue.add(.init(id: crawl.id, dataSource: source.id, scope: crawl.scope, notBefore: 0))
        logger.info("crawl queued", metadata: crawl.metadata)
        return crawl
    }

    /// Somebody opened a file that the catalogue does not have.
    package func missed(_ path: [UInt8], of dataSource: UInt32) {
        guard let source = sources[dataSource], obstacle(source) == nil else { return }
        let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? 0
        missed.add(Array(path[..<max(slash, 1)]), of: dataSource, now: Self.now)
        wake()
    }

    private func crawlMissed() {
        for (id, directories) in missed.take(now: Self.now) {
            guard let source = sources[id] else { continue }
            let paths = directories.map { String(decoding: $0, as: UTF8.self) }
            let isInside = paths.allSatisfy { path in
                source.directories.contains { CrawlScope.isSame(path, asOrBelow: $0) }
            }
            // The data source is a single file: then that is all of it.
            keep {
                _ = try add(source, isInside ? .directories(paths) : .whole, .miss, by: nil, joinsRunning: false)
            }
        }
    }

    private func crawlDue() {
        let now = Self.now
        for (id, state) in states {
            guard let due = state.nextDue, due <= now, let source = sources[id], obstacle(source) == nil else {
                continue
            }
            states[id]!.nextDue = nil
            keep { _ = try add(source, .whole, .schedule, by: nil, joinsRunning: true) }
        }
    }

    // MARK: Running

    /// Begins what can begin, and comes back when something may be due.
    func wake() {
        guard !isStopped else { return }
        crawlDue()
        crawlMissed()
        while let entry = queue.next(now: Self.now) { begin(entry.id) }
        let times = states.values.compactMap(\.nextDue) + [missed.nextTime, queue.nextStart()].compactMap(\.self)
        timer?.cancel()
        guard let next = times.min() else { return }
        let wait = max(10, next - Self.now)
        timer = Task {
            guard (try? await Task.sleep(for: .milliseconds(wait))) != nil else { return }
            wake()
        }
    }

    private func begin(_ id: Int64) {
        guard var crawl = queued.removeValue(forKey: id) else { return queue.ended(id) }
        guard let source = sources[crawl.dataSourceID], let command = options.command, obstacle(source) == nil else {
            queue.ended(id)
            return end(
                crawl, .failed, CrawlFailure(.crawler, sources[crawl.dataSourceID].flatMap(obstacle) ?? "it is gone"))
        }
        crawl.state = .running
        crawl.startedAt = crawl.startedAt ?? Self.now
        crawl.filesLastTime = states[source.id]?.files
        crawl.millisecondsLastTime = states[source.id]?.milliseconds
        let handle = RunningCrawl()
        running[id] = (crawl, handle)
        // A run that ends with this process has been counted.
        var begun = crawl
        begun.runs += 1
        keep { try log.update(begun) }
        logger.info("crawl begins", metadata: crawl.metadata)
        let worker = CrawlWorker(
            crawl: crawl, source: source, inForce: states[source.id]?.inForce, directory: directory, command: command,
            limits: options.limits, running: handle, logger: logger)
        Thread.detachNewThread {
            let outcome = worker.work()
            Task { await self.ended(id, outcome) }
        }
    }

    private func ended(_ id: Int64, _ outcome: CrawlWorker.Outcome) {
        guard let (begun, handle) = running.removeValue(forKey: id) else { return }
        queue.ended(id)
        var crawl = begun
        handle.describe(&crawl)
        crawl.directoriesToGo = nil
        crawl.pace = nil
        crawl.trouble = nil
        if isStopped {
            // Goes on with the next start of the service.
            crawl.state = .queued
            return keep { try log.update(crawl) }
        }
        switch outcome {
        case .done(let change, let found) where sources[crawl.dataSourceID] != nil && !handle.isCancelled:
            apply(crawl, change, found)
        case .done, .cancelled: end(crawl, .cancelled)
        case .failed(let failure): end(crawl, .failed, failure)
        }
        if states[crawl.dataSourceID] == nil { directory.clean(keeping: kept) }
        wake()
    }

    /// Makes what a crawl found what decisions go by.
    private func apply(_ begun: Crawl, _ change: CatalogueChange?, _ found: FoundFiles) {
        var crawl = begun
        let id = crawl.dataSourceID
        guard var state = states[id] else { return }
        crawl.state = .done
        crawl.endedAt = Self.now
        crawl.change = change
        let before = state.inForce
        state.unhealthy = nil
        state.unhealthySince = nil
        if crawl.scope == .whole {
            state.inForce = crawl.id
            state.crawledAt = crawl.endedAt
            state.milliseconds = crawl.endedAt! - (crawl.startedAt ?? crawl.endedAt!)
            (state.files, state.readable) = (crawl.files, crawl.readable)
            state.failures = 0
            var random = SystemRandomNumberGenerator()
            state.nextDue = options.schedule.next(
                after: Self.now, dataSource: crawl.dataSource, failures: 0, using: &random)
        } else if let change {
            state.files += change.added.count
            state.files -= min(change.gone.count, state.files)
            state.readable = UInt64(max(0, Int64(state.readable) + change.readableMore))
        }
        do {
            try log.update(crawl, state)
        } catch {
            return end(begun, .failed, CrawlFailure(.storage, "\(error)"))
        }
        states[id] = state
        let new =
            crawl.scope == .whole
            ? DataSourceFiles(found.table, credential: found.credential)
            : files[id]?.updated(by: found.table, credential: found.credential)
        files[id] = new
        tell(.catalogue(dataSource: id, principal: state.principal, files: new))
        tell(.ended(crawl))
        if crawl.scope != .whole {
            CatalogueFile.remove(directory.file(id, crawl: crawl.id))
        } else if let before, before != crawl.id {
            CatalogueFile.remove(directory.file(id, crawl: before))
        }
        logger.notice("crawl done", metadata: crawl.metadata.merging(["change": "\(change?.words ?? "")"]) { $1 })
    }

    /// Ends a crawl that leaves the catalogue as it was.
    private func end(_ begun: Crawl, _ state: Crawl.State, _ failure: CrawlFailure? = nil) {
        var crawl = begun
        _ = queue.withdraw(crawl.id)
        queued[crawl.id] = nil
        crawl.state = state
        crawl.endedAt = Self.now
        crawl.failure = failure
        CatalogueFile.remove(directory.file(crawl.dataSourceID, crawl: crawl.id))
        tell(.ended(crawl))
        guard var source = states[crawl.dataSourceID] else { return keep { try log.update(crawl) } }
        if let failure {
            source.failures += 1
            source.unhealthySince = source.unhealthy == nil ? Self.now : source.unhealthySince
            source.unhealthy = failure.message
            logger.error("crawl failed", metadata: crawl.metadata.merging(["error": "\(failure)"]) { $1 })
        } else {
            logger.notice("crawl cancelled", metadata: crawl.metadata)
        }
        if crawl.scope == .whole {
            var random = SystemRandomNumberGenerator()
            source.nextDue = options.schedule.next(
                after: Self.now, dataSource: crawl.dataSource, failures: source.failures, using: &random)
        }
        states[crawl.dataSourceID] = source
        keep { try log.update(crawl, source) }
    }

    /// Cancels a crawl.
    ///
    /// - Returns: whether there was one that was not over.
    func cancelCrawl(_ id: Int64) -> Bool {
        if let crawl = queued[id] {
            end(crawl, .cancelled)
            wake()
            return true
        }
        guard let handle = running[id]?.handle else { return false }
        handle.cancel()
        return true
    }

    /// A crawl that is not over, as it is now.
    subscript(id: Int64) -> Crawl? {
        if let crawl = queued[id] { return crawl }
        guard let (begun, handle) = running[id] else { return nil }
        var crawl = begun
        handle.describe(&crawl)
        return crawl
    }

    /// Does what only serves to be remembered; where that cannot be, the log says so and crawls go on.
    private func keep(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            logger.error("the log of crawls cannot be written", metadata: ["error": "\(error)"])
        }
    }
}

extension Crawl {
    var metadata: Logger.Metadata {
        [
            "crawl": "\(id)", "data-source": "\(dataSource)", "scope": "\(quoted(scope.words))",
            "cause": "\(cause.rawValue)",
            "files": "\(files)", "calls": "\(calls)",
        ]
    }
}
